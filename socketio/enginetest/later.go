package enginetest

import (
	"context"
	"testing"

	"expresschat/socketio"
)

// Outcomes that come later: the next events are begun meanwhile, acks come in whatever
// order, and whoever wants to see them done waits.
func testLater(t *testing.T, make Make) {
	begun := newSignal[socketio.Reply]()
	ended := newSignal[string]()
	s := start(t, make, Config{}, socketio.Namespace{
		Handlers: handlers{
			"later": socketio.HandleLater(func(_ context.Context, _ socketio.Socket, n int, r socketio.Reply) { begun <- r }),
			"go":    do(func(socketio.Socket, struct{}) {}),
		},
		Respond:      answer,
		Disconnected: func(_ socketio.Socket, reason string) { ended <- reason },
	})
	c, _ := s.enter()
	c.send(`421["later",1]`, `422["later",2]`, `423["go"]`, `424["later",4]`)
	c.roundtrip()
	first, second := begun.wait(t), begun.wait(t)
	second.Done("two", nil)
	c.expect(`432["two"]`)
	begun.none(t) // the one behind go
	first.Done("one", nil)
	c.expect(`431["one"]`, `433[null]`)
	last := begun.wait(t)
	c.send(`41`)
	c.roundtrip()
	ended.none(t) // before the last one has its outcome
	last.Done("four", nil)
	ended.wait(t)
}

// Stop waits for outcomes that are outstanding, too.
func testStopWaitsForLater(t *testing.T, make Make) {
	begun := newSignal[socketio.Reply]()
	s := start(t, make, Config{}, socketio.Namespace{
		Handlers: handlers{
			"later": socketio.HandleLater(func(_ context.Context, _ socketio.Socket, _ struct{}, r socketio.Reply) { begun <- r }),
		},
		Respond: answer,
	})
	c, _ := s.enter()
	c.send(`421["later"]`)
	reply := begun.wait(t)
	stopped := newSignal[error]()
	go func() { stopped <- s.engine.Stop(t.Context()) }()
	s.refuses()
	stopped.none(t)
	reply.Done("done", nil)
	c.expect(`431["done"]`)
	if err := stopped.wait(t); err != nil {
		t.Error(err)
	}
}

// What is emitted in a burst, by several at once, arrives like anything else, in order.
func testBurst(t *testing.T, make Make) {
	s := start(t, make, Config{}, socketio.Namespace{
		Connected: func(_ context.Context, s socketio.Socket) { s.Join("hall") },
		Handlers:  handlers{"go": do(func(socketio.Socket, struct{}) {})},
		Respond:   answer,
	})
	a, id := s.enter()
	b, _ := s.enter()
	for _, c := range []*client{a, b} { // in the room by now
		c.send(`421["go"]`)
		c.expect(`431[null]`)
	}
	s.engine.Burst(func() {
		s.engine.Burst(func() { emit(t, s, "hall", 1) })
		emit(t, s, id, 2)
		emit(t, s, "hall", 3)
	})
	emit(t, s, id, 4)
	a.expect(event("n", 1), event("n", 2), event("n", 3), event("n", 4))
	b.expect(event("n", 1), event("n", 3))
}

func emit(t *testing.T, s *server, room string, n int) {
	t.Helper()
	if err := s.to.Emit(socketio.Audience{Rooms: []string{room}}, "n", n); err != nil {
		t.Error(err)
	}
}
