package zishang

import (
	"time"

	"github.com/zishang520/socket.io/parsers/engine/v3/packet"
)

// hold returns when full is closed, or the connection. Meanwhile nothing is read, so
// the client's heartbeat can't be heard; it is taken for granted.
func (c *conn) hold(full <-chan struct{}) {
	if full == nil {
		return
	}
	tick := time.NewTicker(max(c.e.opts.PingTimeout/4, time.Millisecond))
	defer tick.Stop()
	unheard := c.pinged.Load()
	if unheard {
		c.heartbeat()
	}
	for {
		select {
		case <-full:
			return
		case <-c.done:
			return
		case <-tick.C:
			// Not at the first sight of a ping: the library starts its timer only
			// after the ping is on its way.
			if unheard || c.eio.Protocol() == 3 {
				c.heartbeat()
			}
			unheard = c.pinged.Load()
		}
	}
}

// heartbeat does to the library what the client's heartbeat would.
func (c *conn) heartbeat() {
	p := packet.PONG
	if c.eio.Protocol() == 3 {
		p = packet.PING
	}
	c.eio.Transport().Emit("packet", &packet.Packet{Type: p})
}
