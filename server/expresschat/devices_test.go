package expresschat_test

import (
	"encoding/json"
	"testing"
	"time"

	"expresschat/auth"
)

// device is a session as its user sees it.
type device struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Created  time.Time `json:"created"`
	LastUsed time.Time `json:"lastUsed"`
	Current  bool      `json:"current"`
}

// devices lists where somebody is signed in.
func (h *house) devices(p auth.Pair) []device {
	h.Helper()
	got := h.ask(request{method: "GET", path: "/sessions", bearer: p.Access})
	var said struct {
		Sessions []device `json:"sessions"`
	}
	if got.String() != "200:1" || json.Unmarshal([]byte(got.text), &said) != nil {
		h.Fatalf("listed %v: %s", got, got.text)
	}
	return said.Sessions
}

func TestSessionsAreListedAndClosed(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("Ana"), w.person("Ben")
	_, phone, err := w.auth.SignIn(t.Context(), ana.email, "open-sesame")
	w.must(err)
	_, _, err = w.auth.SignInLong(t.Context(), ana.email, "open-sesame")
	w.must(err)
	w.must(w.auth.SignOut(t.Context(), w.signIn(ana)))

	list := w.devices(ana.tokens)
	kinds := map[string]string{}
	for _, s := range list {
		kinds[s.Kind] += s.ID
		if s.Current {
			kinds["current"] += s.ID
		}
		if age := time.Since(s.Created); age > time.Hour || age < -time.Minute || s.LastUsed.Before(s.Created) {
			t.Errorf("session %+v", s)
		}
	}
	here, there := w.sessionOf(ana.tokens), w.sessionOf(phone)
	if len(list) != 3 || kinds["current"] != here || (kinds["pair"] != here+there && kinds["pair"] != there+here) || len(kinds["long"]) != len(here) {
		t.Fatalf("listed %+v", list)
	}

	w.enter("Ana", ana)
	w.enter("Ben", ben)
	tab := w.connect(person{tokens: phone})
	tab.roundtrip()
	w.forget()
	one := request{method: "DELETE", path: "/sessions/" + there}
	one.bearer = ben.tokens.Access
	w.expect("404:0", "by somebody else", one)
	tab.roundtrip()
	one.bearer = ana.tokens.Access
	w.expect("200:1", "by its user", one)
	tab.ended()
	if all := tab.all(); all[len(all)-1].name != "auth-failure" || !tab.sentAway() {
		t.Errorf("the phone was told %v", all)
	}
	w.expect("404:0", "again", one)
	w.expect("401:0", "by the session that was closed", request{method: "GET", path: "/sessions", bearer: phone.Access})
	if list := w.devices(ana.tokens); len(list) != 2 {
		t.Errorf("left are %+v", list)
	}
	if heard := w.news(); len(heard) > 0 {
		t.Errorf("others heard %v", heard)
	}
}

// Closing the session that one is in is signing out.
func TestClosingOnesOwnSession(t *testing.T) {
	w := newWorld(t)
	ana := w.person("Ana")
	w.expect("200:1", "one's own", request{
		method: "DELETE", path: "/sessions/" + w.sessionOf(ana.tokens), cookies: [2]string{ana.tokens.Access, ana.tokens.Refresh},
	})
	w.expect("401:0", "afterwards", request{method: "GET", path: "/sessions", cookies: [2]string{ana.tokens.Access, ana.tokens.Refresh}})
}

// Who changes the password stays, and everybody else who is signed in as them goes.
func TestChangingThePasswordReachesOpenSockets(t *testing.T) {
	w := newWorld(t)
	ana := w.person("Ana")
	phone := w.connect(person{tokens: w.signIn(ana)})
	phone.roundtrip()
	w.enter("Ana", ana)
	w.enter("Ben", w.person("Ben"))
	w.forget()
	w.expect("200:1", "a new password", request{
		method: "POST", path: "/password", kind: asJSON, body: `{"current":"open-sesame","password":"open-sesame2"}`, bearer: ana.tokens.Access,
	})
	phone.ended()
	if all := phone.all(); all[len(all)-1].name != "auth-failure" || !phone.sentAway() {
		t.Errorf("the phone was told %v", all)
	}
	if heard := w.news(); len(heard) > 0 {
		t.Errorf("others heard %v", heard)
	}
	signIn := func(password string) request {
		return request{method: "POST", path: "/login", kind: asForm, body: "email=" + ana.email + "&password=" + password}
	}
	w.expect("200:0", "the old one", signIn("open-sesame"))
	w.expect("200:1", "the new one", signIn("open-sesame2"))
}

// Who has somebody's open session can't guess their password by it, and the owner can sign
// in all the while.
func TestGuessesAtTheCurrentPasswordAreLimited(t *testing.T) {
	w := newWorld(t)
	ana := w.person("Ana")
	guess := request{
		method: "POST", path: "/password", kind: asJSON, body: `{"current":"passwort","password":"open-sesame2"}`, bearer: ana.tokens.Access,
	}
	for range 10 {
		w.expect("200:0", "a guess", guess)
	}
	w.expect("429:-1", "one too many", guess)
	w.expect("200:1", "signing in", request{method: "POST", path: "/login", kind: asForm, body: "email=" + ana.email + "&password=open-sesame"})
}

// A header counts, good or bad, and only an access token in it.
func TestABadHeaderIsNotMadeUpForByCookies(t *testing.T) {
	w := newWorld(t)
	ana := w.person("Ana")
	for name, token := range map[string]string{"nonsense": "x", "a refresh token": ana.tokens.Refresh} {
		w.expect("401:0", name, request{
			method: "GET", path: "/sessions", bearer: token, cookies: [2]string{ana.tokens.Access, ana.tokens.Refresh},
		})
	}
}

// signIn begins another session of somebody's.
func (h *house) signIn(p person) auth.Pair {
	h.Helper()
	_, pair, err := h.auth.SignIn(h.Context(), p.email, "open-sesame")
	h.must(err)
	return pair
}

// sessionOf is the id of a pair's session.
func (h *house) sessionOf(p auth.Pair) string {
	h.Helper()
	who, err := h.auth.Authenticate(h.Context(), p)
	h.must(err)
	return string(who.Session)
}
