package server

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"expresschat/socketio"
)

// Claim is how sure a door is that a connection is one of its clients'.
type Claim int

// Claims, the surer the larger.
const (
	NoClaim  Claim = iota
	Fallback       // it would do, if no other door knows better
	Shown          // the connection shows it
)

// Dialect is a door as a part of a namespace that it may share with others: what
// socketio.Namespace says of a hook holds for the door's own sockets.
type Dialect struct {
	// Claims tells whether a connection is the door's to authorise. It is given Headers.
	Claims func(h socketio.Handshake) Claim
	// Owns tells whether an identity is one that Authorise returned.
	Owns func(identity any) bool
	// Opened hands the door what reaches the sockets of the namespace, the other doors' too.
	Opened func(out socketio.Broadcaster)

	Headers      []string
	Authorise    func(ctx context.Context, h socketio.Handshake) (any, error)
	Connected    func(ctx context.Context, s socketio.Socket)
	Disconnected func(s socketio.Socket, reason string)
	Handlers     map[string]socketio.Handler
	Respond      func(ctx context.Context, s socketio.Socket, c socketio.Call, result any, err error)
}

// errNobodys is the error of a handshake that no door claims.
var errNobodys = errors.New("no door claims the connection")

// shared is a namespace of several doors.
type shared []Dialect

// Open opens a namespace for doors. A connection is authorised by the one whose claim is
// largest, of equal ones the first, and belongs to it from then on. The error is of two
// doors that have an event of one name.
func Open(engine socketio.Engine, name string, doors ...Dialect) error {
	s := shared(doors)
	ns := socketio.Namespace{
		Name: name, Authorise: s.authorise, Connected: s.connected, Disconnected: s.disconnected,
		Handlers: map[string]socketio.Handler{}, Serves: s.serves, Respond: s.respond,
	}
	for _, d := range doors {
		ns.Headers = append(ns.Headers, d.Headers...)
		for event, h := range d.Handlers {
			if ns.Handlers[event] != nil {
				return fmt.Errorf("two doors of %s have an event %q", name, event)
			}
			ns.Handlers[event] = h
		}
	}
	out := engine.Open(ns)
	for _, d := range doors {
		d.Opened(out)
	}
	return nil
}

func (s shared) authorise(ctx context.Context, h socketio.Handshake) (any, error) {
	best, claim := -1, NoClaim
	for i := range s {
		if c := s[i].Claims(h); c > claim {
			best, claim = i, c
		}
	}
	if best < 0 {
		return nil, errNobodys
	}
	return s[best].Authorise(ctx, h)
}

// owner is the door that an identity is of.
func (s shared) owner(identity any) *Dialect {
	i := slices.IndexFunc(s, func(d Dialect) bool { return d.Owns(identity) })
	if i < 0 {
		return nil // nobody was let in by another way than authorise
	}
	return &s[i]
}

func (s shared) connected(ctx context.Context, sock socketio.Socket) {
	if d := s.owner(sock.Identity()); d != nil {
		d.Connected(ctx, sock)
	}
}

func (s shared) disconnected(sock socketio.Socket, reason string) {
	if d := s.owner(sock.Identity()); d != nil {
		d.Disconnected(sock, reason)
	}
}

func (s shared) serves(identity any, event string) bool {
	d := s.owner(identity)
	return d != nil && d.Handlers[event] != nil
}

func (s shared) respond(ctx context.Context, sock socketio.Socket, c socketio.Call, result any, err error) {
	if d := s.owner(sock.Identity()); d != nil {
		d.Respond(ctx, sock, c, result, err)
	}
}
