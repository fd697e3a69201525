package own

import (
	"sync"

	"expresschat/socketio"
	"expresschat/socketio/acks"
	"expresschat/socketio/engineio"
	"expresschat/socketio/hooks"
	"expresschat/socketio/packet"
)

// namespace is one that somebody opened.
type namespace struct {
	socketio.Namespace
	e     *engine
	door  *hooks.Door
	rooms *socketio.Rooms[*socket]
	acks  acks.Table[*socket]
	calls sync.Pool // of *broadcast
}

// broadcast is what one Emit needs, to be used again by a later one.
type broadcast struct {
	to    []*socket
	batch engineio.Batch
}

func newNamespace(e *engine, ns socketio.Namespace) *namespace {
	n := &namespace{Namespace: ns, e: e, rooms: socketio.NewRooms[*socket]()}
	n.door = hooks.NewDoor(e.run, &n.Namespace)
	n.calls.New = func() any { return new(broadcast) }
	return n
}

// Emit implements socketio.Broadcaster.
func (n *namespace) Emit(to socketio.Audience, event string, arg any) error {
	if n.e.stage.Load() >= stopped {
		return socketio.ErrStopped
	}
	b := n.calls.Get().(*broadcast)
	defer n.calls.Put(b)
	b.to = n.rooms.Reach(to, b.to[:0])
	defer func() { clear(b.to) }()
	if len(b.to) == 0 {
		return nil
	}
	m, a, err := n.event(event, arg)
	if err != nil {
		return err
	}
	if len(b.to) == 1 {
		b.to[0].send(m.Once(), a)
		return nil
	}
	shared := m.Shared()
	for _, s := range b.to {
		if !s.over.Load() {
			session := s.client.session
			b.batch.Add(session, shared, a.messages(session.Revision())...)
		}
	}
	b.batch.Flush()
	return nil
}

// event begins the message of an event. Attachments follow it.
func (n *namespace) event(event string, arg any) (m *engineio.Builder, a *attachments, err error) {
	m = engineio.NewMessage()
	if args, ok := arg.(socketio.Args); ok {
		m.B, err = packet.AppendEventArgs(m.B, n.Name, event, args.JSON, len(args.Attachments))
		a = attached(args)
	} else {
		m.B, err = packet.AppendEvent(m.B, n.Name, event, arg)
	}
	if err != nil {
		m.Discard()
		return nil, nil, err
	}
	return m, a, nil
}

// eventAck is event for one that the client is to acknowledge by id.
func (n *namespace) eventAck(id uint64, event string, arg any) (m *engineio.Builder, a *attachments, err error) {
	m = engineio.NewMessage()
	if args, ok := arg.(socketio.Args); ok {
		m.B, err = packet.AppendEventAckArgs(m.B, n.Name, id, event, args.JSON, len(args.Attachments))
		a = attached(args)
	} else {
		m.B, err = packet.AppendEventAck(m.B, n.Name, id, event, arg)
	}
	if err != nil {
		m.Discard()
		return nil, nil, err
	}
	return m, a, nil
}

// ack begins the message of an acknowledgement. Attachments follow it.
func (n *namespace) ack(id uint64, result any) (m *engineio.Builder, a *attachments, err error) {
	m = engineio.NewMessage()
	if args, ok := result.(socketio.Args); ok {
		m.B, err = packet.AppendAckArgs(m.B, n.Name, id, args.JSON, len(args.Attachments))
		a = attached(args)
	} else {
		m.B, err = packet.AppendAck(m.B, n.Name, id, result)
	}
	if err != nil {
		m.Discard()
		return nil, nil, err
	}
	return m, a, nil
}
