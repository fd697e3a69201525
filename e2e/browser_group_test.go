package e2e

import "testing"

// All that the people in charge of a group do, as those see it to whom it is done.
func TestBrowserGroup(t *testing.T) {
	t.Parallel()
	people := arrive(t, shared.server, "Ana", "Ben", "Cem", "Dan")
	ana, ben, cem, dan := people[0], people[1], people[2], people[3]
	walks := unique("Walks")

	ana.presses("button", "New group")
	ana.presses("button", "Create group")
	ana.sees("Give the group a name.")
	ana.presses("button", "Cancel")
	ana.makesGroup(walks, "Every Sunday at ten", ben.user.name, cem.user.name)
	for _, p := range []*person{ben, cem} {
		p.choosesChat(walks)
	}
	ana.says("who comes along?")
	ben.hears("who comes along?")
	cem.hears("who comes along?")
	ana.hasStatus("who comes along?", "read")
	ben.says("me")
	ana.hears("me")

	ana.presses("button", "Details")
	ana.sees("Every Sunday at ten")
	ana.seesMembers(ana.user.name, ben.user.name, cem.user.name)
	ana.fills("Add people", dan.user.name)
	ana.presses("[role=option]", dan.user.name)
	ana.seesMembers(ana.user.name, ben.user.name, cem.user.name, dan.user.name)
	dan.choosesChat(walks)
	dan.hears("who comes along?")
	ben.sees("added " + dan.user.name)

	ben.presses("button", "Details")
	ben.seesMembers(ana.user.name, ben.user.name, cem.user.name, dan.user.name)
	ben.hasNo("[aria-label^='Remove ']") // a member removes nobody
	ben.closesDialog()

	ana.andIsSure("Remove "+cem.user.name, "from the group?", "Remove")
	ana.seesMembers(ana.user.name, ben.user.name, dan.user.name)
	cem.sees("You were removed from " + walks)
	cem.until("the chat to be gone from the list", "!("+row(walks)+")")
	cem.hasNo("textarea[aria-label=Message]")
	ben.sees("removed " + cem.user.name)

	ana.andIsSure("Make owner: "+ben.user.name, "You will be an ordinary member then.", "Make owner")
	ana.has("[data-member='" + ben.id() + "'][data-role=owner]")
	ana.andIsSure("Leave group", "Only somebody in charge can bring you back.", "Leave group")
	ana.until("the chat to be gone from the list", "!("+row(walks)+")")
	ben.sees(ana.user.name + " left")

	ben.presses("button", "Details")
	ben.seesMembers(ben.user.name, dan.user.name)
	ben.presses("button", "Delete group")
	ben.sees("with all that was said in it, for everybody?")
	ben.presses("button", "Cancel")
	dan.says("still here")
	ben.andIsSure("Delete group", "with all that was said in it, for everybody?", "Delete group")
	for _, p := range []*person{ben, dan} {
		p.until("the chat to be gone from the list", "!("+row(walks)+")")
		p.until("no dialog", "!document.querySelector('dialog[open]')")
	}
	dan.sees(walks + " was deleted.")
}
