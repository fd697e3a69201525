package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// What people do in the web client, in their words. A chat goes by the name that it has in
// the list, a message by its text.

// notesToMyself is what one's own chat is called.
const notesToMyself = "Notes to myself"

func (v *pane) isOnline() {
	v.t.Helper()
	v.until("to be online", "document.body.dataset.connection === 'online' && document.querySelector('a[data-chat]')")
}

func (v *pane) isOffline() {
	v.t.Helper()
	v.until("to be offline", "document.body.dataset.connection === 'offline'")
}

// logsIn fills in the form of the sign-in page and sends it.
func (v *pane) logsIn(email, password string) {
	v.t.Helper()
	v.fills("Email", email)
	v.fills("Password", password)
	v.presses("button", "Sign in")
}

// signsUp goes through the sign-up form and the development mailbox, into the chat.
func (p *person) signsUp() {
	p.t.Helper()
	name := unique(p.name)
	p.user = &user{name: name, email: addressOf(name)}
	p.opens("/auth")
	p.presses("link", "Create an account")
	p.fills("Name", p.user.name)
	p.fills("Email", p.user.email)
	p.fills("Password", password)
	p.presses("button", "Sign up")
	p.sees("Look into your mail")
	p.sees("Send it again in")
	p.sees("Open its mailbox")
	p.follows(1)
}

// follows goes by the link in the newest of so many mails, into the chat.
func (p *person) follows(mails int) {
	p.t.Helper()
	mail, err := p.s.awaitLetter(p.t.Context(), p.user.email, mails)
	if err != nil {
		p.t.Fatal(err)
	}
	link, err := mail.link()
	if err != nil {
		p.t.Fatal(err)
	}
	p.opens(link)
	p.sees("Your address is confirmed")
	p.presses("link", "Open the chat")
	p.isAt("/")
	p.isOnline()
}

// signsOut does so in the settings.
func (v *pane) signsOut() {
	v.t.Helper()
	v.losesSession()
	v.presses("button", "Settings")
	v.presses("button", "Sign out")
	v.isAt("/auth")
}

// startsChatWith searches for somebody and picks them.
func (v *pane) startsChatWith(name string) {
	v.t.Helper()
	v.fills("Find people", name)
	v.presses("[role=option]", name)
	v.hasOpen(name)
}

// choosesChat opens a chat of the list.
func (v *pane) choosesChat(name string) {
	v.t.Helper()
	v.presses("a[data-chat]", name)
	v.hasOpen(name)
}

// hasOpen waits until a chat is open and its messages are there.
func (v *pane) hasOpen(name string) {
	v.t.Helper()
	v.until("the open chat "+name, "[...document.querySelectorAll('main h2')].some((h) => eyes.shown(h) && eyes.words(h.innerText) === "+
		js(name)+") && document.querySelector('[role=log]:not([aria-busy=true])')")
}

// writes sends a message.
func (v *pane) writes(text string) {
	v.t.Helper()
	v.drafts(text)
	v.presses("button", "Send")
	v.until("an empty field", "eyes.all('field', 'Message')[0].value === ''")
}

// drafts begins a message.
func (v *pane) drafts(text string) {
	v.t.Helper()
	v.fills("Message", text)
}

// says writes a message and waits until the server has it.
func (v *pane) says(text string) {
	v.t.Helper()
	v.writes(text)
	v.hasStatus(text, "sent", "read")
}

// said finds messages by their text.
func said(text string) string {
	return "eyes.messages().filter((m) => m.querySelector('.content').innerText === " + js(text) + ")"
}

// hears waits until a message of the open chat is there, once.
func (v *pane) hears(text string) {
	v.t.Helper()
	v.until(fmt.Sprintf("the message %.80q", text), said(text)+".length === 1")
}

// hasStatus waits until an own message is in one of these states.
func (v *pane) hasStatus(text string, states ...string) {
	v.t.Helper()
	v.until(fmt.Sprintf("%.80q to be %v", text, states), said(text)+".some((m) => "+js(states)+".includes(m.dataset.status))")
}

// contents are the messages of the open chat that are in the page.
func (v *pane) contents() []string {
	v.t.Helper()
	return tells[[]string](v, "eyes.messages().map((m) => m.querySelector('.content').innerText)")
}

// hasExactly waits until the open chat has these messages, all of them, in this order, and
// none of them is on its way.
func (v *pane) hasExactly(texts []string) {
	v.t.Helper()
	v.until(fmt.Sprintf("exactly %d messages", len(texts)), "JSON.stringify(eyes.messages().map((m) => m.querySelector('.content').innerText)) === "+
		js(js(texts))+" && !document.querySelector('[data-status=pending], [data-status=failed]')")
}

// row is a chat of the list.
func row(name string) string {
	return "eyes.all('a[data-chat]', " + js(name) + ")[0]"
}

// hasUnread waits until so many messages of a chat are unread, by its badge.
func (v *pane) hasUnread(name string, n int) {
	v.t.Helper()
	badge := row(name) + "?.querySelector('.badge [aria-hidden]')"
	if n == 0 {
		v.until("nothing unread of "+name, fmt.Sprintf("%s && !(%s)", row(name), badge))
		return
	}
	v.until(fmt.Sprintf("%d unread of %s", n, name), fmt.Sprintf("%s?.innerText === '%d' && %s.dataset.unread === '%d'", badge, n, row(name), n))
}

// hasLine waits until a chat's line in the list says this.
func (v *pane) hasLine(name, text string) {
	v.t.Helper()
	v.until(fmt.Sprintf("%s in the list to say %q", name, text), "eyes.words("+row(name)+"?.innerText).includes("+js(text)+")")
}

// hasOnTop waits until a chat is the first of the list.
func (v *pane) hasOnTop(name string) {
	v.t.Helper()
	v.until(name+" on top", "eyes.all('a[data-chat]', '')[0] === "+row(name))
}

// makesGroup makes a group through its dialog.
func (v *pane) makesGroup(name, about string, people ...string) {
	v.t.Helper()
	v.presses("button", "New group")
	v.fills("Name", name)
	v.fills("What it is about (optional)", about)
	for _, person := range people {
		v.fills("Add people", person)
		v.presses("[role=option]", person)
		v.has("[aria-label=" + js("Leave "+person+" out") + "]")
	}
	v.presses("button", "Create group")
	v.hasOpen(name)
}

// andIsSure presses a button of the group's details and says yes to the question.
func (v *pane) andIsSure(button, question, answer string) {
	v.t.Helper()
	v.presses("button", button)
	v.sees(question)
	v.presses("button", answer)
}

// seesMembers waits until the details show these people, in any order.
func (v *pane) seesMembers(names ...string) {
	v.t.Helper()
	slices.Sort(names)
	v.until(fmt.Sprintf("the members %q", names),
		"JSON.stringify([...document.querySelectorAll('dialog [data-member] bdi')].map((b) => b.innerText).sort()) === "+js(js(names)))
}

// closesDialog does so by its button.
func (v *pane) closesDialog() {
	v.t.Helper()
	v.presses("button", "Close")
	v.until("no dialog", "!document.querySelector('dialog[open]')")
}

// decode reads what a page answered.
func decode[T any](t testing.TB, answer json.RawMessage) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(answer, &value); err != nil {
		t.Fatalf("the page answers %s: %v", answer, err)
	}
	return value
}
