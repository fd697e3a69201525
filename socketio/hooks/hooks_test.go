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

func inbox(run *hooks.Runner, ns *socketio.Namespace) *hooks.Inbox {
	b := new(hooks.Inbox)
	b.Init(hooks.NewDoor(run, ns), nil)
	return b
}

func put(b *hooks.Inbox, n int) <-chan struct{} {
	return b.Put(hooks.Event{Name: []byte("n"), Arg: json.RawMessage(fmt.Sprint(n))})
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
