package e2e

import "testing"

// A personal chat both ways, with all that shows in the list meanwhile.
func TestBrowserPersonalChat(t *testing.T) {
	t.Parallel()
	people := arrive(t, shared.server, "Ana", "Ben", "Cem")
	ana, ben, cem := people[0], people[1], people[2]
	ana.startsChatWith(ben.user.name)
	ana.says("hello Ben")

	ben.hasUnread(ana.user.name, 1)
	ben.hasLine(ana.user.name, "hello Ben")
	ben.until("the number in the title", "document.title === '(1) ExpressChat'")
	ben.choosesChat(ana.user.name)
	ben.hears("hello Ben")
	ben.hasUnread(ana.user.name, 0)
	ben.until("no number in the title", "document.title === 'ExpressChat'")
	ana.hasStatus("hello Ben", "read")
	ben.says("hello Ana")
	ana.hears("hello Ana")
	ben.hasStatus("hello Ana", "read")

	// Who wrote last stands on top, and what one does not look at is counted.
	cem.startsChatWith(ana.user.name)
	cem.says("hello from Cem")
	ana.hasOnTop(cem.user.name)
	cem.says("and again")
	ana.hasUnread(cem.user.name, 2)
	ana.hasLine(cem.user.name, "and again")
	ben.says("Ben again")
	ana.hasOnTop(ben.user.name)
	ana.choosesChat(cem.user.name)
	ana.hasUnread(cem.user.name, 0)
	ana.hasExactly([]string{"hello from Cem", "and again"})

	// Away from the network what one writes waits, and then goes out and is read.
	ana.goesOffline(true)
	ana.isOffline()
	ana.writes("from the tunnel")
	ana.hasStatus("from the tunnel", "pending")
	ben.choosesChat(notesToMyself)
	cem.choosesChat(notesToMyself)
	ana.goesOffline(false)
	ana.hasStatus("from the tunnel", "sent")
	cem.choosesChat(ana.user.name)
	ana.hasStatus("from the tunnel", "read")
}

// One sees who is here and who is about to say something.
func TestBrowserTypingAndPresence(t *testing.T) {
	t.Parallel()
	people := arrive(t, shared.server, "Ana", "Ben")
	ana, ben := people[0], people[1]
	ana.startsChatWith(ben.user.name)
	ana.says("are you there?")
	ana.until("Ben to be online", "eyes.words(document.querySelector('main .about').innerText) === 'online'")
	ben.choosesChat(ana.user.name)
	ben.drafts("I am")
	ana.until("Ben to type", "eyes.words(document.querySelector('main .about').innerText) === 'typing…'")
	ana.choosesChat(notesToMyself)
	ana.hasLine(ben.user.name, "typing…")
	ben.presses("button", "Send")
	ana.hasLine(ben.user.name, "I am")
	ana.choosesChat(ben.user.name)
	away := "eyes.words(document.querySelector('main .about').innerText) === 'offline'"
	// A page that is left is not there, though the browser keeps it to come back to.
	ben.opens("/dev/mailbox")
	ana.until("Ben to be away", away)
	ben.goesBack()
	ben.isOnline()
	ana.until("Ben to be back", "!("+away+")")
}

// Notes are one's own, and in every window.
func TestBrowserNotes(t *testing.T) {
	t.Parallel()
	ana := arrive(t, shared.server, "Ana")[0]
	second := ana.another()
	second.opens("/")
	second.choosesChat(notesToMyself)
	ana.choosesChat(notesToMyself)
	ana.says("buy bread")
	second.hears("buy bread")
	second.says("and butter")
	ana.hasExactly([]string{"buy bread", "and butter"})
	ana.hasLine(notesToMyself, "and butter")
}
