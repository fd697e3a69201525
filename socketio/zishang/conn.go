package zishang

import (
	"sync"
	"sync/atomic"
	"time"

	eio "github.com/zishang520/socket.io/servers/engine/v3"
	"github.com/zishang520/socket.io/servers/engine/v3/transports"

	"expresschat/socketio"
	"expresschat/socketio/packet"
)

// parting is how long a client that was disconnected has to close the connection
// itself. Some notice a close at once, but a packet only later, and would take the
// one for the other and come back.
const parting = 300 * time.Millisecond

// conn is one connection of the library, with what the library does not know of it.
type conn struct {
	e    *engine
	eio  eio.Socket
	done chan struct{} // closed when the connection has ended

	queued atomic.Int64 // bytes that wait to be written
	pinged atomic.Bool  // a ping of ours waits for its pong

	settled  func()    // of Admit, nil for none
	settling sync.Once // calls it
	connects int       // that have come; only join uses it

	mu        sync.Mutex
	sockets   map[string]*socket // by namespace; those that have ended stay until they are replaced
	reason    string             // why we end it, if we do
	deaf      bool               // what arrives is ignored
	parting   *time.Timer        // until we finish
	idling    *time.Timer        // until a client that is in no namespace is dropped
	finishing bool               // it ends when what is queued is written
	over      bool
	binary    *packet.Assembly
}

func newConn(e *engine, s eio.Socket) *conn {
	c := &conn{e: e, eio: s, done: make(chan struct{}), sockets: make(map[string]*socket, 1)}
	e.live.Add()
	_ = s.On("packet", c.onPacket)
	_ = s.On("packetCreate", c.onPacketCreate)
	_ = s.On("heartbeat", func(...any) { c.pinged.Store(false) })
	_ = s.On("upgrade", c.onUpgrade)
	_ = s.Once("close", func(args ...any) {
		reason, _ := args[0].(string)
		c.ended(reason)
	})
	return c
}

// onUpgrade ends the new transport where the old one was about to be.
func (c *conn) onUpgrade(args ...any) {
	t := args[0].(transports.Transport)
	c.mu.Lock()
	finishing, over := c.finishing, c.over
	c.mu.Unlock()
	if over {
		t.Close()
	} else if finishing {
		t.(finisher).finish()
	}
}

// blame settles why the connection ends, unless that is settled already.
func (c *conn) blame(reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason == "" {
		c.reason = reason
	}
}

// drop ends the connection at once.
func (c *conn) drop(reason string) {
	c.blame(reason)
	// The library's Close misses a transport that an upgrade has just replaced.
	if s, ok := c.eio.(interface{ OnClose(string, ...error) }); ok {
		s.OnClose("forced close")
		return
	}
	c.eio.Close(true)
}

// finisher is a transport that can end after what is queued is written.
type finisher interface{ finish() }

// finish ends the connection after what is queued is written. What still arrives is
// ignored. A client that never fetches it ends by its ping timeout.
func (c *conn) finish() {
	c.mu.Lock()
	c.deaf, c.finishing = true, true
	c.mu.Unlock()
	if t, ok := c.eio.Transport().(finisher); ok {
		t.finish()
	}
}

// part finishes the connection of a client that was told to leave, unless another
// namespace still uses it. The client gets some time to do it itself.
func (c *conn) part() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.sockets {
		if !s.hasEnded() {
			return
		}
	}
	c.deaf = true
	if c.parting == nil && !c.over {
		c.parting = time.AfterFunc(parting, c.finish)
	}
}

// ended runs when the connection has ended for whatever reason.
func (c *conn) ended(reason string) {
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return
	}
	c.over = true
	if c.parting != nil {
		c.parting.Stop()
	}
	c.busy()
	sockets := make([]*socket, 0, len(c.sockets))
	for _, s := range c.sockets {
		sockets = append(sockets, s)
	}
	c.mu.Unlock()
	for _, s := range sockets {
		s.end(c.why(reason))
	}
	close(c.done)
	c.settle()
	c.e.forget(c)
}

// settle tells who admitted the connection that it has come to stay, or has ended.
func (c *conn) settle() {
	if c.settled != nil {
		c.settling.Do(c.settled)
	}
}

// idle gives a client that has left its last namespace as long as it had for its first. The
// library sees to that one.
func (c *conn) idle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.sockets {
		if !s.hasEnded() {
			return
		}
	}
	if c.idling == nil && !c.over {
		c.idling = time.AfterFunc(c.e.opts.ConnectTimeout, c.dropIdle)
	}
}

func (c *conn) dropIdle() {
	c.mu.Lock()
	idle := c.idling != nil
	c.mu.Unlock()
	if idle {
		c.drop(socketio.ReasonTransport)
	}
}

// busy takes idle back. mu is held.
func (c *conn) busy() {
	if c.idling != nil {
		c.idling.Stop()
		c.idling = nil
	}
}

// why translates the library's reason for an end.
func (c *conn) why(reason string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.reason != "":
		return c.reason
	case reason == "ping timeout":
		return socketio.ReasonPingTimeout
	}
	return socketio.ReasonTransport
}
