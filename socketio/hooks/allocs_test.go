//go:build !race

package hooks_test

import (
	"context"
	"log/slog"
	"testing"

	"expresschat/socketio"
	"expresschat/socketio/hooks"
)

// Besides what the handler gets nothing is allocated for an event. This can't run
// beside other tests, nor with the race detector, which has sync.Pool lose things.
func TestAllocations(t *testing.T) {
	const decoded = 2 // the strings
	handlers := map[string]socketio.Handler{
		"at once": socketio.Handle(func(context.Context, socketio.Socket, draft) (any, error) { return nil, nil }),
		"later": socketio.HandleLater(func(_ context.Context, _ socketio.Socket, _ draft, r socketio.Reply) {
			r.Done(nil, nil)
		}),
	}
	for name, h := range handlers {
		run := hooks.NewRunner(slog.New(slog.DiscardHandler))
		b := inbox(run, &socketio.Namespace{
			Handlers: map[string]socketio.Handler{"send": h},
			Respond:  func(_ context.Context, _ socketio.Socket, c socketio.Call, result any, _ error) { c.Ack(result) },
		})
		b.Open()
		answers := make(acks, 1)
		e := hooks.Event{Name: []byte("send"), Arg: []byte(draftText), Acker: answers}
		allocs := testing.AllocsPerRun(5000, func() {
			b.Put(e)
			<-answers
		})
		if allocs > decoded {
			t.Errorf("%s: %v allocations for an event, want %d", name, allocs, decoded)
		}
		b.Close("bye")
		wait(t, run)
	}
}
