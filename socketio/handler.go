package socketio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// Errors that Respond is given beside those of the handlers.
var (
	ErrDecode = errors.New("socketio: argument has another shape")
	ErrPanic  = errors.New("socketio: handler panicked")
)

// Handler is a function of an event with its decoding, made by Handle.
type Handler interface {
	// Serve decodes the event's first argument, which is nil when the client sent
	// none, and runs the handler. arg is the engine's: it is valid only until Serve
	// returns, so what is to be kept, be it in the result, has to be copied. Serve
	// does not recover panics: engines do.
	Serve(ctx context.Context, s Socket, arg json.RawMessage) (any, error)
}

// ArgsHandler is a handler that gets all of an event instead, made by HandleArgs.
// Engines ask for it.
type ArgsHandler interface {
	Handler

	// ServeArgs runs the handler. args is the handler's to keep.
	ServeArgs(ctx context.Context, s Socket, args Args) (any, error)
}

// Handle makes a handler of h. The event's first argument is decoded into In, any
// further ones are ignored. No argument and null leave In at its zero value, when In
// is a struct; every other shape than In's, and what holds a binary attachment, is
// ErrDecode, and h does not run. What h gets is its own to keep. With Args for In it is
// HandleArgs.
//
// ctx has no deadline of its own and does not end with the socket: an event that has
// arrived is handled even if its sender is gone. It ends when Engine.Stop gives up.
func Handle[In any](h func(ctx context.Context, s Socket, in In) (any, error)) Handler {
	if all, ok := any(h).(func(context.Context, Socket, Args) (any, error)); ok {
		return HandleArgs(all)
	}
	return &handler[In]{run: h}
}

// keepArg is up to how many bytes of an argument a decoder is used that is kept: its
// buffer grows with what it has read, and large arguments are rare.
const keepArg = 4 << 10

type handler[In any] struct {
	run      func(ctx context.Context, s Socket, in In) (any, error)
	decoders sync.Pool // of *decoder[In]
}

func (h *handler[In]) Serve(ctx context.Context, s Socket, arg json.RawMessage) (any, error) {
	in, err := h.decode(arg)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDecode, err)
	}
	return h.run(ctx, s, in)
}

func (h *handler[In]) decode(arg json.RawMessage) (in In, err error) {
	if len(arg) == 0 {
		return in, nil
	}
	if len(arg) > keepArg {
		return unmarshal[In](arg)
	}
	d, ok := h.decoders.Get().(*decoder[In])
	if !ok {
		d = new(decoder[In])
		d.json = json.NewDecoder(&d.text)
	}
	if !d.decode(arg) {
		return unmarshal[In](arg)
	}
	in, d.in = d.in, in
	h.decoders.Put(d)
	return in, nil
}

func unmarshal[In any](arg json.RawMessage) (in In, err error) {
	err = json.Unmarshal(arg, &in)
	return in, err
}

// decoder has what json.Unmarshal allocates for every call, to be used again. Besides
// its own state that is the value, as a pointer to it goes through interfaces.
type decoder[In any] struct {
	in   In // zero between uses
	text bytes.Reader
	json *json.Decoder // of text
}

// decode sets in. When it is false arg may be wrong or just unusual, which
// json.Unmarshal has to say, and d must not be used again: it has kept some of arg.
func (d *decoder[In]) decode(arg json.RawMessage) bool {
	start := d.json.InputOffset()
	d.text.Reset(arg)
	err := d.json.Decode(&d.in)
	d.text.Reset(nil)
	return err == nil && d.json.InputOffset()-start == int64(len(arg))
}
