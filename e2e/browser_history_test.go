package e2e

import (
	"fmt"
	"testing"
)

// climb goes to the top of what is in the page, and comes to rest when older messages have
// come in above. It tells by how much what was looked at has moved meanwhile.
const climb = `(async () => {
	const log = document.querySelector("[role=log]");
	const topOf = (seq) => log.querySelector('[data-message][data-seq="' + seq + '"]')?.getBoundingClientRect().top;
	log.scrollTop = 0;
	const first = eyes.messages()[0].dataset.seq;
	const top = topOf(first);
	const older = () => eyes.messages()[0].dataset.seq !== first;
	const beginning = () => log.innerText.includes("begins.");
	if (!(await eyes.until(() => older() || beginning(), 20_000))) throw new Error("nothing older came above " + first);
	await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
	return { Moved: older() ? Math.abs(topOf(first) - top) : 0, Most: eyes.messages().length, Beginning: !older() };
})()`

// In a chat of ten thousand messages one gets to the first and back to the newest, and the
// page stays as light as that of any other chat.
func TestBrowserHistory(t *testing.T) {
	t.Parallel()
	const n = 10_000
	w := newWorld(t, "ana ben")
	writer := w.openAs("ana", style{nodeNewest, websocketOnly, inQuery})
	chat := w.personalChat(writer, "ben")
	for _, c := range append(w.of("ben"), w.of("ana")[0]) {
		c.close() // nobody else has to take all of it in
	}
	for i := range n {
		said := obj{"ChatId": chat, "Content": fmt.Sprint("message ", i)}
		if i%500 < 499 {
			writer.tell("send-personal-message", said)
		} else {
			writer.must("send-personal-message", said)
		}
	}
	ben := newPerson(t, shared.server, "Ben")
	ben.user = w.users["ben"]
	ben.arrives()

	ben.until("the number of what is unread", row(w.users["ana"].name)+"?.dataset.unread === '10000'")
	ben.choosesChat(w.users["ana"].name)
	ben.presses("button", "Newest messages") // it begins at what is unread
	ben.hears(fmt.Sprint("message ", n-1))
	most := 0
	for steps := 0; ; steps++ {
		at := tells[struct {
			Moved     float64
			Most      int
			Beginning bool
		}](ben.pane, climb)
		most = max(most, at.Most)
		if at.Moved > 1 {
			t.Fatalf("after %d steps up, what one looks at moved by %.1f pixels", steps, at.Moved)
		}
		if at.Beginning {
			break
		}
		if steps > n {
			t.Fatal("there is no end to it")
		}
	}
	ben.hears("message 0")
	ben.presses("button", "Newest messages")
	ben.hears(fmt.Sprint("message ", n-1))
	if most = max(most, len(ben.contents())); most > 300 {
		t.Errorf("there were %d messages in the page", most)
	}
	writer.must("send-personal-message", obj{"ChatId": chat, "Content": "one more"})
	ben.hears("one more")
}

// What one looks at further up stays where it is while others go on talking, and there is a
// word of it.
func TestBrowserReadingFurtherUp(t *testing.T) {
	t.Parallel()
	people := arrive(t, shared.server, "Ana", "Ben")
	ana, ben := people[0], people[1]
	ana.startsChatWith(ben.user.name)
	for i := range 30 {
		ana.writes(fmt.Sprint("line ", i))
	}
	ben.choosesChat(ana.user.name)
	ben.presses("button", "Newest messages") // it begins at what is unread
	ben.until("all of it to be read", row(ana.user.name)+"?.dataset.unread === '0'")
	tells[bool](ben.pane, `(document.querySelector("[role=log]").scrollTop = 100, true)`)
	ben.has("button[aria-label='Newest messages']")
	place := `eyes.messages()[5].getBoundingClientRect().top`
	before := tells[float64](ben.pane, place)
	ana.says("did you see?")
	ben.until("the number of what came", "document.querySelector('[aria-label=\"Newest messages\"] .badge')?.innerText === '1'")
	if after := tells[float64](ben.pane, place); after < before-1 || after > before+1 {
		t.Errorf("what one looks at went from %.0f to %.0f", before, after)
	}
	ben.presses("button", "Newest messages")
	ben.until("the newest in view", said("did you see?")+"[0]?.getBoundingClientRect().bottom < innerHeight")
}
