package zishang

import (
	"encoding/json"
	"io"

	"github.com/zishang520/socket.io/parsers/engine/v3/packet"
	"github.com/zishang520/socket.io/parsers/engine/v3/parser"
	"github.com/zishang520/socket.io/servers/engine/v3/transports"
	"github.com/zishang520/socket.io/v3/pkg/types"
)

// messageDigit begins an Engine.IO packet that carries one of Socket.IO.
const messageDigit = '4'

// text returns p as it goes over the wire, without attachments. All packets are text.
func text(p *packet.Packet) []byte {
	var data []byte
	switch d := p.Data.(type) {
	case nil:
	case *frame:
		return d.text
	case types.BufferInterface:
		data = d.Bytes()
	default:
		data, _ = io.ReadAll(d) // from memory
	}
	return append([]byte{parser.PACKET_TYPES[p.Type]}, data...)
}

// attachments returns those of p.
func attachments(p *packet.Packet) [][]byte {
	if f, ok := p.Data.(*frame); ok {
		return f.attachments
	}
	return nil
}

// written uncounts the packets that a transport has written, or given up.
func written(packets []*packet.Packet) {
	for _, p := range packets {
		if f, ok := p.Data.(*frame); ok {
			f.written()
		}
	}
}

// greet changes what clients of revision 3 are told about heartbeats.
func (e *engine) greet(packets []*packet.Packet) {
	for _, p := range packets {
		b, ok := p.Data.(*types.StringBuffer)
		if p.Type != packet.OPEN || !ok {
			continue
		}
		var greeting map[string]any
		if err := json.Unmarshal(b.Bytes(), &greeting); err != nil {
			continue
		}
		greeting["pingInterval"] = e.opts.LegacyPingInterval.Milliseconds()
		greeting["pingTimeout"] = e.opts.LegacyPingTimeout.Milliseconds()
		if data, err := json.Marshal(greeting); err == nil {
			p.Data = types.NewStringBuffer(data)
		}
	}
}

type websocketCtor struct{ e *engine }

func (*websocketCtor) HandlesUpgrades() bool { return true }
func (*websocketCtor) Name() string          { return transports.WEBSOCKET }
func (*websocketCtor) UpgradesTo() []string  { return nil }

// New makes the transport of a request. ServeHTTP reads from it once the library
// listens.
func (b *websocketCtor) New(ctx *types.HttpContext) transports.Transport {
	t := &websocket{Transport: transports.MakeTransport(), e: b.e, ctx: ctx, ws: ctx.Websocket}
	t.Prototype(t)
	t.Construct(ctx)
	t.SetWritable(true)
	if d, ok := ctx.Context().Value(dialKey{}).(*dial); ok {
		d.ws = t
	}
	return t
}

type pollingCtor struct{ e *engine }

func (*pollingCtor) HandlesUpgrades() bool { return false }
func (*pollingCtor) Name() string          { return transports.POLLING }
func (*pollingCtor) UpgradesTo() []string  { return []string{transports.WEBSOCKET} }

func (b *pollingCtor) New(ctx *types.HttpContext) transports.Transport {
	t := &polling{Transport: transports.MakeTransport(), e: b.e}
	t.Prototype(t)
	t.Construct(ctx)
	return t
}
