package hooks_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"testing"

	"expresschat/socketio"
	"expresschat/socketio/hooks"
)

// Handlers that want all of an event get it, the others what they got before.
func TestInboxArgs(t *testing.T) {
	t.Parallel()
	run := hooks.NewRunner(slog.New(slog.DiscardHandler))
	got := make(chan any, 4)
	b := inbox(run, &socketio.Namespace{
		Handlers: map[string]socketio.Handler{
			"all": socketio.HandleArgs(func(_ context.Context, _ socketio.Socket, args socketio.Args) (any, error) {
				if args.JSON == nil {
					panic("no arguments")
				}
				return args, nil
			}),
			"first": served(func(arg json.RawMessage) (any, error) { return string(arg), nil }),
		},
		Respond: func(_ context.Context, _ socketio.Socket, _ socketio.Call, result any, err error) {
			if errors.Is(err, socketio.ErrPanic) {
				result = "panic"
			}
			got <- result
		},
	})
	list := []byte(`["name", {"a":1} ,null]`)
	for _, name := range []string{"all", "first"} {
		b.Put(hooks.Event{Name: []byte(name), Arg: list[9:16], List: list, Attachments: [][]byte{{1}, {}}})
	}
	b.Put(hooks.Event{Name: []byte("all")}) // which no engine does
	clear(list)
	b.Open()
	want := socketio.Args{JSON: []json.RawMessage{[]byte(`{"a":1}`), []byte(`null`)}, Attachments: [][]byte{{1}, {}}}
	for _, want := range []any{want, `{"a":1}`, "panic"} {
		if args := <-got; !reflect.DeepEqual(args, want) {
			t.Errorf("got %s, want %s", args, want)
		}
	}
	b.Close("bye")
	wait(t, run)
}

// Attachments wait for handlers, and count, unless nobody wants them.
func TestInboxBoundOfAttachments(t *testing.T) {
	t.Parallel()
	run := hooks.NewRunner(slog.New(slog.DiscardHandler))
	b := inbox(run, &socketio.Namespace{Handlers: map[string]socketio.Handler{
		"all": socketio.HandleArgs(func(context.Context, socketio.Socket, socketio.Args) (any, error) { return nil, nil }),
		"one": served(func(json.RawMessage) (any, error) { return nil, nil }),
	}})
	half := make([]byte, hooks.MaxPendingBytes/2)
	event := func(name string) <-chan struct{} {
		return b.Put(hooks.Event{Name: []byte(name), List: []byte(`["a"]`), Attachments: [][]byte{half[1:], half[:1]}})
	}
	for range 3 {
		if event("one") != nil || event("none") != nil {
			t.Fatal("full of what nobody wants")
		}
	}
	if event("all") != nil {
		t.Fatal("full at a half")
	}
	full := event("all")
	if full == nil {
		t.Fatal("not full")
	}
	b.Open()
	<-full
	b.Close("bye")
	wait(t, run)
}

func TestAuthoriseHeaders(t *testing.T) {
	t.Parallel()
	run := hooks.NewRunner(slog.New(slog.DiscardHandler))
	given := http.Header{"X-A": {"a", "b"}, "X-B": {"c"}}
	for _, test := range []struct {
		names []string
		want  http.Header
	}{
		{nil, given}, {[]string{}, http.Header{}}, {[]string{"x-a", "X-None"}, http.Header{"X-A": {"a", "b"}}},
	} {
		var got http.Header
		ns := socketio.Namespace{Headers: test.names, Authorise: func(_ context.Context, h socketio.Handshake) (any, error) {
			got = h.Header.Clone()
			for _, values := range h.Header {
				values[0] = "changed"
			}
			return nil, nil
		}}
		_, _ = run.Authorise(&ns, socketio.Handshake{Header: given})
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q: got %v, want %v", test.names, got, test.want)
		}
	}
	if !reflect.DeepEqual(given, http.Header{"X-A": {"a", "b"}, "X-B": {"c"}}) {
		t.Errorf("the hook changed the handshake: %v", given)
	}
}
