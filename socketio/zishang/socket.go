package zishang

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"sync"
	"sync/atomic"

	sio "github.com/zishang520/socket.io/servers/socket/v3"

	"expresschat/socketio"
	"expresschat/socketio/hooks"
)

// socket is one connection to one namespace. It goes from asking (only the fields of
// the handshake are set) over letIn and live to its end, which may come at any time.
type socket struct {
	conn   *conn
	ns     *namespace
	inbox  hooks.Inbox
	auth   json.RawMessage
	params url.Values // of the namespace, in revision 3

	lib      *sio.Socket        // set before Authorise
	identity any                // set before letIn
	farewell *socketio.Farewell // set before letIn
	letIn    atomic.Bool        // the client is being told that it is in
	live     chan struct{}      // closed when it has been told
	gone     chan struct{}      // closed when the library's socket has ended
	goneOnce sync.Once

	mu   sync.Mutex
	seat *socketio.Seat[*socket] // nil before open
	over atomic.Bool             // changes under mu only
}

func newSocket(c *conn, n *namespace, auth json.RawMessage, params url.Values) *socket {
	s := &socket{conn: c, ns: n, auth: auth, params: params, live: make(chan struct{}), gone: make(chan struct{})}
	s.inbox.Init(n.door, s)
	return s
}

// ID implements socketio.Socket.
func (s *socket) ID() string { return string(s.lib.Id()) }

// Identity implements socketio.Socket.
func (s *socket) Identity() any { return s.identity }

// Join implements socketio.Socket.
func (s *socket) Join(rooms ...string) { s.seat.Join(rooms...) }

// Leave implements socketio.Socket.
func (s *socket) Leave(rooms ...string) { s.seat.Leave(rooms...) }

// Emit implements socketio.Socket.
func (s *socket) Emit(event string, arg any) error {
	if s.ns.e.stage.Load() >= stopped {
		return socketio.ErrStopped
	}
	w, err := s.ns.encode(event, arg)
	if err != nil {
		return err
	}
	s.send(w)
	return nil
}

// EmitAck implements socketio.Socket.
func (s *socket) EmitAck(ctx context.Context, event string, arg any) (socketio.Args, error) {
	return s.ns.acks.Await(ctx, s, &s.over, func(id uint64) error {
		if s.ns.e.stage.Load() >= stopped {
			return socketio.ErrStopped
		}
		w, err := s.ns.encodeEventAck(id, event, arg)
		if err != nil {
			return err
		}
		s.send(w)
		return nil
	})
}

// Drop implements socketio.Socket.
func (s *socket) Drop(reason string) {
	if !s.hasEnded() {
		s.conn.drop(reason)
	}
}

// Disconnect implements socketio.Socket.
func (s *socket) Disconnect() {
	if s.end(socketio.ReasonServerLeft) {
		s.lib.Disconnect(false)
		s.conn.part()
	}
}

// send queues an Engine.IO packet.
func (s *socket) send(w wire) {
	if !s.hasEnded() {
		s.conn.send(w)
	}
}

// Ack implements socketio.Acker.
func (s *socket) Ack(id uint64, result any) {
	w, err := s.ns.encodeAck(id, result)
	if err != nil {
		s.ns.e.log.Error("acknowledgement not sent", "error", err)
		return
	}
	s.send(w)
}

func (s *socket) handshake() socketio.Handshake {
	r := s.lib.Request().Request()
	query := r.URL.Query()
	for name, values := range s.params {
		query[name] = values
	}
	return socketio.Handshake{
		Header:     r.Header,
		Query:      query,
		Auth:       s.auth,
		RemoteAddr: r.RemoteAddr,
		Revision:   s.conn.eio.Protocol(),
		Conn:       s.conn.eio.Id(),
	}
}

// refuse keeps the client out. The connection ends with a refusal, and in revision 3, where
// the client may not have asked to come in, in any case, unless another namespace uses it.
func (s *socket) refuse(why error, next func(*sio.ExtendedError)) {
	words := refused
	var refusal *socketio.Refusal
	final := errors.As(why, &refusal)
	if final {
		words = refusal.Message
	}
	s.end("")
	s.conn.unseat(s)
	// The library sends the refusal from the socket's queue and closes it with that.
	// What is queued from the queue itself still runs, and runs after.
	s.lib.Enqueue(func() {
		next(sio.NewExtendedError(words, nil))
		s.lib.Enqueue(func() {
			if final || s.conn.eio.Protocol() == 3 {
				s.conn.part()
			} else {
				s.conn.idle()
			}
		})
	})
}

// putOff leaves a client without an answer until the server, which is stopping, drops
// it: one that is refused would not come back by itself.
func (s *socket) putOff(next func(*sio.ExtendedError)) {
	s.end("")
	s.lib.Enqueue(func() {
		<-s.conn.done
		next(sio.NewExtendedError(refused, nil)) // has the library clean up
	})
}

// bid tells a client that may not stay why, and disconnects it.
func (s *socket) bid() {
	w, err := s.ns.encode(s.farewell.Event, s.farewell.Arg)
	if err != nil {
		s.ns.e.log.Error("farewell not sent", "error", err)
	} else {
		s.send(w)
	}
	s.Disconnect()
}

// open begins the socket's life for its namespace.
func (s *socket) open() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.over.Load() {
		s.auth, s.params = nil, nil
		s.seat = s.ns.rooms.Enter(s.ID(), s)
		s.inbox.Open()
	}
}

// end is the one way for a socket to end. It is false when it has ended before.
func (s *socket) end(reason string) bool {
	s.mu.Lock()
	first := s.over.CompareAndSwap(false, true)
	seat := s.seat
	s.mu.Unlock()
	if !first {
		return false
	}
	s.ns.acks.End(s)
	if seat != nil {
		seat.Close()
	}
	s.inbox.Close(reason)
	return true
}

func (s *socket) hasEnded() bool { return s.over.Load() }
