package doortest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"

	"expresschat/socketio"
)

// Direct is an engine without a wire, for tests that ask much of the doors' handlers: what
// a socket says is handled before Say returns, and what it hears is kept.
type Direct struct {
	socketio.Engine // nil: what is not below, no handler has use for

	mu     sync.Mutex
	spaces map[string]*space // by name
	count  int               // of sockets, ever
	odd    []string          // what was emitted and is no JSON
}

// NewDirect makes an engine without namespaces.
func NewDirect() *Direct { return &Direct{spaces: map[string]*space{}} }

// space is a namespace with its sockets. It is a Broadcaster.
type space struct {
	socketio.Namespace
	*Direct
	sockets []*DirectSocket // guarded by mu
}

// ServeHTTP implements socketio.Engine: nobody gets in by HTTP.
func (*Direct) ServeHTTP(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }

// Open implements socketio.Engine.
func (d *Direct) Open(ns socketio.Namespace) socketio.Broadcaster {
	s := &space{Namespace: ns, Direct: d}
	d.spaces[ns.Name] = s
	return s
}

// Allow implements socketio.Engine.
func (*Direct) Allow(func(*http.Request) bool) {}

// Burst implements socketio.Engine.
func (*Direct) Burst(f func()) { f() }

// Stop implements socketio.Engine.
func (d *Direct) Stop(context.Context) error {
	d.Leave()
	return nil
}

// Leave ends all sockets.
func (d *Direct) Leave() {
	for _, ns := range d.spaces {
		for _, s := range ns.all() {
			s.end(socketio.ReasonShuttingDown)
		}
	}
}

// Odd is what was sent so far and is no JSON in UTF-8.
func (d *Direct) Odd() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.odd)
}

// encode is an argument as clients get it.
func (d *Direct) encode(arg any) (string, error) {
	text, err := json.Marshal(arg)
	if err != nil || !utf8.Valid(text) || !json.Valid(text) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.odd = append(d.odd, fmt.Sprintf("%T %q: %v", arg, text, err))
	}
	return string(text), err
}

// Connect has a client come into a namespace. The error is Authorise's.
func (d *Direct) Connect(ctx context.Context, namespace string, h socketio.Handshake) (*DirectSocket, error) {
	ns := d.spaces[namespace]
	identity, err := ns.Authorise(ctx, h)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.count++
	s := &DirectSocket{space: ns, id: "socket" + strconv.Itoa(d.count), identity: identity, rooms: map[string]bool{}}
	s.rooms[s.id] = true
	ns.sockets = append(ns.sockets, s)
	d.mu.Unlock()
	ns.Connected(ctx, s)
	return s, nil
}

func (ns *space) all() []*DirectSocket {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	return slices.Clone(ns.sockets)
}

// Emit implements socketio.Broadcaster.
func (ns *space) Emit(to socketio.Audience, event string, arg any) error {
	text, err := ns.encode(arg)
	if err != nil {
		return err
	}
	ns.mu.Lock()
	defer ns.mu.Unlock()
	for _, s := range ns.sockets {
		if s.in(to.Rooms) && !s.in(to.Except) {
			s.heard = append(s.heard, Heard{event, text})
		}
	}
	return nil
}

// Heard is an event that a socket was sent, with its argument as JSON.
type Heard struct{ Event, Arg string }

// DirectSocket is a client of a Direct.
type DirectSocket struct {
	*space
	id       string
	identity any

	// Guarded by the engine's mu.
	rooms map[string]bool
	heard []Heard
	ended string // why
}

// in is called with mu held.
func (s *DirectSocket) in(rooms []string) bool {
	return slices.ContainsFunc(rooms, func(r string) bool { return s.rooms[r] })
}

// Say has an event handled, and returns the acks that it got. arg is JSON, or empty.
func (s *DirectSocket) Say(ctx context.Context, event, arg string, wantAck bool) (acks []string) {
	h := s.Handlers[event]
	if h == nil || s.Serves != nil && !s.Serves(s.identity, event) {
		return nil
	}
	var raw json.RawMessage
	if arg != "" {
		raw = json.RawMessage(arg)
	}
	result, err := h.Serve(ctx, s, raw)
	to := &answers{direct: s.Direct}
	call := socketio.NewCall(event, nil, 0)
	if wantAck {
		call = socketio.NewCall(event, to, 0)
	}
	s.Respond(ctx, s, call, result, err)
	return to.texts
}

// answers takes the answers to one event.
type answers struct {
	direct *Direct
	texts  []string
}

// Ack implements socketio.Acker.
func (a *answers) Ack(_ uint64, result any) {
	text, _ := a.direct.encode(result) // which is odd where it fails
	a.texts = append(a.texts, text)
}

// Fresh is what the socket has heard since it was last asked.
func (s *DirectSocket) Fresh() []Heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := s.heard
	s.heard = nil
	return fresh
}

// Ended is why the socket has ended, or empty.
func (s *DirectSocket) Ended() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

func (s *DirectSocket) end(reason string) {
	s.mu.Lock()
	over := s.ended != ""
	if !over {
		s.ended = reason
		s.sockets = slices.DeleteFunc(s.sockets, func(o *DirectSocket) bool { return o == s })
	}
	s.mu.Unlock()
	if !over {
		s.Disconnected(s, reason)
	}
}

// ID implements socketio.Socket.
func (s *DirectSocket) ID() string { return s.id }

// Identity implements socketio.Socket.
func (s *DirectSocket) Identity() any { return s.identity }

// Join implements socketio.Socket.
func (s *DirectSocket) Join(rooms ...string) { s.set(true, rooms) }

// Leave implements socketio.Socket.
func (s *DirectSocket) Leave(rooms ...string) { s.set(false, rooms) }

func (s *DirectSocket) set(in bool, rooms []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range rooms {
		s.rooms[r] = in
	}
}

// Emit implements socketio.Socket.
func (s *DirectSocket) Emit(event string, arg any) error {
	text, err := s.encode(arg)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = append(s.heard, Heard{event, text})
	return nil
}

// EmitAck implements socketio.Socket: no client of it answers.
func (s *DirectSocket) EmitAck(context.Context, string, any) (socketio.Args, error) {
	return socketio.Args{}, socketio.ErrEnded
}

// Drop implements socketio.Socket.
func (s *DirectSocket) Drop(reason string) { s.end(reason) }

// Disconnect implements socketio.Socket.
func (s *DirectSocket) Disconnect() { s.end(socketio.ReasonServerLeft) }
