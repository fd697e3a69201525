// Package socketio is Socket.IO in this server's own words: namespaces whose
// handshake is authorised, sockets that have an identity and sit in rooms, typed
// handlers with an optional acknowledgement, and emits to rooms that are encoded
// once for all receivers. It knows nothing of chat, and what stands behind it (an
// engine) can be exchanged without a line changing outside.
//
// Terms are those of the Socket.IO protocol, revision 5, and of Engine.IO,
// revision 4: namespace, handshake, event, acknowledgement ("ack"), room.
package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// MaxConnects is how many CONNECT packets a connection may send in its life, before it is
// dropped: one for each namespace is what clients need, and seldom another one. Each costs a
// question of Authorise, and a client that joins and leaves in turn would pile up sockets
// behind a Connected that is slow: so this bounds those as well, and its namespaces.
const MaxConnects = 256

// MaxAwaited is how many acknowledgements may be awaited of one socket at a time.
const MaxAwaited = 64

var (
	// ErrStopped is what an emit or a namespace gets from a server that has stopped.
	ErrStopped = errors.New("socketio: server stopped")

	// ErrEnded and ErrTooManyAcks are why Socket.EmitAck has no answer: the socket ended
	// before its client gave one, or MaxAwaited others are outstanding.
	ErrEnded       = errors.New("socketio: socket ended")
	ErrTooManyAcks = errors.New("socketio: too many acknowledgements awaited")
)

// Engine serves Socket.IO over HTTP on whatever path it is mounted.
type Engine interface {
	http.Handler

	// Open adds a namespace. Call it before the first request is served.
	Open(ns Namespace) Broadcaster

	// Allow has the engine ask about every request before it looks at anything else, and
	// answer those that may not come in with 403 and Engine.IO's error 4, "Forbidden".
	// Without it all may. Call it before the first request is served.
	Allow(ask func(r *http.Request) bool)

	// Admit has the engine ask about every new connection before it is made. Where wait is not
	// 0, the client is answered with 429 and told to come back after that; else settled, unless
	// it is nil, is called once: when the connection has come into a first namespace, or has
	// ended without. Without it all are admitted. Call it before the first request is served.
	Admit(ask func(r *http.Request) (settled func(), wait time.Duration))

	// Burst runs f, in which much is emitted: what one client gets of it may be written
	// at once. It is a hint, and may be given by several goroutines at a time.
	Burst(f func())

	// Stop refuses new connections, waits for the handlers that are running or
	// already queued until ctx ends, then drops every socket (see Socket.Drop) and
	// waits until no goroutine of the engine is left. It returns ctx's error if
	// handlers had to be left behind.
	Stop(ctx context.Context) error
}

// Namespace is one door of the engine: who comes in and what they may say.
type Namespace struct {
	// Name is the path of the namespace, "/" for the default one.
	Name string

	// Headers names those of the handshake that Authorise gets; nil means all. An
	// engine keeps them for as long as a connection lives, so few are better.
	Headers []string

	// Authorise decides on a handshake. Its first result becomes the socket's
	// Identity. A *Farewell as error accepts the connection, emits one event and
	// disconnects, and no handler ever runs; a *Refusal refuses it with a CONNECT_ERROR
	// that carries its words, and any other error with the words "not authorised".
	// A panic counts as such an error.
	Authorise func(ctx context.Context, h Handshake) (any, error)

	// Connected runs once for every authorised socket, before any of its handlers.
	// It may block; the socket's events wait, in order.
	Connected func(ctx context.Context, s Socket)

	// Disconnected runs once, after the last handler of the socket has returned and
	// after the socket has left its rooms. Reason is one of the Reason constants or
	// Drop's own word. It runs only for sockets for which Connected was called.
	Disconnected func(s Socket, reason string)

	// Handlers are the events that a client may send, by name. Events without a
	// handler are ignored in silence. Handlers of one socket start in the order in
	// which its events arrived; those of different sockets run in parallel.
	Handlers map[string]Handler

	// Serves tells whether sockets of an identity may send an event, where not all have
	// the same ones; nil means all of Handlers. What it denies is ignored like an event
	// without a handler. It is asked while the client's next packet waits.
	Serves func(identity any, event string) bool

	// Respond gets the outcome of every handler: what an ack is made of, and where
	// errors go. err is ErrDecode (wrapped) when the argument did not fit the
	// handler's type, ErrPanic (wrapped) when the handler panicked, else the
	// handler's own.
	Respond func(ctx context.Context, s Socket, c Call, result any, err error)
}

// Why a socket ended, as Disconnected is told.
const (
	ReasonClientLeft   = "client namespace disconnect" // the client said goodbye
	ReasonServerLeft   = "server namespace disconnect" // Socket.Disconnect
	ReasonTransport    = "transport close"             // the connection went away
	ReasonPingTimeout  = "ping timeout"                // the client fell silent
	ReasonShuttingDown = "server shutting down"        // Engine.Stop
	ReasonSlow         = "slow reader"                 // more waited for it than its bound
)

// Handshake is what a client said when it connected.
type Handshake struct {
	Header     http.Header
	Query      url.Values
	Auth       json.RawMessage // the payload of CONNECT, nil when there was none
	RemoteAddr string          // host and port of the peer
	Revision   int             // of Engine.IO: 3 or 4
	// Conn is the id of the Engine.IO session: the same for all sockets of a connection,
	// and for no others.
	Conn string
}

// Farewell is the error of an Authorise hook that lets the client in just to tell
// it why it can't stay: Event is emitted with Arg, then the server disconnects.
type Farewell struct {
	Event string
	Arg   any
}

func (f *Farewell) Error() string { return "farewell: " + f.Event }

// Refusal is the error of an Authorise hook that keeps the client out and tells it why, in
// {"message": Message}: in either revision an object. The connection ends with that, unless
// another namespace uses it; the client gets some time to do it itself.
type Refusal struct {
	Message string
}

func (r *Refusal) Error() string { return "refusal: " + r.Message }

// Socket is one client's connection to one namespace. Its methods may be called
// from any goroutine and, EmitAck apart, never wait for the client.
type Socket interface {
	// ID is unique among all sockets, and the name of a room that only this socket
	// is in.
	ID() string

	// Identity is what Authorise returned.
	Identity() any

	// Join and Leave change the rooms the socket is in. On a socket that has ended
	// they do nothing.
	Join(rooms ...string)
	Leave(rooms ...string)

	// Emit sends one event with one argument, which is encoded as JSON, or with those
	// in arg if that is an Args. Events emitted to one socket arrive in the order of
	// the calls, broadcasts included.
	Emit(event string, arg any) error

	// EmitAck is Emit for an event that the client has to acknowledge. It waits for that
	// and returns what the client answered. The error is ErrEnded, ErrTooManyAcks, ctx's,
	// or one of Emit's. A client may never answer: give ctx a deadline.
	//
	// A handler may ask its own client. But what that one has sent before it answers
	// comes first: if it is so much that nothing more is read from the client until
	// handlers have returned (256 events, or 1 MiB), the answer is found only then.
	EmitAck(ctx context.Context, event string, arg any) (Args, error)

	// Drop closes the transport without a DISCONNECT packet, so the client comes
	// back by itself. Reason is what Disconnected is told.
	Drop(reason string)

	// Disconnect sends what is queued, then a DISCONNECT packet, and ends the
	// connection: the client stays away until its user acts.
	Disconnect()
}

// Broadcaster reaches the sockets of one namespace.
type Broadcaster interface {
	// Emit sends one event to every socket that is in at least one of to.Rooms and
	// in none of to.Except, once to each. arg, which may be an Args, is encoded once
	// for all of them.
	// A socket that joined before the call gets it; one that left before does not.
	Emit(to Audience, event string, arg any) error
}

// Audience names the receivers of a broadcast by rooms. A socket's ID is a room too.
type Audience struct {
	Rooms  []string
	Except []string
}

// Call is one event from a client that is being answered.
type Call struct {
	Event string
	acker Acker
	id    uint64
}

// Acker is an engine's way to answer the event that its client numbered id.
type Acker interface {
	Ack(id uint64, result any)
}

// NewCall is for engines. a is nil when the client passed no acknowledgement callback.
func NewCall(event string, a Acker, id uint64) Call {
	return Call{Event: event, acker: a, id: id}
}

// WantsAck is whether the client passed an acknowledgement callback.
func (c Call) WantsAck() bool { return c.acker != nil }

// Ack answers the client's acknowledgement callback with one argument, or with those in
// result if that is an Args, and does nothing when the client passed none. Respond calls
// it once at most: nobody holds a second answer back.
func (c Call) Ack(result any) {
	if c.acker != nil {
		c.acker.Ack(c.id, result)
	}
}
