package expresschat_test

import (
	"net/http"
	"strings"
	"testing"
)

// forgot has a code for another password made, and returns it: one for nobody, where there
// is no such account.
func (h *house) forgot(email string) string {
	h.Helper()
	h.must(h.auth.Forgot(h.Context(), email, "web"))
	if code := h.mail.Code(email); code != "" {
		return code
	}
	return h.mail.Code("")
}

// posting is a request with a JSON body.
func posting(path, body string) request {
	return request{method: http.MethodPost, path: path, kind: asJSON, body: body}
}

// A new password ends every session with its sockets, and signs nobody in.
func TestAForgottenPasswordReachesOpenSockets(t *testing.T) {
	w := newWorld(t)
	ana := w.person("Ana")
	phone := w.connect(person{tokens: w.signIn(ana)})
	tab := w.connect(ana)
	w.enter("Ben", w.person("Ben"))
	phone.roundtrip()
	tab.roundtrip()
	w.forget()
	w.expect("200:1", "a new password", posting("/RESET/",
		`{"email":"`+ana.email+`","token":"`+w.forgot(ana.email)+`","password":"correct horse"}`))
	for _, c := range []*client{phone, tab} {
		c.ended()
		if all := c.all(); all[len(all)-1].name != "auth-failure" || !c.sentAway() {
			t.Errorf("a socket was told %v", all)
		}
	}
	if heard := w.news(); len(heard) > 0 {
		t.Errorf("others heard %v", heard)
	}
	signIn := func(password string) request {
		return posting("/login", `{"email":"`+ana.email+`","password":"`+password+`"}`)
	}
	w.expect("200:0", "the old one", signIn("open-sesame"))
	w.expect("200:1", "the new one", signIn("correct horse"))
}

// The browser that resets a password has no cookies afterwards.
func TestResettingClearsCookies(t *testing.T) {
	h := newHouse(t)
	ana := h.person("Ana")
	body := `{"email":"` + ana.email + `","token":"` + h.forgot(ana.email) + `","password":"correct horse"}`
	answered, err := h.http.Post(h.url+"/reset", asJSON, strings.NewReader(body))
	h.must(err)
	defer answered.Body.Close()
	cleared := 0
	for _, c := range answered.Cookies() {
		if c.MaxAge < 0 {
			cleared++
		}
	}
	if answered.StatusCode != http.StatusOK || cleared != 2 {
		t.Errorf("%d, %d cookies cleared", answered.StatusCode, cleared)
	}
}

// Whether there is an account, and whatever state it is in: the bytes are the same.
func TestForgettingTellsNothing(t *testing.T) {
	w := newWorld(t)
	want := ""
	for name, email := range map[string]string{
		"nobody": "nobody@example.org", "verified": w.person("Ana").email, "unverified": w.unverified().email, "registered": w.registered().email,
	} {
		got := w.ask(posting("/forgot", `{"email":"`+email+`"}`))
		if want == "" {
			want = got.text
		}
		if got.String() != "200:1" || got.text != want {
			t.Errorf("%s: %v %s, want %s", name, got, got.text, want)
		}
	}
}

// Mail to one address, and guesses at one code, are limited.
func TestResetsAreLimited(t *testing.T) {
	w := newWorld(t)
	forgot := posting("/forgot", `{"email":"nobody@example.org"}`)
	for range 5 {
		w.expect("200:1", "a mail", forgot)
	}
	w.expect("429:-1", "one too many", forgot)
	guess := posting("/reset", `{"email":"nobody@example.org","token":"000000","password":"correct horse"}`)
	for range 10 {
		w.expect("400:0", "a guess", guess)
	}
	w.expect("429:-1", "one too many", guess)
}
