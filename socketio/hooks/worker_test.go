package hooks_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime"
	"testing"

	"expresschat/socketio"
	"expresschat/socketio/hooks"
)

// served is a handler that decodes nothing.
type served func(arg json.RawMessage) (any, error)

func (f served) Serve(_ context.Context, _ socketio.Socket, arg json.RawMessage) (any, error) {
	return f(arg)
}

func wait(t *testing.T, run *hooks.Runner) {
	t.Helper()
	if err := run.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// acks is an engine's part in acknowledgements.
type acks chan outcome

type outcome struct {
	id     uint64
	result any
}

func (a acks) Ack(id uint64, result any) { a <- outcome{id, result} }

func TestOutcomes(t *testing.T) {
	t.Parallel()
	run := hooks.NewRunner(slog.New(slog.DiscardHandler))
	errWrong := errors.New("wrong")
	b := inbox(run, &socketio.Namespace{Handlers: map[string]socketio.Handler{
		"right": served(func(arg json.RawMessage) (any, error) { return string(arg), nil }),
		"wrong": served(func(json.RawMessage) (any, error) { return nil, errWrong }),
		"panic": served(func(json.RawMessage) (any, error) { panic("boom") }),
		"shape": socketio.Handle(func(context.Context, socketio.Socket, int) (any, error) { return "ran", nil }),
	}, Respond: func(_ context.Context, _ socketio.Socket, c socketio.Call, result any, err error) {
		if err != nil {
			result = err
		}
		c.Ack(result)
		panic("boom in respond")
	}})
	b.Open()
	answers := make(acks, 1)
	for id, test := range []struct {
		event, arg string
		result     any
		err        error
	}{
		{event: "right", arg: "1", result: "1"},
		{event: "wrong", err: errWrong},
		{event: "panic", err: socketio.ErrPanic},
		{event: "shape", arg: "{}", err: socketio.ErrDecode},
		{event: "right", result: ""},
	} {
		e := hooks.Event{Name: []byte(test.event), Arg: []byte(test.arg)}
		b.Put(e) // whose sender wants no ack
		e.Acker, e.AckID = answers, uint64(id)
		b.Put(e)
		got := <-answers
		err, _ := got.result.(error)
		if got.id != uint64(id) || !errors.Is(err, test.err) || (err == nil && got.result != test.result) {
			t.Errorf("%s %s: got %+v", test.event, test.arg, got)
		}
	}
	b.Close("bye")
	wait(t, run)
}

func TestGoexitInHooks(t *testing.T) {
	t.Parallel()
	run := hooks.NewRunner(slog.New(slog.DiscardHandler))
	var r record
	ns := r.namespace()
	ns.Connected = func(context.Context, socketio.Socket) {
		r.add("connected")
		runtime.Goexit()
	}
	ns.Disconnected = func(_ socketio.Socket, reason string) {
		r.add(reason)
		runtime.Goexit()
	}
	b := inbox(run, ns)
	b.Open()
	put(b, 1)
	b.Close("bye")
	r.expect(t, run, "connected", "1", "bye")
}

// Handlers that wait don't keep those of other sockets from running, however many
// they are, and none of their goroutines stays behind.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	run := hooks.NewRunner(slog.New(slog.DiscardHandler))
	running, release := make(chan struct{}), make(chan struct{})
	door := hooks.NewDoor(run, &socketio.Namespace{Handlers: map[string]socketio.Handler{
		"wait": served(func(json.RawMessage) (any, error) {
			running <- struct{}{}
			<-release
			return nil, nil
		}),
	}})
	for range 2 {
		sockets := make([]hooks.Inbox, 500)
		for i := range sockets {
			b := &sockets[i]
			b.Init(door, nil)
			b.Open()
			b.Put(hooks.Event{Name: []byte("wait")})
			b.Close("bye")
		}
		for range sockets {
			<-running
		}
		for range sockets {
			release <- struct{}{}
		}
	}
	wait(t, run)
}

func TestGiveUp(t *testing.T) {
	t.Parallel()
	run := hooks.NewRunner(slog.New(slog.DiscardHandler))
	errs := make(chan error, 1)
	begun := make(chan struct{})
	b := inbox(run, &socketio.Namespace{Connected: func(ctx context.Context, _ socketio.Socket) {
		close(begun)
		<-ctx.Done()
		errs <- ctx.Err()
	}})
	b.Open()
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("while a hook runs: %v", err)
	}
	run.GiveUp()
	if err := <-errs; !errors.Is(err, context.Canceled) {
		t.Errorf("the hook's context: %v", err)
	}
	wait(t, run)
}
