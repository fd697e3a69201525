package push_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"expresschat/bus"
	"expresschat/push"
	"expresschat/server/doortest"
)

// late is when what waits for a device is due, in seconds from now.
func (h *house) late(token string) int {
	h.Helper()
	return h.count(`SELECT round(extract(epoch FROM due_at - now()))::int FROM push_devices WHERE token = $1`, token)
}

// hurry has all be due that waits.
func (h *house) hurry(s *push.Service) {
	h.Helper()
	h.exec(`UPDATE push_devices SET due_at = now() WHERE due_at IS NOT NULL`)
	s.Wake(push.Web)
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
	if n := h.late(bens); n < 410 || n > 425 || h.waits(bens) != 3 {
		t.Errorf("due in %d s, want seven minutes; %d wait", n, h.waits(bens))
	}
	answer(errAway) // of a sender that does not know for how long
	h.hurry(s)
	await(h, h.told)
	await(h, h.store.done)
	if n := h.late(bens); n < 7 || n > 11 {
		t.Errorf("due in %d s, want ten, less a quarter at most", n)
	}

	answer(nil)
	h.hurry(s)
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
	if h.waits(bens) != 0 || h.count(`SELECT count(*) FROM push_devices WHERE due_at IS NULL AND failures = 0`) != 2 {
		t.Error("what is refused waits, or its device is gone")
	}

	answer(errAway)
	say(ben, "old")
	await(h, h.told)
	await(h, h.store.done)
	h.exec(`UPDATE push_outbox SET created_at = now() - interval '24 hours'`)
	h.hurry(s)
	await(h, h.store.done)
	if h.waits(bens) != 0 || len(h.told) > 0 {
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

// A push service that says of itself how long it wants nothing is left alone so long, whoever
// is to be told; then all goes on as before, in order and once.
func TestAPushServiceThatAsksToBeLeftAlone(t *testing.T) {
	h := newHouse(t)
	s := h.open()
	h.run(s.Watch)
	ana, ben, zoe, cem := h.person("Ana"), h.person("Ben"), h.person("Zoe"), h.person("Cem")
	bens, zoes := h.register(s, ben, push.Web), h.register(s, zoe, push.Web)
	elsewhere := cem.device(push.Web)
	elsewhere.Token = "https://other.example/x"
	h.must(s.Register(t.Context(), elsewhere))
	say := func(to person, text string) {
		h.say(ana, h.room(ana, to), bus.Personal, text)
		await(h, h.store.looked)
	}
	h.answers(func(push.Device, push.Notification) error { return push.Overloaded(7*time.Minute, "status 429") })
	say(ben, "first")
	h.run(s.Send)
	if got := await(h, h.told); got.Body != "first" {
		t.Errorf("told %q", got.Body)
	}
	await(h, h.store.done)

	h.answers(func(push.Device, push.Notification) error { return nil })
	say(zoe, "to Zoe")
	await(h, h.store.done)
	if n := h.late(zoes); n < 300 || n > 420 || len(h.told) > 0 {
		t.Errorf("Zoe's is due in %d s, want seven minutes; %d were told", n, len(h.told))
	}
	say(zoe, "to Zoe again")
	h.hurry(s) // as if a clock ran ahead
	await(h, h.store.done)
	await(h, h.store.done)
	if n, m := h.late(zoes), h.late(bens); n < 300 || m < 300 || len(h.told) > 0 {
		t.Errorf("due in %d s and %d s; %d were told", n, m, len(h.told))
	}
	if h.count(`SELECT failures FROM push_devices WHERE token = $1`, zoes) != 0 {
		t.Error("a failure is counted of what was not tried")
	}
	say(cem, "elsewhere")
	if got := await(h, h.told); got.Body != "elsewhere" {
		t.Errorf("told %q", got.Body)
	}
	await(h, h.store.done)

	s.EndHolds()
	h.hurry(s)
	var zoe2, ben2 []string
	for range 3 {
		switch got := await(h, h.told); got.device.Token {
		case bens:
			ben2 = append(ben2, got.Body)
		case zoes:
			zoe2 = append(zoe2, got.Body)
		}
		await(h, h.store.done)
	}
	if !slices.Equal(ben2, []string{"first"}) || !slices.Equal(zoe2, []string{"to Zoe", "to Zoe again"}) || len(h.told) > 0 {
		t.Errorf("told %q and %q, and %d more", ben2, zoe2, len(h.told))
	}
	if h.waits(bens)+h.waits(zoes) != 0 {
		t.Error("something waits still")
	}
}

// Nothing begins behind the answer that asks for it, also where much is due at once.
func TestNothingIsSentToAServiceThatAskedNotTo(t *testing.T) {
	h := newHouse(t)
	s := h.open()
	h.run(s.Watch)
	ana := h.person("Ana")
	const many = 40
	for range many {
		p := h.person("P")
		h.register(s, p, push.Web)
		h.say(ana, h.room(ana, p), bus.Personal, "x")
		await(h, h.store.looked)
	}
	h.answers(func(push.Device, push.Notification) error { return push.Overloaded(7*time.Minute, "status 503") })
	stop := h.run(s.Send)
	for range many {
		await(h, h.store.done)
	}
	stop()
	if n := len(h.told); n == 0 || n > 8 {
		t.Errorf("%d were tried, want those that were under way, eight at most", n)
	}
	if n := h.count(`SELECT count(*) FROM push_devices WHERE due_at > now() + interval '5 minutes'`); n != many {
		t.Errorf("%d wait for the end of that, want %d", n, many)
	}
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
	if n := h.late(token); n < 55 {
		t.Errorf("due in %d s, while somebody sends it", n)
	}
	h.hurry(s)
	h.run(s.Send)
	if got := await(h, h.told); got.Body != "x" {
		t.Errorf("told %+v", got)
	}
	await(h, h.store.done)
}

// Something may be added for a device in the moment in which the last of what waited is done:
// it is sent all the same.
func TestWhatComesWhileTheLastIsDone(t *testing.T) {
	h := newHouse(t)
	s := h.open()
	h.run(s.Watch)
	h.run(s.Send)
	ana, ben := h.person("Ana"), h.person("Ben")
	token, room := h.register(s, ben, push.Web), h.room(ana, ben)
	const many = 40
	for i := range many {
		h.say(ana, room, bus.Personal, fmt.Sprint(i))
	}
	for i := range many {
		if got := await(h, h.told); got.Body != fmt.Sprint(i) {
			t.Fatalf("told %q, want %d", got.Body, i)
		}
		await(h, h.store.done)
	}
	if h.waits(token) != 0 || h.count(`SELECT count(*) FROM push_devices WHERE due_at IS NULL`) != 1 {
		t.Errorf("%d wait", h.waits(token))
	}
}

// Done waits for who is adding something for the device, and sees it then: or else that would
// wait for ever, as nothing that is due.
func TestWhatIsAddedWhileTheLastIsNoted(t *testing.T) {
	h := newHouse(t)
	s := h.open()
	h.run(s.Watch)
	ana, ben := h.person("Ana"), h.person("Ben")
	token, room := h.register(s, ben, push.Web), h.room(ana, ben)
	h.say(ana, room, bus.Personal, "x")
	await(h, h.store.looked)
	due, err := h.store.Waiting(push.Web).Claim(t.Context(), 1, time.Minute)
	h.must(err)
	tx, err := h.db.Begin(t.Context()) // as Enqueue does it
	h.must(err)
	for _, statement := range []string{
		`SELECT FROM push_devices FOR NO KEY UPDATE`,
		`INSERT INTO push_outbox (device_id, room_id, seq) SELECT id, gen_random_uuid(), 1 FROM push_devices`,
	} {
		_, err := tx.Exec(t.Context(), statement)
		h.must(err)
	}
	noted := make(chan error, 1)
	go func() { noted <- h.store.Push.Done(t.Context(), due[0]) }()
	other := doortest.Connect(t, h.Database)
	for waiting := 0; waiting == 0; {
		h.must(other.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE $1::int = ANY(pg_blocking_pids(pid))`,
			h.db.PgConn().PID()).Scan(&waiting))
	}
	h.must(tx.Commit(t.Context()))
	h.must(<-noted)
	if n := h.count(`SELECT count(*) FROM push_devices WHERE due_at <= now()`); n != 1 || h.waits(token) != 1 {
		t.Errorf("%d devices are due, %d wait", n, h.waits(token))
	}
}
