package bus_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"expresschat/bus"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// door notes what it is told, by room.
type door struct {
	mu   sync.Mutex
	seqs map[bus.RoomID][]int64
}

func (d *door) Deliver(e bus.Event) {
	at := e.(bus.Placed).Where()
	if at.Seq < 0 {
		panic("a bug in a door")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seqs[at.Room] = append(d.seqs[at.Room], at.Seq)
}

func newBus(t *testing.T, d bus.Door) *bus.Local {
	t.Helper()
	b := bus.NewLocal(3, slog.New(slog.DiscardHandler))
	b.Attach(d)
	t.Cleanup(func() {
		if err := b.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return b
}

func sent(room bus.RoomID, seq int64) bus.Event {
	return bus.MessageSent{Place: bus.Place{Room: room, Seq: seq}}
}

func TestARoomsEventsArriveInOrder(t *testing.T) {
	t.Parallel()
	d := &door{seqs: map[bus.RoomID][]int64{}}
	b := newBus(t, d)
	var wg sync.WaitGroup
	const rooms, events = 20, 3 * bus.Queue / 20
	for r := range rooms {
		wg.Go(func() {
			for seq := range int64(events) {
				b.Publish(sent(bus.RoomID(fmt.Sprint(r)), seq), nil)
			}
		})
	}
	wg.Wait()
	if err := b.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	for r := range rooms {
		got := d.seqs[bus.RoomID(fmt.Sprint(r))]
		if len(got) != events {
			t.Fatalf("room %d has %d events", r, len(got))
		}
		for i, seq := range got {
			if seq != int64(i) {
				t.Fatalf("room %d: event %d has seq %d", r, i, seq)
			}
		}
	}
}

func TestDoHasItsPlaceAmongTheEvents(t *testing.T) {
	t.Parallel()
	d := &door{seqs: map[bus.RoomID][]int64{}}
	b := newBus(t, d)
	const room = bus.RoomID("r")
	b.Publish(sent(room, 1), nil)
	seen := make(chan int, 1)
	b.Do(b.Part(string(room)), func() { seen <- len(d.seqs[room]) })
	b.Publish(sent(room, 2), nil)
	if n := <-seen; n != 1 {
		t.Errorf("f saw %d events, want 1", n)
	}
}

// Who awaits is back when it was their turn, whatever came of it; once there are no turns any
// more, at once.
func TestAwait(t *testing.T) {
	t.Parallel()
	d := &door{seqs: map[bus.RoomID][]int64{}}
	b := newBus(t, d)
	const room = bus.RoomID("r")
	b.Publish(sent(room, 1), nil)
	saw := 0
	b.Await(b.Part(string(room)), func() { saw = len(d.seqs[room]) })
	if saw != 1 {
		t.Errorf("f saw %d events, want 1", saw)
	}
	b.Await(b.Part(string(room)), func() { panic("on purpose") })
	if err := b.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Await(0, func() { saw = -1 })
	if saw != -1 {
		t.Error("f did not run")
	}
}

func TestADoorsPanicEndsNothing(t *testing.T) {
	t.Parallel()
	d := &door{seqs: map[bus.RoomID][]int64{}}
	b := newBus(t, d)
	b.Publish(sent("r", -1), nil)
	b.Publish(sent("r", 1), nil)
	if err := b.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(d.seqs["r"]) != 1 {
		t.Error("the event after the panic is lost")
	}
}

func TestStopGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	b := newBus(t, &door{})
	release := make(chan struct{})
	started := make(chan struct{})
	b.Do(0, func() { close(started); <-release })
	<-started
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Stop(ctx); err == nil {
		t.Error("no error")
	}
	close(release)
	ran := false
	b.Do(0, func() { ran = true })
	if !ran {
		t.Error("after Stop, Do does not run its function")
	}
}

func TestThenRunsBehindItsEvent(t *testing.T) {
	t.Parallel()
	d := &door{seqs: map[bus.RoomID][]int64{}}
	b := newBus(t, d)
	seen := make(chan int, 2)
	count := func() { seen <- len(d.seqs["r"]) }
	b.Publish(sent("r", 1), count)
	b.Publish(sent("r", -1), count) // although a door panics
	if first, second := <-seen, <-seen; first != 1 || second != 1 {
		t.Errorf("saw %d and %d events, want 1 and 1", first, second)
	}
}

// What is there already is one burst, and in it all is as it was without.
func TestWhatIsQueuedIsOneBurst(t *testing.T) {
	t.Parallel()
	d := &door{seqs: map[bus.RoomID][]int64{}}
	b := bus.NewLocal(1, slog.New(slog.DiscardHandler))
	b.Attach(d)
	var sizes []int // of the bursts, in events
	b.Bursts(func(f func()) {
		before := len(d.seqs["r"])
		f()
		sizes = append(sizes, len(d.seqs["r"])-before)
	})
	started, release := make(chan struct{}), make(chan struct{})
	b.Do(0, func() { close(started); <-release })
	<-started
	for seq := range int64(600) {
		b.Publish(sent("r", seq), nil)
	}
	close(release)
	if err := b.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(sizes); got != "[256 257 87]" || len(d.seqs["r"]) != 600 {
		t.Errorf("bursts of %s", got)
	}
}
