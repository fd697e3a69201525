package expresschat_test

import (
	"testing"

	"expresschat/auth"
)

// A session ends after the handshake has read its row, and the doors are told before the
// connection is there: its second look finds that out, as the row was not kept.
func TestComingWhileTheSessionEnds(t *testing.T) {
	h := newHouse(t)
	h.must(h.auth.Listening(t.Context())) // to nobody else, who would tell of it once more
	ana := h.person("Ana")
	h.sessions.after(func() {
		if err := h.auth.SignOut(t.Context(), ana.tokens); err != nil {
			t.Error(err)
		}
		told := make(chan struct{})
		h.bus.Do(h.bus.Part(string(ana.id)), func() { close(told) })
		<-told
	})
	c := h.connect(ana)
	c.first("auth-failure")
	c.ended()
	if got := c.all(); len(got) != 1 || !c.sentAway() {
		t.Errorf("told %v, and sent away: %v", got, c.sentAway())
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
