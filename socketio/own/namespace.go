package own

import (
	"sync"

	"expresschat/socketio"
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
	m, err := n.event(event, arg)
	if err != nil {
		return err
	}
	if len(b.to) == 1 {
		b.to[0].send(m.Once())
		return nil
	}
	shared := m.Shared()
	for _, s := range b.to {
		if !s.over.Load() {
			b.batch.Add(s.client.session, shared)
		}
	}
	b.batch.Flush()
	return nil
}

// event begins the message of an event.
func (n *namespace) event(event string, arg any) (*engineio.Builder, error) {
	m := engineio.NewMessage()
	var err error
	if m.B, err = packet.AppendEvent(m.B, n.Name, event, arg); err != nil {
		m.Discard()
		return nil, err
	}
	return m, nil
}
