package hooks

import (
	"encoding/json"
	"sync"

	"expresschat/socketio"
)

// MaxPending is how many events of one socket may wait for its handlers. Past it the
// engine stops reading from the connection.
const MaxPending = 256

// Event is one event that a client sent.
type Event struct {
	Name string
	Arg  json.RawMessage  // the first argument, nil when there was none
	Ack  func(result any) // nil when the client wants none
}

// Inbox queues what happens to one socket and runs its hooks, in order: Connected,
// the handlers, Disconnected.
type Inbox struct {
	run  *Runner
	ns   *socketio.Namespace
	sock socketio.Socket

	mu      sync.Mutex
	pending []Event
	space   chan struct{} // closed when enough of pending is handled; nil when nobody waits
	open    bool
	greeted bool // Connected has been called
	closed  bool
	parted  bool // Disconnected has been called
	reason  string
	working bool
}

// NewInbox returns the inbox of s. Events may be put into it, but none is handled
// before it is opened.
func NewInbox(run *Runner, ns *socketio.Namespace, s socketio.Socket) *Inbox {
	return &Inbox{run: run, ns: ns, sock: s}
}

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

// Put queues e, unless nobody handles it or the socket has ended. When the bound of
// pending events is reached it returns a channel that is closed when there is space
// again; the engine must not read on before that.
func (b *Inbox) Put(e Event) (full <-chan struct{}) {
	if b.ns.Handlers[e.Name] == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil
	}
	b.pending = append(b.pending, e)
	if b.open {
		b.wake()
	}
	if len(b.pending) < MaxPending {
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
	b.closed, b.reason = true, reason
	if b.open {
		b.wake()
		return
	}
	b.pending = nil
	b.release()
}

// wake starts the worker when there is none. mu is held.
func (b *Inbox) wake() {
	if !b.working {
		b.working = true
		b.run.Go(b.work)
	}
}

// release lets go whoever waits for space. mu is held.
func (b *Inbox) release() {
	if b.space != nil {
		close(b.space)
		b.space = nil
	}
}

func (b *Inbox) work() {
	finished := false
	defer func() {
		if !finished { // a hook has ended its goroutine (runtime.Goexit)
			b.run.Go(b.work)
		}
	}()
	for step := b.next(); step != nil; step = b.next() {
		step()
	}
	finished = true
}

// next takes what is to be done next. When it returns nil the worker has to end:
// whatever comes later starts another one.
func (b *Inbox) next() func() {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !b.greeted:
		b.greeted = true
		return b.connected
	case len(b.pending) > 0:
		e := b.pending[0]
		b.pending[0] = Event{}
		b.pending = b.pending[1:]
		if len(b.pending) == 0 {
			b.pending = nil // whoever once sent a lot keeps no memory for it
		}
		if len(b.pending) <= MaxPending/2 {
			b.release()
		}
		return func() { b.run.serve(b.ns, b.sock, e) }
	case b.closed && !b.parted:
		b.parted = true
		return b.disconnected
	}
	b.working = false
	return nil
}

func (b *Inbox) connected() {
	if b.ns.Connected != nil {
		b.run.guard("connected", func() { b.ns.Connected(b.run.ctx, b.sock) })
	}
}

func (b *Inbox) disconnected() {
	if b.ns.Disconnected != nil {
		b.run.guard("disconnected", func() { b.ns.Disconnected(b.sock, b.reason) })
	}
}
