package socketio

import (
	"context"
	"encoding/json"
	"fmt"
)

// LaterHandler is a handler that returns before its outcome is known, made by HandleLater.
// Engines ask for it.
type LaterHandler interface {
	Handler

	// ServeLater is Serve, with the outcome going to r: of an argument that can't be
	// decoded, too.
	ServeLater(ctx context.Context, s Socket, arg json.RawMessage, r Reply)
}

// AsideHandler is a LaterHandler that others don't wait for, made by HandleAside. Engines ask
// for it.
type AsideHandler interface {
	LaterHandler
	Aside()
}

// Reply takes the outcome of an event.
type Reply struct {
	to   Replier
	turn uint64
}

// Replier is an engine's way to take the outcome of the event that it counted as turn.
type Replier interface {
	Reply(turn uint64, result any, err error)
}

// NewReply is for engines.
func NewReply(to Replier, turn uint64) Reply { return Reply{to, turn} }

// Done hands the outcome of the event to Namespace.Respond. It has to be called once, from
// any goroutine, and does not wait; further calls do nothing.
func (r Reply) Done(result any, err error) { r.to.Reply(r.turn, result, err) }

// HandleLater makes a handler of h whose outcome may come when h has returned. The socket's
// next event starts then already if its handler was made by HandleLater, too; all others,
// and Disconnected, wait for what is outstanding. So a client can have many such events on
// the way, and what it asks afterwards sees all of them done. They count as pending until
// they are: past the bound of what may be pending the engine stops reading.
//
// If h panics, that is the outcome, unless there is one by then. Argument and ctx are as
// with Handle.
func HandleLater[In any](h func(ctx context.Context, s Socket, in In, r Reply)) LaterHandler {
	return &laterHandler[In]{run: h}
}

// HandleAside is HandleLater for what nobody has to wait for: the socket's next event starts
// once h has returned, whatever it is. It sees what came before done, as all others do, and
// Disconnected waits for it.
func HandleAside[In any](h func(ctx context.Context, s Socket, in In, r Reply)) LaterHandler {
	return &asideHandler[In]{laterHandler[In]{run: h}}
}

type asideHandler[In any] struct{ laterHandler[In] }

// Aside implements AsideHandler.
func (*asideHandler[In]) Aside() {}

type laterHandler[In any] struct {
	handler[In] // for decode alone
	run         func(ctx context.Context, s Socket, in In, r Reply)
}

// ServeLater implements LaterHandler.
func (h *laterHandler[In]) ServeLater(ctx context.Context, s Socket, arg json.RawMessage, r Reply) {
	in, err := h.decode(arg)
	if err != nil {
		r.Done(nil, fmt.Errorf("%w: %w", ErrDecode, err))
		return
	}
	h.run(ctx, s, in, r)
}

// Serve implements Handler, for those who want to wait.
func (h *laterHandler[In]) Serve(ctx context.Context, s Socket, arg json.RawMessage) (any, error) {
	outcome := make(waiter, 1)
	h.ServeLater(ctx, s, arg, NewReply(outcome, 0))
	o := <-outcome
	return o.result, o.err
}

type waiter chan struct {
	result any
	err    error
}

// Reply implements Replier.
func (w waiter) Reply(_ uint64, result any, err error) {
	select {
	case w <- struct {
		result any
		err    error
	}{result, err}:
	default:
	}
}
