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

	"go.uber.org/goleak"

	"expresschat/socketio"
	"expresschat/socketio/hooks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// record is a namespace that notes what runs.
type record struct {
	mu    sync.Mutex
	steps []string
}

func (r *record) add(step string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps = append(r.steps, step)
}

func (r *record) namespace() *socketio.Namespace {
	return &socketio.Namespace{
		Connected:    func(context.Context, socketio.Socket) { r.add("connected") },
		Disconnected: func(_ socketio.Socket, reason string) { r.add(reason) },
		Handlers: map[string]socketio.Handler{
			"n": socketio.Handle(func(_ context.Context, _ socketio.Socket, n int) (any, error) {
				r.add(fmt.Sprint(n))
				return nil, nil
			}),
			"exit": socketio.Handle(func(context.Context, socketio.Socket, struct{}) (any, error) {
				runtime.Goexit()
				return nil, nil
			}),
		},
	}
}

func put(b *hooks.Inbox, n int) <-chan struct{} {
	return b.Put(hooks.Event{Name: "n", Arg: json.RawMessage(fmt.Sprint(n))})
}

func (r *record) expect(t *testing.T, run *hooks.Runner, steps ...string) {
	t.Helper()
	if err := run.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if fmt.Sprint(r.steps) != fmt.Sprint(steps) {
		t.Errorf("got %v, want %v", r.steps, steps)
	}
}

func TestInboxOrder(t *testing.T) {
	t.Parallel()
	var r record
	run := hooks.NewRunner(slog.New(slog.DiscardHandler))
	b := hooks.NewInbox(run, r.namespace(), nil)
	put(b, 1)
	r.expect(t, run) // not before it is open
	b.Open()
	put(b, 2)
	b.Put(hooks.Event{Name: "unknown"})
	b.Put(hooks.Event{Name: "exit"})
	put(b, 3)
	b.Close("bye")
	b.Close("again")
	put(b, 4)
	b.Open()
	r.expect(t, run, "connected", "1", "2", "3", "bye")
}

func TestInboxThatNeverOpened(t *testing.T) {
	t.Parallel()
	var r record
	run := hooks.NewRunner(slog.New(slog.DiscardHandler))
	b := hooks.NewInbox(run, r.namespace(), nil)
	var full <-chan struct{}
	for n := range hooks.MaxPending {
		full = put(b, n)
	}
	b.Close("bye")
	<-full // whoever waits is let go
	b.Open()
	r.expect(t, run)
}

func TestInboxBound(t *testing.T) {
	t.Parallel()
	var r record
	run := hooks.NewRunner(slog.New(slog.DiscardHandler))
	b := hooks.NewInbox(run, r.namespace(), nil)
	want := []string{"connected"}
	for n := range hooks.MaxPending {
		full := put(b, n)
		if (full != nil) != (n == hooks.MaxPending-1) {
			t.Fatalf("full at %d events: %v", n+1, full != nil)
		}
		want = append(want, fmt.Sprint(n))
	}
	full := put(b, -1) // one who doesn't heed it loses nothing
	select {
	case <-full:
		t.Fatal("space before anything was handled")
	default:
	}
	b.Open()
	<-full
	if put(b, -2) != nil {
		t.Error("full with half of the space left")
	}
	r.expect(t, run, append(want, "-1", "-2")...)
}

func TestAuthorise(t *testing.T) {
	t.Parallel()
	run := hooks.NewRunner(slog.New(slog.DiscardHandler))
	farewell := &socketio.Farewell{Event: "bye"}
	tests := map[string]struct {
		hook func(context.Context, socketio.Handshake) (any, error)
		id   any
		want error
	}{
		"no hook":          {},
		"let in":           {hook: func(context.Context, socketio.Handshake) (any, error) { return "ana", nil }, id: "ana"},
		"refused":          {hook: func(context.Context, socketio.Handshake) (any, error) { return "ana", errors.New("no") }, want: hooks.ErrRefused},
		"panic":            {hook: func(context.Context, socketio.Handshake) (any, error) { panic("no") }, want: hooks.ErrRefused},
		"farewell":         {hook: func(context.Context, socketio.Handshake) (any, error) { return "ana", farewell }, want: farewell},
		"wrapped farewell": {hook: func(context.Context, socketio.Handshake) (any, error) { return nil, fmt.Errorf("so: %w", farewell) }, want: farewell},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			id, err := run.Authorise(&socketio.Namespace{Authorise: test.hook}, socketio.Handshake{})
			if id != test.id || err != test.want {
				t.Errorf("got %v %v, want %v %v", id, err, test.id, test.want)
			}
		})
	}
}

func TestCrewWait(t *testing.T) {
	t.Parallel()
	var crew hooks.Crew
	if err := crew.Wait(t.Context()); err != nil {
		t.Errorf("with nobody there: %v", err)
	}
	release := make(chan struct{})
	crew.Go(func() {
		crew.Go(func() { <-release })
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := crew.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("with work in progress: %v", err)
	}
	close(release)
	if err := crew.Wait(t.Context()); err != nil {
		t.Errorf("at the end: %v", err)
	}
}
