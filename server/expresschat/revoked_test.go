package expresschat_test

import (
	"sync"
	"testing"

	"expresschat/auth"
)

// Whoever comes while their session ends is sent away: at the handshake, by their own second
// look, or by those who are told.
func TestComingWhileTheSessionEnds(t *testing.T) {
	h := newHouse(t)
	h.ground.Listen(h.door)
	ana := h.person("Ana")
	const rounds, sockets = 8, 4
	for range rounds {
		var err error
		_, ana.tokens, err = h.auth.SignIn(t.Context(), ana.email, "password")
		h.must(err)
		_, err = h.auth.Authenticate(t.Context(), ana.tokens) // so that it is kept
		h.must(err)
		var all sync.WaitGroup
		lines := make([]*client, sockets)
		for i := range lines {
			lines[i] = h.dial(ana)
		}
		for _, c := range lines {
			all.Go(func() { c.write("40") })
		}
		all.Go(func() { h.must(h.auth.SignOut(t.Context(), ana.tokens)) })
		all.Wait()
		for _, c := range lines {
			c.first("auth-failure")
			c.ended()
			if !c.sentAway() {
				t.Error("it was not told to stay away")
			}
		}
	}
}

// What one is called is told to the next connection, also if the name was changed elsewhere.
func TestANameIsNewForWhoIsKept(t *testing.T) {
	h := newHouse(t)
	h.ground.Listen(h.door)
	ana := h.person("Ana")
	h.connect(ana).first("user-id")
	_, err := h.auth.Rename(t.Context(), ana.id, "Anna")
	h.must(err)
	if got := h.connect(ana).first("user-id").arg["userName"]; got != "Anna" {
		t.Errorf("called %v", got)
	}
	who, err := h.auth.Authenticate(t.Context(), auth.Pair{Access: ana.tokens.Access})
	if err != nil || who.User.Name != "Anna" {
		t.Errorf("%+v, %v", who, err)
	}
}
