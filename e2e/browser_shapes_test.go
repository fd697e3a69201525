package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// fits fails the test if something is wider than the window.
func (v *pane) fits(where string) {
	v.t.Helper()
	wide := tells[[]string](v, `[...document.querySelectorAll("*")].filter((e) => eyes.shown(e) && !e.closest(".unseen") &&
		(e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1)).map((e) => e.outerHTML.slice(0, 80)).slice(0, 3)`)
	if len(wide) > 0 {
		v.t.Errorf("%s: %s: wider than the window: %q", v.name, where, wide)
	}
	if tells[bool](v, `[document.scrollingElement, document.body, document.querySelector("[role=log]")].some((e) => e && e.scrollWidth > e.clientWidth)`) {
		v.t.Errorf("%s: %s: one has to scroll sideways", v.name, where)
	}
}

// A phone shows the list or a chat, a desktop both.
func TestBrowserPhoneAndDesktop(t *testing.T) {
	t.Parallel()
	people := arrive(t, shared.server, "Ana", "Ben")
	ana, ben := people[0], people[1]
	ben.startsChatWith(ana.user.name)
	ben.says("are you on the train?")
	ana.resizes(360, 740)
	ana.hasNo("main")
	ana.fits("the list")
	ana.choosesChat(ben.user.name)
	ana.hasNo("nav")
	ana.hears("are you on the train?")
	ana.says("yes")
	ana.fits("a chat")
	ana.presses("link", "Back to the chats")
	ana.has("nav")
	ana.hasNo("main")
	ana.until("the focus on the chat that was left", row(ben.user.name)+" === document.activeElement")
	ana.choosesChat(ben.user.name)
	ana.goesBack()
	ana.has("nav")
	ana.hasNo("main")
	ana.presses("button", "Settings")
	ana.fits("the settings")
	for _, name := range []string{"Change password", "Where you are signed in", "Delete account"} {
		ana.presses("button", name)
		ana.until("the dialog", "eyes.words(document.querySelector('dialog dialog h2')?.innerText) === "+js(name)+" && !document.querySelector('[aria-busy=true]')")
		ana.fits(name)
		ana.presses("button", "Close")
	}
	ana.closesDialog()
	ana.presses("button", "New group")
	ana.fits("a new group")
	ana.closesDialog()

	ana.resizes(1600, 900)
	ana.choosesChat(ben.user.name)
	ana.has("nav")
	ana.has("main")
	ana.fits("a wide window")
}

// tabsTo presses the tab key until the focus is where the expression says.
func (v *pane) tabsTo(what, expression string) {
	v.t.Helper()
	for range 40 {
		if tells[bool](v, "Boolean((() => { const focus = document.activeElement; return "+expression+"; })())") {
			return
		}
		v.types(kb.Tab)
	}
	v.t.Fatalf("%s can't get to %s by the tab key\n%s", v.name, what, v.shows())
}

// No mouse is needed to sign in, to talk, and to use a dialog.
func TestBrowserKeyboard(t *testing.T) {
	t.Parallel()
	ben := arrive(t, shared.server, "Ben")[0]
	ana := newcomer(t, shared.server, "Ana")
	ben.startsChatWith(ana.user.name)
	ben.says("no hands!")
	ana.opens("/auth")
	ana.until("the focus in the first field", "document.activeElement.type === 'email'")
	ana.types(ana.user.email)
	ana.tabsTo("the password", "focus.type === 'password'")
	ana.types(password)
	ana.types(kb.Enter)
	ana.isAt("/")
	ana.isOnline()

	ana.until("the chat", row(ben.user.name))
	ana.tabsTo("the chat", "focus === "+row(ben.user.name))
	ana.types(kb.Enter)
	ana.hasOpen(ben.user.name)
	ana.tabsTo("the field", "focus.matches('textarea')")
	ana.types("neither do I")
	ana.types(kb.Enter)
	ana.hasStatus("neither do I", "sent", "read")
	ben.hears("neither do I")
	ana.types("two")
	ana.types(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierShift))
	ana.types("lines")
	ana.types(kb.Enter)
	ben.hears("two\nlines")

	for _, name := range []string{"New group", "Settings"} {
		button := "eyes.all('button', " + js(name) + ")[0]"
		ana.tabsTo(name, "focus === "+button)
		ana.types(kb.Enter)
		ana.until("the dialog", "document.querySelector('dialog:modal')?.contains(document.activeElement)")
		ana.types(kb.Escape)
		ana.until("the focus back on "+name, "!document.querySelector('dialog') && document.activeElement === "+button)
	}
	ana.types(kb.Enter)
	ana.until("the dialog", "document.querySelector('dialog:modal')?.contains(document.activeElement)")
	ana.tabsTo("changing the password", "eyes.all('button', 'Change password')[0] === focus")
	ana.types(kb.Enter)
	ana.until("the dialog above", "document.querySelector('dialog dialog:modal')?.contains(document.activeElement)")
	ana.types(kb.Escape)
	ana.until("the focus back in the settings", "!document.querySelector('dialog dialog') && document.activeElement.innerText === 'Change password'")
	ana.tabsTo("signing out", "eyes.all('button', 'Sign out')[0] === focus")
	ana.types(kb.Enter)
	ana.isAt("/auth")
}

// What a browser has to load before one can talk is little, and the second time next to
// nothing.
func TestBrowserFirstLoad(t *testing.T) {
	t.Parallel()
	people := arrive(t, shared.server, "Ana", "Ben")
	people[0].startsChatWith(people[1].user.name)
	people[0].says("hello")
	people[0].reloads()
	people[0].hears("hello")
	ben := people[1].another()
	first, addresses := people[1].overTheWire()
	if first > 150_000 || first < 10_000 {
		t.Errorf("the first load takes %.0f bytes: %q", first, addresses)
	}
	ben.opens("/")
	ben.isOnline()
	if again, addresses := ben.overTheWire(); again > 10_000 {
		t.Errorf("the second load takes %.0f bytes: %q", again, addresses)
	}
}
