package expresschat_test

import (
	"encoding/json"
	"strings"
	"testing"

	"expresschat/auth"
	"expresschat/server/doortest"
)

// refresh posts a token, and returns the pair that comes.
func (h *house) refresh(token string) auth.Pair {
	h.Helper()
	got := h.ask(request{method: "POST", path: "/refresh", kind: asJSON, body: toJSON(h.T, object{"refreshToken": token})})
	var said struct {
		Access  string `json:"accessToken"`
		Refresh string `json:"refreshToken"`
	}
	if got.String() != "200:1" || got.cookies != 2 || json.Unmarshal([]byte(got.text), &said) != nil {
		h.Fatalf("refreshed to %v with %d cookies: %s", got, got.cookies, got.text)
	}
	return auth.Pair{Access: said.Access, Refresh: said.Refresh}
}

func TestRefreshing(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("Ana"), w.person("Ben")
	first := w.refresh(ana.tokens.Refresh)
	if again := w.refresh(ana.tokens.Refresh); again.Refresh != first.Refresh {
		t.Error("a repeat has another successor")
	}
	w.enter("with what came", person{tokens: first})
	// What is in the body counts, whatever the cookie is.
	second := w.ask(request{
		method: "POST", path: "/refresh", kind: asForm, body: "refreshToken=" + first.Refresh,
		cookies: [2]string{ben.tokens.Access, ben.tokens.Refresh},
	})
	w.enter("Ben, whose cookie was not used", ben)
	if second.String() != "200:1" || w.refresh(ben.tokens.Refresh).Refresh == "" {
		t.Errorf("%v: %s", second, second.text)
	}
	bad := w.ask(request{method: "POST", path: "/refresh", kind: asForm, body: "refreshToken=x", cookies: [2]string{"", ben.tokens.Refresh}})
	if bad.String() != "401:0" || bad.cookies != 0 {
		t.Errorf("a bad token beside a good cookie: %v", bad)
	}
}

// A refresh token that is used again ends the sockets of its session, and none else; the
// log tells which, and nothing that could be used.
func TestReuseReachesOpenSockets(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("Ana"), w.person("Ben")
	_, elsewhere, err := w.auth.SignIn(t.Context(), ana.email, "open-sesame")
	w.must(err)
	w.enter("Ben", ben)
	w.enter("Ana elsewhere", person{id: ana.id, tokens: elsewhere})
	first := w.refresh(ana.tokens.Refresh)
	second := w.refresh(first.Refresh)
	tabs := []*client{w.connect(ana), w.connect(person{tokens: second})}
	for _, c := range tabs {
		c.roundtrip()
	}
	w.forget()
	w.expect("401:0", "a token from before", request{method: "POST", path: "/refresh", cookies: [2]string{"", ana.tokens.Refresh}})
	for _, c := range tabs {
		c.ended()
		if all := c.all(); all[len(all)-1].name != "auth-failure" || !c.sentAway() {
			t.Errorf("a tab was told %v", all)
		}
	}
	w.expect("401:0", "the newest token", request{method: "POST", path: "/refresh", cookies: [2]string{"", second.Refresh}})
	if heard := w.news(); len(heard) > 0 {
		t.Errorf("others heard %v", heard)
	}
	warned := doortest.Warnings(w.log)
	if len(warned) != 1 || !strings.Contains(warned[0], string(ana.id)) {
		t.Fatalf("the log has %q", warned)
	}
	for _, secret := range []string{ana.tokens.Refresh, second.Refresh, second.Access, ana.email, ana.name} {
		if strings.Contains(warned[0], secret) {
			t.Errorf("the log tells too much: %s", warned[0])
		}
	}
}

// The same by the way that pages take.
func TestReuseByUpdatingTheAccessToken(t *testing.T) {
	w := newWorld(t)
	ana := w.person("Ana")
	update := func(p auth.Pair) request {
		return request{method: "POST", path: "/update-access-token", kind: asForm, body: "acessToken=" + p.Access, cookies: [2]string{"", p.Refresh}}
	}
	for range 2 {
		w.expect("200:", "the newest token", update(ana.tokens))
	}
	next := w.refresh(w.refresh(ana.tokens.Refresh).Refresh)
	c := w.connect(ana)
	c.roundtrip()
	w.expect("401:0", "a token from before", update(ana.tokens))
	c.ended()
	w.expect("401:0", "the newest token", update(next))
}
