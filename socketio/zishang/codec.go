package zishang

import (
	"io"

	eiopacket "github.com/zishang520/socket.io/parsers/engine/v3/packet"
	"github.com/zishang520/socket.io/parsers/socket/v3/parser"
	"github.com/zishang520/socket.io/v3/pkg/types"
)

// message is the data of an incoming packet on its way through the library.
type message struct {
	conn   *conn
	data   []byte
	isText bool
}

// Read makes a message pass as the data of a packet. Our decoder doesn't call it.
func (m *message) Read([]byte) (int, error) { return 0, io.EOF }

// onPacket tags messages with the connection, for the decoder.
func (c *conn) onPacket(args ...any) {
	p := args[0].(*eiopacket.Packet)
	if p.Type != eiopacket.MESSAGE {
		return
	}
	m := &message{conn: c}
	if b, ok := p.Data.(types.BufferInterface); ok {
		m.data = b.Bytes()
		_, m.isText = b.(*types.StringBuffer)
	}
	p.Data = m
}

// codec is the parser that the library is given.
type codec struct{ e *engine }

func (c codec) NewEncoder() parser.Encoder { return encoder{parser.NewEncoder()} }

func (c codec) NewDecoder() parser.Decoder {
	return &decoder{EventEmitter: types.NewEventEmitter(), e: c.e}
}

// encoder is the library's, except that a refusal carries its words and nothing else,
// in both revisions. Events and acknowledgements don't come here.
type encoder struct{ parser.Encoder }

func (e encoder) Encode(p *parser.Packet) []types.BufferInterface {
	if p.Type == parser.CONNECT_ERROR {
		refusal := *p
		switch data := p.Data.(type) {
		case map[string]any:
			refusal.Data = map[string]any{"message": data["message"]}
		case string:
			refusal.Data = map[string]any{"message": data}
		}
		p = &refusal
	}
	return e.Encoder.Encode(p)
}

// decoder gives the library what it has to know: who joins and who leaves.
type decoder struct {
	types.EventEmitter
	e *engine
}

// Add handles one message of the client, in the goroutine that reads from it.
func (d *decoder) Add(data any) (err error) {
	m, ok := data.(*message)
	if !ok {
		return errUnexpected
	}
	err = errPanic
	defer d.e.catch("packet")
	err = m.conn.receive(m, func(p *parser.Packet) { d.Emit("decoded", p) })
	return err
}

// Destroy is part of the library's interface.
func (d *decoder) Destroy() {}
