package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"expresschat/socketio"
)

type point struct {
	X, Y   int
	Name   *string
	Tags   []string
	Counts map[string]int
	Raw    json.RawMessage
}

// Handle decodes as json.Unmarshal does, whatever the same handler has decoded before.
func TestHandleDecodes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 10_000)
	args := []string{
		`{"X":1,"Y":2,"Name":"a","Tags":["b","c"],"Counts":{"d":1},"Raw":[1, 2]}`,
		`{"y":3}`, ``, `null`, `{}`, ` {"X":4} `, `{"X":5}`,
		`{"X":6,"Y":"7"}`, `{"Tags":["e"]}`, // one that fails in its midst leaves nothing behind
		`{"X":8`, `{"X":9}`, `{"X":10}{"X":11}`, `{"X":12} x`, `{"X":13}`, `x`, `[]`, `1`, `"s"`,
		`{"Name":"` + long + `"}`, `{"Name":"` + long, `{"Tags":["f"],"Counts":{"g":2},"Raw":"h"}`,
	}
	h := echo[point]()
	var kept, want []point
	for _, arg := range args {
		in, err := expect[point](t, h, arg)
		if err == nil {
			got, _ := h.Serve(t.Context(), nil, []byte(arg))
			kept, want = append(kept, got.(point)), append(want, in)
		}
	}
	if !reflect.DeepEqual(kept, want) {
		t.Errorf("what handlers got has changed: %+v, want %+v", kept, want)
	}
}

func TestHandleDecodesScalars(t *testing.T) {
	t.Parallel()
	number, text, anything, raw := echo[int](), echo[string](), echo[any](), echo[json.RawMessage]()
	for _, arg := range []string{`1`, `23`, ` 4`, `5 `, `6`, `7 8`, `9`, `1e400`, `"10"`, `null`, `"a\u00e4"`, `true`, `{"a":[1,{}]}`, `{`, ``} {
		_, _ = expect[int](t, number, arg)
		_, _ = expect[string](t, text, arg)
		_, _ = expect[any](t, anything, arg)
		_, _ = expect[json.RawMessage](t, raw, arg)
	}
}

func TestHandleInParallel(t *testing.T) {
	t.Parallel()
	h := echo[[]int]()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				_, _ = expect[[]int](t, h, `[1,2,3]`)
				_, _ = expect[[]int](t, h, `[4,"5"]`)
			}
		})
	}
	all.Wait()
}

// echo is a handler whose result is what it got.
func echo[In any]() socketio.Handler {
	return socketio.Handle(func(_ context.Context, _ socketio.Socket, in In) (any, error) { return in, nil })
}

// expect has h, an echo, decode arg, and returns what json.Unmarshal makes of it.
func expect[In any](t *testing.T, h socketio.Handler, arg string) (want In, err error) {
	t.Helper()
	if arg != "" {
		err = json.Unmarshal([]byte(arg), &want)
	}
	buffer := []byte(arg)
	got, failed := h.Serve(t.Context(), nil, buffer)
	clear(buffer) // it is used again
	switch {
	case err != nil:
		if !errors.Is(failed, socketio.ErrDecode) || !strings.HasSuffix(failed.Error(), err.Error()) || got != nil {
			t.Errorf("%.50s: got %v %v, want ErrDecode with %v", arg, got, failed, err)
		}
	case failed != nil || !reflect.DeepEqual(got, any(want)):
		t.Errorf("%.50s: got %+v %v, want %+v", arg, got, failed, want)
	}
	return want, err
}

func BenchmarkHandle(b *testing.B) {
	type draft struct {
		Chat    string `json:"chatId"`
		Content string `json:"content"`
	}
	arg := json.RawMessage(`{"chatId":"0b9cf6ac-31a7-4f27-8c41-46a5a1b6b4a2","content":"shall we meet at the usual place, say at noon?"}`)
	h := socketio.Handle(func(context.Context, socketio.Socket, draft) (any, error) { return nil, nil })
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Serve(b.Context(), nil, arg); err != nil {
			b.Fatal(err)
		}
	}
}
