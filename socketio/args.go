package socketio

import (
	"bytes"
	"context"
	"encoding/json"
)

// Args is everything that an event, or an acknowledgement, carries. As argument of Emit
// and EmitAck, and as result for Ack, it is sent as that many arguments, which may be none.
//
// An attachment is binary data. Where one belongs among the arguments stands an object
// {"_placeholder":true,"num":n}, with n as its index in Attachments; clients see the data
// in its place. Other objects with a true "_placeholder" can't be sent beside
// attachments.
//
// An event has ten attachments at most. Those that a client sends with one may have as many bytes
// in all as one message. Those that are emitted have to fit into what may wait for a
// client, some megabytes. They are copied.
type Args struct {
	JSON        []json.RawMessage // nil is null
	Attachments [][]byte
}

// HandleArgs makes a handler that gets all arguments of its event, undecoded, and the
// attachments. They are its own to keep. What Handle says of ctx holds here, too.
func HandleArgs(h func(ctx context.Context, s Socket, args Args) (any, error)) Handler {
	return argsHandler(h)
}

type argsHandler func(ctx context.Context, s Socket, args Args) (any, error)

// Serve implements Handler: there is one argument at most.
func (h argsHandler) Serve(ctx context.Context, s Socket, arg json.RawMessage) (any, error) {
	var args Args
	if arg != nil {
		args.JSON = []json.RawMessage{bytes.Clone(arg)}
	}
	return h(ctx, s, args)
}

// ServeArgs implements ArgsHandler.
func (h argsHandler) ServeArgs(ctx context.Context, s Socket, args Args) (any, error) {
	return h(ctx, s, args)
}
