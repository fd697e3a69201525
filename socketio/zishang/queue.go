package zishang

import (
	"io"

	"github.com/zishang520/socket.io/parsers/engine/v3/packet"

	"expresschat/socketio"
)

const (
	// maxQueued bounds what waits for one connection, in bytes. Over it the
	// connection is dropped.
	maxQueued = 8 << 20

	// frameCost is what a queued frame takes besides its text, in bytes, roughly.
	frameCost = 128
)

// frame is a packet whose text is ready, with the attachments that follow it. To the
// library they are one, so nothing can get in between. Those of a broadcast share theirs.
type frame struct {
	wire
	conn *conn // whose queue it is counted in
}

// wire is what goes over it.
type wire struct {
	text        []byte // a whole Engine.IO packet
	attachments [][]byte
}

// Read makes a frame pass as the data of a packet. Our transports don't call it.
func (f *frame) Read([]byte) (int, error) { return 0, io.EOF }

func (f *frame) cost() int64 {
	n := len(f.text) + frameCost
	for _, a := range f.attachments {
		n += len(a)
	}
	return int64(n)
}

// written is called by the transport when the frame waits no longer.
func (f *frame) written() { f.conn.queued.Add(-f.cost()) }

// send queues an Engine.IO packet, which must not change any more.
func (c *conn) send(w wire) { c.eio.Write(&frame{wire: w}, nil, nil) }

// onPacketCreate counts every packet that is about to be queued, the library's too: a
// client can make it answer without ever reading the answers.
func (c *conn) onPacketCreate(args ...any) {
	p := args[0].(*packet.Packet)
	if p.Type == packet.PING {
		c.pinged.Store(true)
	}
	f, ok := p.Data.(*frame)
	if !ok {
		f = &frame{wire: wire{text: text(p)}}
		p.Data = f
	}
	f.conn = c
	if c.queued.Add(f.cost()) > maxQueued {
		c.drop(socketio.ReasonSlow)
	}
}
