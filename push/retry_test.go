package push_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"expresschat/bus"
	"expresschat/push"
)

// late is when what waits for a device is due, in seconds from now.
func (h *house) late(token string) (seconds []int) {
	h.Helper()
	rows, err := h.db.Query(h.Context(), `
		SELECT round(extract(epoch FROM o.due_at - now()))::int
		FROM push_outbox o
		JOIN push_devices d ON d.id = o.device_id
		WHERE d.token = $1
		ORDER BY o.place`, token)
	h.must(err)
	defer rows.Close()
	for rows.Next() {
		var n int
		h.must(rows.Scan(&n))
		seconds = append(seconds, n)
	}
	h.must(rows.Err())
	return seconds
}

// What a push service says of a device holds for all that waits for it, and for nobody else.
func TestRetries(t *testing.T) {
	h := newHouse(t)
	s := h.open()
	h.run(s.Watch)
	ana, ben, zoe := h.person("Ana"), h.person("Ben"), h.person("Zoe")
	bens, zoes := h.register(s, ben, push.Web), h.register(s, zoe, push.Web)
	say := func(to person, text string) {
		h.say(ana, h.room(ana, to), bus.Personal, text)
		await(h, h.store.looked)
	}
	answer := func(err error) {
		h.answers(func(d push.Device, _ push.Notification) error {
			if d.Token == bens {
				return err
			}
			return nil
		})
	}
	answer(push.Delayed(7*time.Minute, "status 503"))
	say(ben, "first")
	say(ben, "second")
	stop := h.run(s.Send)
	if got := await(h, h.told); got.Body != "first" {
		t.Errorf("told %q", got.Body)
	}
	await(h, h.store.done)
	say(zoe, "to Zoe")
	if got := await(h, h.told); got.Body != "to Zoe" {
		t.Errorf("told %q while Ben's waits", got.Body)
	}
	await(h, h.store.done)
	say(ben, "third")
	for i, n := range h.late(bens) {
		if n < 410 || n > 425 {
			t.Errorf("message %d is due in %d s, want seven minutes", i, n)
		}
	}
	answer(errAway) // of a sender that does not know for how long
	h.exec(`UPDATE push_outbox SET due_at = now()`)
	s.Wake(push.Web)
	await(h, h.told)
	await(h, h.store.done)
	if late := h.late(bens); len(late) != 3 || late[0] < 7 || late[0] > 11 {
		t.Errorf("due in %v s, want ten, less a quarter at most", late)
	}

	answer(nil)
	h.exec(`UPDATE push_outbox SET due_at = now() WHERE attempts > 0`)
	s.Wake(push.Web)
	for _, want := range []string{"first", "second", "third"} {
		if got := await(h, h.told); got.Body != want {
			t.Errorf("told %q, want %q", got.Body, want)
		}
		await(h, h.store.done)
	}

	answer(fmt.Errorf("%w: status 413", push.ErrRefused))
	say(ben, "too long")
	await(h, h.told)
	await(h, h.store.done)
	if h.waits(bens) != 0 || h.count(`SELECT count(*) FROM push_devices`) != 2 {
		t.Error("what is refused waits, or its device is gone")
	}

	answer(errAway)
	say(ben, "old")
	await(h, h.told)
	await(h, h.store.done)
	h.exec(`UPDATE push_outbox SET created_at = now() - interval '24 hours', due_at = now()`)
	s.Wake(push.Web)
	await(h, h.told)
	await(h, h.store.done)
	if h.waits(bens) != 0 {
		t.Error("it is tried for more than a day")
	}

	answer(errors.Join(push.ErrGone))
	say(ben, "to a device that is gone")
	say(ben, "and once more")
	await(h, h.told)
	await(h, h.store.done)
	stop()
	if h.count(`SELECT count(*) FROM push_devices`) != 1 || h.count(`SELECT count(*) FROM push_outbox`) != 0 {
		t.Error("a device that is gone is there")
	}
	_ = zoes
}

// A server that is killed with something on its way leaves it to the end of the lease.
func TestAServerThatIsKilledWhileItSends(t *testing.T) {
	h := newHouse(t)
	s := h.open()
	h.run(s.Watch)
	ana, ben := h.person("Ana"), h.person("Ben")
	token := h.register(s, ben, push.Web)
	h.say(ana, h.room(ana, ben), bus.Personal, "x")
	await(h, h.store.looked)
	due, err := h.store.Waiting(push.Web).Claim(t.Context(), 5, time.Minute) // and never heard of again
	h.must(err)
	if len(due) != 1 || due[0].Moot {
		t.Fatalf("claimed %+v", due)
	}
	if late := h.late(token); late[0] < 55 {
		t.Errorf("due in %d s, while somebody sends it", late[0])
	}
	h.exec(`UPDATE push_outbox SET due_at = now()`)
	h.run(s.Send)
	if got := await(h, h.told); got.Body != "x" {
		t.Errorf("told %+v", got)
	}
	await(h, h.store.done)
}
