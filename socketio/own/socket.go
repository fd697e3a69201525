package own

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"expresschat/socketio"
	"expresschat/socketio/engineio"
	"expresschat/socketio/hooks"
	"expresschat/socketio/packet"
)

// refused is all that a client learns that may not come in, unless Authorise has words.
const refused = "not authorised"

// socket is one connection to one namespace. It is asking, then let in, then over,
// which may come at any time.
type socket struct {
	client   *client
	ns       *namespace
	id       string
	identity any // set before letIn
	inbox    hooks.Inbox
	letIn    atomic.Bool
	over     atomic.Bool // changes under mu only

	mu       sync.Mutex
	seat     *socketio.Seat[*socket] // nil before the client is in
	admitted bool                    // the client is told that it is in: open follows
	reason   string                  // why it ended before that
}

func newSocket(c *client, n *namespace) *socket {
	s := &socket{client: c, ns: n}
	switch {
	case c.session.Revision() != 3:
		s.id = engineio.NewID()
	case n.Name == "/":
		s.id = c.session.ID() // clients take it for granted
	default:
		s.id = n.Name + "#" + c.session.ID()
	}
	s.inbox.Init(n.door, s)
	return s
}

// authorise asks whether the client may come in, and lets it in.
func (s *socket) authorise(h socketio.Handshake) {
	e := s.ns.e
	identity, err := e.run.Authorise(&s.ns.Namespace, h)
	var farewell *socketio.Farewell
	switch {
	case e.stage.Load() != serving:
		// One that is refused would not come back by itself, one that is dropped does.
		s.end("")
		return
	case err != nil && !errors.As(err, &farewell):
		s.refuse(err)
		return
	}
	s.identity = identity
	if farewell == nil {
		s.client.session.Settle()
	}
	s.client.session.CloseAfter(-1, "")
	s.mu.Lock()
	s.admitted = farewell == nil && !s.over.Load()
	s.mu.Unlock()
	s.greet()
	if farewell != nil {
		_ = s.Emit(farewell.Event, farewell.Arg)
		s.Disconnect()
		return
	}
	s.open()
}

// refuse keeps the client out. The connection ends with a refusal, and in revision 3, where
// the client may not have asked to come in, in any case, unless another namespace uses it.
func (s *socket) refuse(why error) {
	s.end("")
	s.client.unseat(s)
	legacy := s.client.session.Revision() == 3
	var refusal *socketio.Refusal
	final := errors.As(why, &refusal)
	if final {
		s.client.refuse(s.ns.Name, refusal.Message, true)
	} else {
		s.client.refuse(s.ns.Name, refused, !legacy)
	}
	if final || legacy {
		s.client.part(socketio.ReasonServerLeft)
	} else {
		s.client.idle()
	}
}

// greet tells the client that it is in, before anything else reaches it.
func (s *socket) greet() {
	m := engineio.NewMessage()
	if s.client.session.Revision() == 3 {
		m.B = packet.AppendConnectPlain(m.B, s.ns.Name)
	} else {
		m.B = packet.AppendConnect(m.B, s.ns.Name, s.id)
	}
	s.letIn.Store(true) // it may answer at once
	s.send(m.Once(), nil)
}

// open begins the socket's life for its namespace. A client that was told that it is in
// may have left since; then its life is short, but it has one.
func (s *socket) open() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.admitted {
		return
	}
	s.admitted = false
	s.seat = s.ns.rooms.Enter(s.id, s)
	if s.over.Load() {
		s.seat.Close()
	}
	s.inbox.Open()
	if s.over.Load() {
		s.inbox.Close(s.reason)
	}
}

// end is the one way for a socket to end. It is false when it has ended before.
func (s *socket) end(reason string) bool {
	s.mu.Lock()
	first := s.over.CompareAndSwap(false, true)
	seat, opens := s.seat, s.admitted
	if first {
		s.reason = reason
	}
	s.mu.Unlock()
	if !first {
		return false
	}
	s.ns.acks.End(s)
	if opens {
		return true // and open sees to the rest
	}
	if seat != nil {
		seat.Close()
	}
	s.inbox.Close(reason)
	return true
}

// ID implements socketio.Socket.
func (s *socket) ID() string { return s.id }

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
	m, a, err := s.ns.event(event, arg)
	if err != nil {
		return err
	}
	s.send(m.Once(), a)
	return nil
}

// EmitAck implements socketio.Socket.
func (s *socket) EmitAck(ctx context.Context, event string, arg any) (socketio.Args, error) {
	return s.ns.acks.Await(ctx, s, &s.over, func(id uint64) error {
		if s.ns.e.stage.Load() >= stopped {
			return socketio.ErrStopped
		}
		m, a, err := s.ns.eventAck(id, event, arg)
		if err != nil {
			return err
		}
		s.send(m.Once(), a)
		return nil
	})
}

// Ack implements socketio.Acker.
func (s *socket) Ack(id uint64, result any) {
	m, a, err := s.ns.ack(id, result)
	if err != nil {
		s.ns.e.log.Error("acknowledgement not sent", "error", err)
		return
	}
	s.send(m.Once(), a)
}

// Drop implements socketio.Socket.
func (s *socket) Drop(reason string) {
	if !s.over.Load() {
		s.client.session.Close(reason)
	}
}

// Disconnect implements socketio.Socket.
func (s *socket) Disconnect() {
	m := engineio.NewMessage()
	m.B = packet.AppendDisconnect(m.B, s.ns.Name)
	if !s.end(socketio.ReasonServerLeft) {
		m.Discard()
		return
	}
	s.client.session.Send(m.Once())
	s.client.part(socketio.ReasonServerLeft)
}

// send sends a message with what is attached to it, unless the socket has ended.
func (s *socket) send(m engineio.Message, a *attachments) {
	if s.over.Load() {
		m.Release()
		return
	}
	s.client.session.Send(m, a.messages(s.client.session.Revision())...)
}
