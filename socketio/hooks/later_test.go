package hooks_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"expresschat/socketio"
	"expresschat/socketio/hooks"
)

// counter has handlers whose outcomes come when the test says so.
type counter struct {
	record
	run     *hooks.Runner
	begun   chan socketio.Reply // of the event "later", one that was begun
	outcome chan error          // what Respond was told
}

func newCounter() (*counter, *hooks.Inbox) {
	c := &counter{
		run:   hooks.NewRunner(slog.New(slog.DiscardHandler)),
		begun: make(chan socketio.Reply, 2*hooks.MaxPending), outcome: make(chan error, 2*hooks.MaxPending),
	}
	ns := c.namespace()
	ns.Handlers["later"] = socketio.HandleLater(func(_ context.Context, _ socketio.Socket, n int, r socketio.Reply) {
		c.add(fmt.Sprint("begin ", n))
		c.begun <- r
	})
	ns.Handlers["aside"] = socketio.HandleAside(func(_ context.Context, _ socketio.Socket, n int, r socketio.Reply) {
		c.add(fmt.Sprint("aside ", n))
		c.begun <- r
	})
	ns.Handlers["panic"] = socketio.HandleLater(func(context.Context, socketio.Socket, struct{}, socketio.Reply) { panic("no") })
	ns.Handlers["vanish"] = socketio.HandleLater(func(context.Context, socketio.Socket, struct{}, socketio.Reply) { runtime.Goexit() })
	ns.Respond = func(_ context.Context, _ socketio.Socket, call socketio.Call, result any, err error) {
		if call.Event == "later" || call.Event == "aside" {
			c.add(fmt.Sprint("end ", result))
		}
		c.outcome <- err
	}
	b := inbox(c.run, ns)
	b.Open()
	return c, b
}

func putLater(b *hooks.Inbox, n int) <-chan struct{} {
	return b.Put(hooks.Event{Name: []byte("later"), Arg: json.RawMessage(fmt.Sprint(n))})
}

// Events whose outcome comes later do not wait for each other. What follows them does, and
// so does the end.
func TestLaterOnesAreBegunInOrderAndAwaited(t *testing.T) {
	t.Parallel()
	c, b := newCounter()
	for n := 1; n <= 3; n++ {
		putLater(b, n)
	}
	put(b, 4)
	putLater(b, 5)
	b.Close("bye")
	first, second, third := <-c.begun, <-c.begun, <-c.begun
	third.Done(3, nil)
	first.Done(1, nil)
	first.Done("twice", nil)
	second.Done(2, nil)
	(<-c.begun).Done(5, nil)
	first.Done("much later", nil)
	c.expect(t, c.run, "connected", "begin 1", "begin 2", "begin 3", "end 3", "end 1", "end 2", "4", "begin 5", "end 5", "bye")
}

// For those that are done aside only the end waits. They themselves wait, like any other.
func TestNobodyWaitsForWhatIsDoneAside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, b := newCounter()
		aside := func(n int) { b.Put(hooks.Event{Name: []byte("aside"), Arg: json.RawMessage(fmt.Sprint(n))}) }
		putLater(b, 1)
		aside(2)
		synctest.Wait()
		(<-c.begun).Done(1, nil)
		second := <-c.begun
		put(b, 3)
		putLater(b, 4)
		(<-c.begun).Done(4, nil)
		b.Close("bye")
		synctest.Wait()
		second.Done(2, nil)
		c.expect(t, c.run, "connected", "begin 1", "end 1", "aside 2", "3", "begin 4", "end 4", "end 2", "bye")
	})
}

// They count as pending until they have their outcome: of half of them, until there is space.
func TestLaterOnesAreBounded(t *testing.T) {
	t.Parallel()
	c, b := newCounter()
	var full <-chan struct{}
	for n := range hooks.MaxPending {
		if full = putLater(b, n); (full != nil) != (n == hooks.MaxPending-1) {
			t.Fatalf("full with %d: %v", n+1, full != nil)
		}
	}
	var replies []socketio.Reply
	for range hooks.MaxPending {
		replies = append(replies, <-c.begun)
	}
	for done, r := range replies {
		space := false
		select {
		case <-full:
			space = true
		default:
		}
		if space != (done >= hooks.MaxPending/2) {
			t.Errorf("with the outcomes of %d there is space: %v", done, space)
		}
		r.Done(nil, nil)
	}
	b.Close("bye")
	wait(t, c.run)
}

// Whatever a handler does, its event has one outcome, and the next ones are handled.
func TestLaterOnesThatFail(t *testing.T) {
	t.Parallel()
	c, b := newCounter()
	for _, name := range []string{"panic", "vanish", "later"} {
		b.Put(hooks.Event{Name: []byte(name), Arg: json.RawMessage(`"text"`)})
	}
	b.Put(hooks.Event{Name: []byte("panic")})
	b.Put(hooks.Event{Name: []byte("vanish")})
	for _, want := range []error{socketio.ErrDecode, socketio.ErrDecode, socketio.ErrDecode, socketio.ErrPanic, socketio.ErrPanic} {
		if err := <-c.outcome; !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	b.Close("bye")
	wait(t, c.run)
}

// Who stops an engine waits for what is outstanding, too.
func TestWaitingForLaterOnes(t *testing.T) {
	t.Parallel()
	c, b := newCounter()
	putLater(b, 1)
	reply := <-c.begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.run.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("did not wait: %v", err)
	}
	reply.Done(nil, nil)
	b.Close("bye")
	wait(t, c.run)
}

// Outcomes from anywhere, at any time, lose no event.
func TestLaterOnesFromManyGoroutines(t *testing.T) {
	t.Parallel()
	c, b := newCounter()
	var all sync.WaitGroup
	const events = 2000
	all.Go(func() {
		for n := range events {
			full := putLater(b, n)
			if n%7 == 0 {
				full = put(b, -n)
			}
			if full != nil {
				<-full
			}
		}
	})
	for range 4 {
		all.Go(func() {
			for range events / 4 {
				(<-c.begun).Done(nil, nil)
			}
		})
	}
	all.Go(func() {
		for range events + (events+6)/7 {
			<-c.outcome
		}
	})
	all.Wait()
	b.Close("bye")
	wait(t, c.run)
}
