package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// judge has axe look at what is in the window, and fails the test with what it finds to be
// serious. rules, if there are any, are the only ones that it goes by.
func (v *pane) judge(where string, rules ...string) {
	v.t.Helper()
	source, err := os.ReadFile(filepath.Join("clients", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		v.t.Fatal(err)
	}
	if !tells[bool](v, "'axe' in window") {
		tells[bool](v, "(() => {"+string(source)+"; return true; })()")
	}
	options := obj{"resultTypes": list{"violations"}}
	if len(rules) > 0 {
		options["runOnly"] = rules
	}
	for _, found := range tells[[]string](v, fmt.Sprintf(`axe.run(document, %s).then(({ violations }) => violations
		.filter(({ impact }) => impact === "serious" || impact === "critical")
		.map(({ id, help, nodes }) => id + ": " + help + " " + nodes.map((node) => node.html.slice(0, 150) + " " + node.any.map((a) => a.message).join(" ")).slice(0, 3).join(" | ")))`, js(options))) {
		v.t.Errorf("%s: %s: %s", v.name, where, found)
	}
}

// judgeBoth has axe look in the light and, at the colours alone, in the dark.
func (v *pane) judgeBoth(where string) {
	v.t.Helper()
	v.judge(where)
	v.prefers("dark")
	v.judge(where+" in the dark", "color-contrast")
	v.prefers("light")
}

func TestBrowserAxeFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	ana := newPerson(t, shared.server, "Ana")
	ana.opens("/auth")
	ana.sees("Sign in")
	tells[bool](ana.pane, `(document.body.insertAdjacentHTML("beforeend", "<img src='/static/icon.svg'>"), true)`)
	silent := &quiet{TB: t}
	ana.pane.t = silent
	ana.judge("a picture without words")
	ana.pane.t = t
	if !silent.failed {
		t.Error("axe has nothing against a picture without words")
	}
}

// quiet is a test that may fail.
type quiet struct {
	testing.TB
	failed bool
}

func (q *quiet) Errorf(string, ...any) { q.failed = true }

// No page has anything that keeps somebody out, by the rules of WCAG as axe knows them.
func TestBrowserAxe(t *testing.T) {
	t.Parallel()
	ben := arrive(t, shared.server, "Ben")[0]
	ana := newcomer(t, shared.server, "Ana")
	for _, form := range []string{"sign-in", "sign-up", "mail", "forgot"} {
		ana.opens("/auth#" + form)
		ana.has("form#" + form)
		ana.judgeBoth(form)
	}
	ana.opens("/auth#sign-up")
	ana.presses("button", "Sign up")
	ana.sees("Enter your name.")
	ana.judgeBoth("what is wrong with a sign-up")
	ana.opens(resetPath(ana.user.email, "nonsense"))
	ana.has("form#reset")
	ana.judgeBoth("a new password")
	ana.opens("/dev/mailbox")
	ana.judgeBoth("the mailbox")
	ana.excuse("400 .*/verify")
	ana.opens(verifyPath(ana.user.email, "nonsense", ""))
	ana.judgeBoth("a broken link")
	mail, err := shared.server.awaitLetter(t.Context(), ana.user.email, 1)
	if err != nil {
		t.Fatal(err)
	}
	link, err := mail.link()
	if err != nil {
		t.Fatal(err)
	}
	ana.opens(link)
	ana.sees("Your address is confirmed")
	ana.judgeBoth("a good link")

	ana.arrives()
	ana.judgeBoth("an empty list")
	ben.startsChatWith(ana.user.name)
	ben.says("see https://example.org")
	ana.hasUnread(ben.user.name, 1)
	ana.judgeBoth("an unread chat")
	ana.choosesChat(ben.user.name)
	ana.says("I see")
	ana.hasStatus("I see", "read")
	ana.judgeBoth("a chat")
	ana.makesGroup(unique("Walks"), "Sundays", ben.user.name)
	ana.says("hello all")
	ana.presses("button", "New group")
	ana.fills("Add people", ben.user.name)
	ana.has("[role=option]")
	ana.judgeBoth("a new group")
	ana.closesDialog()
	ana.presses("button", "Details")
	ana.seesMembers(ana.user.name, ben.user.name)
	ana.judgeBoth("a group's details")
	ana.presses("button", "Delete group")
	ana.sees("for everybody?")
	ana.judgeBoth("a question")
	ana.presses("button", "Cancel")
	ana.closesDialog()
	ana.presses("button", "Settings")
	ana.judgeBoth("the settings")
	ana.presses("button", "Change password")
	ana.presses("button", "Change password")
	ana.sees("Enter your password.")
	ana.judgeBoth("a change of the password")
	ana.presses("button", "Close")
	ana.presses("button", "Where you are signed in")
	ana.has("[data-session]")
	ana.judgeBoth("where one is signed in")
	ana.presses("button", "Close")
	ana.presses("button", "Delete account")
	ana.sees("as from a deleted user")
	ana.judgeBoth("the end of an account")
	ana.presses("button", "Close")
	ana.chooses("Language", "ar")
	ana.until("right to left", "document.documentElement.dir === 'rtl'")
	ana.isOnline()
	ana.has("[role=log]")
	ana.judgeBoth("a chat in Arabic")
	ana.resizes(360, 740)
	ana.judge("a chat on a phone")
}
