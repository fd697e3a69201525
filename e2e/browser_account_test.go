package e2e

import "testing"

// Two people sign up, and one of them signs out and in again.
func TestBrowserAccounts(t *testing.T) {
	t.Parallel()
	ana := newPerson(t, shared.server, "Ana")
	ana.signsUp()
	ana.has("a[data-kind=self]")
	ana.signsOut()

	ana.logsIn(ana.user.email, "not "+password)
	ana.until("what is wrong, at the field", `(() => {
		const field = eyes.all("field", "Password")[0];
		const said = document.getElementById(field.getAttribute("aria-describedby").split(" ").at(-1));
		return field.ariaInvalid === "true" && eyes.shown(said) && said.innerText === "This password is wrong.";
	})()`)
	ana.fills("Password", password)
	ana.presses("button", "Sign in")
	ana.isAt("/")
	ana.isOnline()
}

// What is wrong with a sign-up is said in words, at the field it is about.
func TestBrowserSignUpProblems(t *testing.T) {
	t.Parallel()
	ana := newPerson(t, shared.server, "Ana")
	known := newUser(t, shared.server, "Known")
	ana.opens("/auth#sign-up")
	ana.presses("button", "Sign up")
	ana.complains("Name", "Enter your name.")
	ana.complains("Email", "Enter your email address.")
	ana.complains("Password", "Enter your password.")
	ana.fills("Name", "Ana")
	ana.fills("Email", "nobody")
	ana.fills("Password", "short")
	ana.presses("button", "Sign up")
	ana.complains("Email", "This is not an email address.")
	ana.complains("Password", "A password has at least 8 characters.")
	ana.fills("Email", known.email)
	ana.fills("Password", password)
	ana.excuse("404 .*/signup")
	ana.presses("button", "Sign up")
	ana.complains("Email", "There is an account with this address already.")
	ana.presses("link", "Sign in")
	ana.excuse("404 .*/login")
	ana.logsIn("no."+known.email, password)
	ana.complains("Email", "Nobody has signed up with this address.")
}

// Somebody whose address is not confirmed is led to the mail, and a broken link to a new one.
func TestBrowserUnconfirmed(t *testing.T) {
	t.Parallel()
	ana := newPerson(t, shared.server, "Ana")
	name := unique("Ana")
	ana.user = &user{name: name, email: addressOf(name)}
	restOf(t, shared.server).post("/signup", obj{"name": name, "email": ana.user.email, "password": password})
	ana.opens("/auth")
	ana.excuse("404 .*/login", "400 .*/verify")
	ana.logsIn(ana.user.email, password)
	ana.sees("Your address is not confirmed yet.")
	ana.presses("button", "Send it again")
	ana.sees("A new link is on its way.")
	ana.sees("Send it again in")
	ana.opens(verifyPath(ana.user.email, "nonsense", ""))
	ana.sees("This link is wrong or expired")
	ana.follows(2)
}

// Signing out leaves nothing to look at: not by the browser's back, and not in another tab.
func TestBrowserSignOut(t *testing.T) {
	t.Parallel()
	people := arrive(t, shared.server, "Ana", "Ben")
	ana, ben := people[0], people[1]
	second := ana.another()
	second.losesSession()
	second.opens("/")
	second.isOnline()
	ana.startsChatWith(ben.user.name)
	ana.says("for our eyes only")
	second.choosesChat(ben.user.name)
	second.hears("for our eyes only")

	ana.signsOut()
	second.isAt("/auth")
	for _, v := range []*pane{ana.pane, second} {
		// The page asks whether somebody is signed in, and is left before it has its answer.
		v.excuse("WebSocket is closed before the connection is established")
		v.goesOffline(true)
		v.goesBack()
		v.until("the way back", "location.pathname !== '/auth'")
		if tells[bool](v, "eyes.text().includes('for our eyes only')") {
			t.Errorf("%s: the chat can be read after signing out", v.name)
		}
		v.goesOffline(false)
	}
	ana.opens("/auth")
	ana.has("form#sign-in")
	ana.seesNo("for our eyes only")
	ana.opens("/")
	ana.isAt("/auth")
}
