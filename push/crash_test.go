package push_test

import (
	"errors"
	"testing"

	"expresschat/bus"
	"expresschat/push"
)

// Whatever comes between a commit and the outbox, the next start finds what was said, once.
func TestACrashBetweenACommitAndTheOutbox(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	room := h.room(ana, ben)
	killed := h.open() // which marks, and gets to nothing more
	token := h.register(killed, ben, push.Web)
	for _, text := range []string{"an hour ago", "first", "second"} {
		h.say(ana, room, bus.Personal, text)
	}
	h.exec(`UPDATE messages SET sent_at = now() - interval '61 minutes' WHERE content = 'an hour ago'`)
	h.exec(`UPDATE push_devices SET created_at = now() - interval '1 day'`)
	next := h.open()
	stop := h.run(next.Watch)
	await(h, h.store.looked)
	stop()
	if h.waits(token) != 2 {
		t.Fatalf("%d wait", h.waits(token))
	}
	stopSend := h.run(next.Send)
	for _, want := range []string{"first", "second"} {
		if got := await(h, h.told); got.Body != want {
			t.Errorf("told %q, want %q", got.Body, want)
		}
		await(h, h.store.done)
	}
	stopSend()

	// What was told is not told again, and what was said since is, once the server is back.
	h.relay.to.Store(nil)
	h.say(ana, room, bus.Personal, "third")
	last := h.open()
	h.run(last.Watch)
	await(h, h.store.looked)
	h.run(last.Send)
	if got := await(h, h.told); got.Body != "third" || len(h.told) > 0 {
		t.Errorf("told %q and %d more", got.Body, len(h.told))
	}
	await(h, h.store.done)
	behind, _, err := h.store.Behind(t.Context(), "", []push.Kind{push.Web}, push.Lookback)
	h.must(err)
	if len(behind) > 0 {
		t.Errorf("the next start would look again at %+v", behind)
	}
}

// A database that fails, before or behind the commit, has nobody told twice or never.
func TestAnOutboxThatFails(t *testing.T) {
	h := newHouse(t)
	s := h.open()
	h.run(s.Watch)
	ana, ben := h.person("Ana"), h.person("Ben")
	token, room := h.register(s, ben, push.Web), h.room(ana, ben)
	for i, behind := range []bool{false, true} {
		fail := func(enqueue func() error) error {
			if behind {
				h.must(enqueue())
			}
			return errors.New("the connection broke")
		}
		h.store.fail.Store(&fail)
		h.say(ana, room, bus.Personal, "x")
		await(h, h.store.looked) // after a second
		if n := h.waits(token); n != i+1 {
			t.Errorf("%d wait, want %d", n, i+1)
		}
	}
}
