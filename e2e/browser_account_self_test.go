package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// complains waits until a text is said at a field, in the form or the dialog that is open.
func (v *pane) complains(field, text string) {
	v.t.Helper()
	v.until(text, `(() => {
		const field = eyes.all("field", `+js(field)+`)[0];
		return field?.ariaInvalid === "true" && eyes.words(field.closest(".field").innerText).includes(`+js(text)+`);
	})()`)
}

// losesSession says that this window's session ends: what the page asks on the line meanwhile
// may be refused, before it has heard of that.
func (v *pane) losesSession() {
	v.excuse("400 .*/socket.io/")
}

// resetLink is the path in the newest of so many mails, which leads to a new password.
func (p *person) resetLink(mails int) string {
	p.t.Helper()
	mail, err := p.s.awaitLetter(p.t.Context(), p.user.email, mails)
	if err != nil {
		p.t.Fatal(err)
	}
	link, err := url.Parse(regexp.MustCompile(`https?://\S+/reset\?\S+`).FindString(mail.Text))
	if err != nil || link.Path != "/reset" {
		p.t.Fatalf("no link to a new password: %v %s", err, mail.Text)
	}
	return link.RequestURI()
}

// A password is forgotten, in one window while another is still signed in, and a new one set by
// the link in a mail.
func TestBrowserForgottenPassword(t *testing.T) {
	t.Parallel()
	const changed = "something new for " + password
	ana := arrive(t, shared.server, "Ana")[0]
	ana.losesSession()
	second := ana.another()
	second.excuse("400 .*/reset")
	second.opens(resetPath(ana.user.email, "nonsense"))
	second.fills("New password", changed)
	second.presses("button", "Change password")
	second.sees("This link is wrong or expired.")
	second.presses("button", "Send the link")
	second.sees("If there is an account with this address")
	second.sees("Open its mailbox")
	second.sees("Send it again in")

	second.opens(ana.resetLink(2))
	second.has("form#reset")
	second.reloads()
	second.until("the address, and the code nowhere in sight", `(() => {
		const field = eyes.all("field", "Email")[0];
		return field?.value === `+js(ana.user.email)+` && field.readOnly && location.pathname + location.search + location.hash === "/auth#reset" && localStorage.length === 0;
	})()`)
	second.fills("New password", "short")
	second.presses("button", "Change password")
	second.complains("New password", "A password has at least 8 characters.")
	second.fills("New password", changed)
	second.presses("button", "Change password")
	second.sees("Your password is changed, and you were signed out everywhere.")
	ana.isAt("/auth")
	second.logsIn(ana.user.email, password)
	second.complains("Password", "This password is wrong.")
	second.fills("Password", changed)
	second.presses("button", "Sign in")
	second.isAt("/")
	second.isOnline()
}

// resetPath is where a code for a new password leads.
func resetPath(email, code string) string {
	return "/reset?" + url.Values{"email": {email}, "token": {code}}.Encode()
}

// The settings have all that one can do about an account: up to its end, which leaves to others
// what was said to them.
func TestBrowserAccountSettings(t *testing.T) {
	t.Parallel()
	const changed = "something new for " + password
	people := arrive(t, shared.server, "Ana", "Ben")
	ana, ben := people[0], people[1]
	ana.startsChatWith(ben.user.name)
	ana.says("remember me")
	ben.choosesChat(ana.user.name)
	phone := newPerson(t, shared.server, "Ana's phone")
	phone.user = ana.user.signIn(t, shared.server)
	phone.losesSession()
	phone.arrives()

	ana.drafts("and forget this")
	ana.presses("button", "Settings")
	ana.presses("button", "Where you are signed in")
	ana.until("two places, this one first", "document.querySelectorAll('[data-session]').length === 2 && document.querySelector('[data-session]').innerText.includes('This one')")
	ana.presses("[data-session] button", "Sign out")
	phone.isAt("/auth")
	ana.sees("Signed out there.")
	ana.until("one place", "document.querySelectorAll('[data-session]').length === 1")
	ana.seesNo("Sign out everywhere else")
	ana.presses("button", "Close")

	ana.presses("button", "Change password")
	ana.presses("button", "Change password")
	ana.complains("Current password", "Enter your password.")
	ana.fills("New password", changed)
	ana.until("the focus to stay where one writes", "document.activeElement.name === 'password'")
	ana.fills("Current password", "not "+password)
	ana.presses("button", "Change password")
	ana.complains("Current password", "This password is wrong.")
	ana.fills("Current password", password)
	ana.presses("button", "Change password")
	ana.sees("Your password is changed")

	data := tells[obj](ana.pane, `(async () => {
		const link = eyes.all("link", "Download my data")[0];
		const answer = await fetch(link.href);
		return { offered: link.hasAttribute("download"), type: answer.headers.get("Content-Type"), how: answer.headers.get("Content-Disposition"), text: await answer.text() };
	})()`)
	if how, _ := data["how"].(string); data["offered"] != true || data["type"] != "application/json" || !strings.HasPrefix(how, "attachment") ||
		!strings.Contains(fmt.Sprint(data["text"]), ana.user.email) {
		t.Errorf("what there is to download: %.500v", data)
	}
	ana.presses("button", "Delete account")
	ana.fills("Password", changed)
	ana.presses("button", "Delete my account")
	ana.complains("To confirm", "Type the word to confirm.")
	ana.fills("To confirm", "delete")
	ana.losesSession()
	ana.presses("button", "Delete my account")
	ana.isAt("/auth")
	ana.sees("Your account is deleted.")
	if kept := tells[string](ana.pane, "JSON.stringify(localStorage)"); strings.Contains(kept, "forget this") {
		t.Errorf("the browser keeps %s", kept)
	}
	ben.hasOpen("Deleted user")
	ben.hears("remember me")
	ben.sees("Nobody can write in this chat")
	a := restOf(t, shared.server).post("/signup", obj{"name": "Ana", "email": ana.user.email, "password": password})
	if a.status != http.StatusOK {
		t.Errorf("signing up with the address of a deleted account is answered with %d: %s", a.status, a.short())
	}
}
