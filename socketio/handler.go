package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Errors that Respond is given beside those of the handlers.
var (
	ErrDecode = errors.New("socketio: argument has another shape")
	ErrPanic  = errors.New("socketio: handler panicked")
)

// Handler is a function of an event with its decoding, made by Handle.
type Handler interface {
	// Serve decodes the event's first argument, which is nil when the client sent
	// none, and runs the handler. It does not recover panics: engines do.
	Serve(ctx context.Context, s Socket, arg json.RawMessage) (any, error)
}

// Handle makes a handler of h. The event's first argument is decoded into In, any
// further ones are ignored. No argument and null leave In at its zero value, when In
// is a struct; every other shape than In's is ErrDecode, and h does not run.
//
// ctx has no deadline of its own and does not end with the socket: an event that has
// arrived is handled even if its sender is gone. It ends when Engine.Stop gives up.
func Handle[In any](h func(ctx context.Context, s Socket, in In) (any, error)) Handler {
	return handler[In](h)
}

type handler[In any] func(ctx context.Context, s Socket, in In) (any, error)

func (h handler[In]) Serve(ctx context.Context, s Socket, arg json.RawMessage) (any, error) {
	var in In
	if len(arg) > 0 {
		if err := json.Unmarshal(arg, &in); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDecode, err)
		}
	}
	return h(ctx, s, in)
}
