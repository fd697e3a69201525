package socketio_test

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"

	"expresschat/socketio"
)

// Whoever makes a handler of Args, by whichever function, gets all of an event.
func TestHandleArgs(t *testing.T) {
	t.Parallel()
	echo := func(_ context.Context, _ socketio.Socket, args socketio.Args) (any, error) { return args, nil }
	args := socketio.Args{JSON: []json.RawMessage{[]byte(`1`), []byte(`"2"`)}, Attachments: [][]byte{{3}}}
	for name, h := range map[string]socketio.Handler{"Handle": socketio.Handle(echo), "HandleArgs": socketio.HandleArgs(echo)} {
		all, ok := h.(socketio.ArgsHandler)
		if !ok {
			t.Errorf("%s makes a handler of the first argument", name)
			continue
		}
		if got, err := all.ServeArgs(t.Context(), nil, args); err != nil || !reflect.DeepEqual(got, args) {
			t.Errorf("%s: got %v %v", name, got, err)
		}
		buffer := []byte(`{"a":1}`)
		got, err := h.Serve(t.Context(), nil, buffer)
		clear(buffer)
		if want := (socketio.Args{JSON: []json.RawMessage{[]byte(`{"a":1}`)}}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v %v from one argument", name, got, err)
		}
		if got, err := h.Serve(t.Context(), nil, nil); err != nil || !reflect.DeepEqual(got, socketio.Args{}) {
			t.Errorf("%s: got %v %v from none", name, got, err)
		}
	}
	if _, ok := socketio.Handle(func(context.Context, socketio.Socket, []json.RawMessage) (any, error) { return nil, nil }).(socketio.ArgsHandler); ok {
		t.Error("a handler of a list gets all arguments")
	}
}
