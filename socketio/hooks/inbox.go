package hooks

import (
	"sync"

	"expresschat/socketio"
)

// How many events of one socket may wait for its handlers, and how many bytes their
// arguments and attachments may have in all. From either on the engine stops reading
// from the connection.
const (
	MaxPending      = 256
	MaxPendingBytes = 1 << 20
)

// Inbox queues what happens to one socket and runs its hooks, in order: Connected,
// the handlers, Disconnected. It is meant to be a field of the engine's socket, and
// is ready after Init.
type Inbox struct {
	door *Door
	sock socketio.Socket

	mu      sync.Mutex
	pending queue
	space   chan struct{} // closed when enough of pending is handled; nil when nobody waits
	bytes   int           // of the pending arguments and attachments
	count   int32         // of the pending events, the outstanding ones among them
	// outstanding events were given to their handlers, and have no outcome yet.
	outstanding int32
	aside       int32 // the same of events that only the end waits for
	open        bool
	greeted     bool // Connected has been called; the worker's own, without mu
	closed      bool
	working     bool
}

// Init makes b, which must be new, the inbox of s. Events may be put into it, but none
// is handled before it is opened.
func (b *Inbox) Init(d *Door, s socketio.Socket) { b.door, b.sock = d, s }

// Open lets Connected run and then the handlers. It does nothing on an inbox that
// was closed before.
func (b *Inbox) Open() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	b.open = true
	b.wake()
}

// Put queues a copy of e, unless nobody handles it or the socket has ended. When a
// bound of what may be pending is reached it returns a channel that is closed when
// there is space again; the engine must not read on before that.
func (b *Inbox) Put(e Event) (full <-chan struct{}) {
	h, ok := b.door.handlers[string(e.Name)]
	if !ok || !b.door.serves(b.sock, h.name) {
		return nil
	}
	waiting := newEntry(h)
	waiting.fill(e)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		waiting.free()
		return nil
	}
	b.pending.push(waiting)
	b.count++
	b.bytes += waiting.size()
	if b.open {
		b.wake()
	}
	if b.count < MaxPending && b.bytes < MaxPendingBytes {
		return nil
	}
	if b.space == nil {
		b.space = make(chan struct{})
	}
	return b.space
}

// Close says that the socket has ended and left its rooms. Disconnected runs after
// the events that were put before. An inbox that was never opened forgets them.
func (b *Inbox) Close(reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	b.closed = true
	if b.open {
		b.pending.push(newEntry(&named{name: reason}))
		b.wake()
		return
	}
	for e := b.pending.pop(); e != nil; e = b.pending.pop() {
		b.release(e)
		e.free()
	}
}

// wake starts the worker when there is none. mu is held.
func (b *Inbox) wake() {
	if !b.working {
		b.working = true
		b.door.run.start(b)
	}
}

// work runs hooks until none is to be run.
func (b *Inbox) work() {
	if !b.greeted {
		b.greeted = true
		b.door.connected(b.sock)
	}
	for e := b.next(); e != nil; e = b.next() {
		switch {
		case e.handler == nil:
			b.door.disconnected(b.sock, e.name)
		case e.later != nil:
			b.door.serveLater(b.sock, e)
			continue
		default:
			b.door.serve(b.sock, e)
		}
		e.free()
	}
}

// next takes what is to be done next. When it returns nil the worker has to end:
// whatever comes later starts another one.
func (b *Inbox) next() *entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.working = b.ready()
	if !b.working {
		return nil
	}
	e := b.pending.pop()
	switch {
	case e.handler == nil:
	case e.later != nil:
		e.inbox = b
		*b.tally(e)++
		b.door.run.crew.Add()
	default:
		b.release(e)
	}
	return e
}

// ready tells whether the first of what is pending may be begun: if it is to see what came
// before done, nothing may be outstanding. mu is held.
func (b *Inbox) ready() bool {
	e := b.pending.first()
	switch {
	case e == nil:
		return false
	case e.handler == nil:
		return b.outstanding == 0 && b.aside == 0
	}
	return (e.later != nil && !e.aside) || b.outstanding == 0
}

// tally is where an event counts that was given to its handler. mu is held.
func (b *Inbox) tally(e *entry) *int32 {
	if e.aside {
		return &b.aside
	}
	return &b.outstanding
}

// settle takes the outcome of an event that was outstanding.
func (b *Inbox) settle(e *entry, result any, err error) {
	b.door.respond(b.sock, e, result, err)
	b.mu.Lock()
	*b.tally(e)--
	b.release(e)
	if b.ready() {
		b.wake()
	}
	b.mu.Unlock()
	e.free()
	b.door.run.crew.Done()
}

// release notes that e is not pending any more, and lets go whoever waits for space once
// there is a half of it. mu is held.
func (b *Inbox) release(e *entry) {
	if e.handler == nil {
		return
	}
	b.count--
	b.bytes -= e.size()
	if b.space != nil && b.count <= MaxPending/2 && b.bytes <= MaxPendingBytes/2 {
		close(b.space)
		b.space = nil
	}
}
