package hooks_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"unsafe"

	"expresschat/socketio"
	"expresschat/socketio/hooks"
)

func TestInboxOrder(t *testing.T) {
	t.Parallel()
	var r record
	run := hooks.NewRunner(slog.New(slog.DiscardHandler))
	b := inbox(run, r.namespace())
	put(b, 1)
	r.expect(t, run) // not before it is open
	b.Open()
	put(b, 2)
	b.Put(hooks.Event{Name: []byte("unknown")})
	b.Put(hooks.Event{Name: []byte("exit")})
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
	b := inbox(run, r.namespace())
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
	b := inbox(run, r.namespace())
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

func TestInboxBoundOfBytes(t *testing.T) {
	t.Parallel()
	run := hooks.NewRunner(slog.New(slog.DiscardHandler))
	begun, release := make(chan int), make(chan struct{})
	b := inbox(run, &socketio.Namespace{Handlers: map[string]socketio.Handler{
		"size": served(func(arg json.RawMessage) (any, error) {
			begun <- len(arg)
			<-release
			return nil, nil
		}),
	}})
	const third = hooks.MaxPendingBytes/3 + 1
	event := hooks.Event{Name: []byte("size"), Arg: bytes.Repeat([]byte("7"), third)}
	for n := range 2 {
		if b.Put(event) != nil {
			t.Fatalf("full at %d bytes", (n+1)*third)
		}
	}
	full := b.Put(event)
	if full == nil {
		t.Fatalf("not full at %d bytes", 3*third)
	}
	b.Open()
	expect := func() {
		if n := <-begun; n != third {
			t.Errorf("got %d bytes, want %d", n, third)
		}
	}
	expect()
	select {
	case <-full:
		t.Fatal("space with two thirds pending")
	default:
	}
	release <- struct{}{}
	expect()
	<-full
	close(release)
	if b.Put(event) != nil {
		t.Error("full with a third of the space left")
	}
	expect()
	expect()
	b.Close("bye")
	wait(t, run)
}

// The buffer of an event that was read is used for the next one.
func TestInboxCopies(t *testing.T) {
	t.Parallel()
	run := hooks.NewRunner(slog.New(slog.DiscardHandler))
	got := make(chan string, 3)
	b := inbox(run, &socketio.Namespace{Handlers: map[string]socketio.Handler{
		"first":  served(func(arg json.RawMessage) (any, error) { return nil, nil }),
		"second": served(func(arg json.RawMessage) (any, error) { return string(arg), nil }),
		"none":   served(func(arg json.RawMessage) (any, error) { return arg == nil, nil }),
	}, Respond: func(_ context.Context, _ socketio.Socket, c socketio.Call, result any, _ error) {
		got <- fmt.Sprint(c.Event, " ", result)
	}})
	buffer := []byte(`second[1,2]`)
	b.Put(hooks.Event{Name: []byte("first"), Arg: buffer})
	b.Put(hooks.Event{Name: buffer[:6], Arg: buffer[6:]})
	clear(buffer)
	b.Put(hooks.Event{Name: []byte("none")})
	b.Open()
	for _, want := range []string{"first <nil>", "second [1,2]", "none true"} {
		if s := <-got; s != want {
			t.Errorf("got %q, want %q", s, want)
		}
	}
	b.Close("bye")
	wait(t, run)
}

// Every connection has one.
func TestInboxIsSmall(t *testing.T) {
	t.Parallel()
	if size := unsafe.Sizeof(hooks.Inbox{}); size > 80 {
		t.Errorf("an inbox takes %d bytes", size)
	}
}
