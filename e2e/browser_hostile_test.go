package e2e

import (
	"strings"
	"testing"
)

// What people write is text, wherever it is shown, and does nothing.
func TestBrowserHostileText(t *testing.T) {
	t.Parallel()
	const image = `<img src=x onerror="window.hit = 1">`
	const script = `<script>window.hit = 1</script>`
	mallory := newPerson(t, shared.server, "Mallory")
	name := unique(image)
	mallory.user = newUserAs(t, shared.server, name, addressOf(unique("mallory")))
	mallory.arrives()
	ana := arrive(t, shared.server, "Ana")[0]

	mallory.startsChatWith(ana.user.name)
	mallory.says(image)
	mallory.says(script)
	mallory.says("javascript:window.hit=1 data:text/html,x https://example.org/a?b=c see")
	group := unique(script)
	mallory.makesGroup(group, image, ana.user.name)
	mallory.says(image)

	ana.hasUnread(name, 3)
	ana.hasLine(group, image)
	ana.choosesChat(name)
	ana.hears(image)
	ana.hears(script)
	ana.until("one link, and a safe one", `(() => {
		const links = [...document.querySelectorAll("[role=log] [data-message] a")];
		return links.length === 1 && links[0].href === "https://example.org/a?b=c" && links[0].rel === "noopener noreferrer" && links[0].target === "_blank";
	})()`)
	ana.choosesChat(group)
	ana.hears(image)
	ana.presses("button", "Details")
	ana.seesMembers(ana.user.name, name)
	ana.sees(image)
	ana.closesDialog()
	ana.fills("Find people", name)
	ana.until("Mallory to be found", "eyes.all('[role=option]', "+js(name)+")[0]")
	for _, p := range []*person{ana, mallory} {
		if tells[bool](p.pane, `"hit" in window || document.querySelector("img[src=x], [role=log] script, .app script") !== null`) {
			t.Errorf("%s: what somebody wrote has become a part of the page", p.name)
		}
	}
}

// A word as long as a message may be makes nothing wider, on the smallest phone.
func TestBrowserLongWord(t *testing.T) {
	t.Parallel()
	people := arrive(t, shared.server, "Ana", "Ben")
	ana, ben := people[0], people[1]
	ana.resizes(360, 740)
	word := strings.Repeat("W", 16<<10)
	ben.startsChatWith(ana.user.name)
	ben.says(word)
	ben.drafts(word + "W")
	ben.sees("This is too long for one message.")
	ana.hasLine(ben.user.name, "WWWW")
	ana.fits("the list")
	ana.choosesChat(ben.user.name)
	ana.hears(word)
	ana.fits("the chat")
}
