package expresschat_test

import (
	"sync/atomic"
	"testing"

	"expresschat/auth"
)

// A session can end while its connection is arriving: after the handshake, and before
// whoever ends it could find the connection. What the client has said by then is not
// handled.
func TestNoEventOfASocketThatFailedIsHandled(t *testing.T) {
	w := newWorld(t)
	ana := w.person("Ana")
	w.enter("Ana", ana)
	w.forget()
	before := w.rows()

	asked, ended := make(chan struct{}), make(chan struct{})
	var looks atomic.Int32
	w.sessions.before(func() error {
		if looks.Add(1) == 1 {
			return nil // of the handshake
		}
		close(asked)
		<-ended
		return auth.ErrUnauthenticated
	})
	c := w.connect(ana)
	<-asked
	ack := c.say("send-self-message", `{"Content":"x"}`, true)
	c.overheard()
	close(ended)
	c.ended()
	if got := ack(); got != "" {
		t.Errorf("acked by %s", got)
	}
	if heard := w.news(); len(heard) > 0 {
		t.Errorf("heard %v", heard)
	}
	if after := w.rows(); before["messages"] != after["messages"] {
		t.Errorf("messages: %s, then %s", before["messages"], after["messages"])
	}
}

// What a socket says after its session was signed out of is not handled either.
func TestASignedOutSocketIsNotHeard(t *testing.T) {
	g := newGuarded(t)
	s := g.scene(true)
	me := g.person("leaving")
	c := g.connect(me)
	c.roundtrip()
	before := len(c.all())
	g.must(g.auth.SignOut(t.Context(), me.tokens))
	c.first("auth-failure")
	rows := g.rows()
	var acks []func() string
	for _, r := range rights {
		acks = append(acks, c.say(r.event, toJSON(t, r.arg(s, me)), true))
	}
	c.ended()
	for i, ack := range acks {
		if got := ack(); got != "" {
			t.Errorf("%s was acked by %s", rights[i].event, got)
		}
	}
	if got := c.all(); len(got) != before+1 || !c.sentAway() {
		t.Errorf("told %v", got[before:])
	}
	if heard := g.news(); len(heard) > 0 {
		t.Errorf("heard %v", heard)
	}
	if after := g.rows(); rows["messages"] != after["messages"] || rows["rooms"] != after["rooms"] {
		t.Errorf("changed %v to %v", rows, after)
	}
}
