package engineio

import "sync"

// Types of packets, by the digit that they begin with.
const (
	typeOpen    = '0'
	typeClose   = '1'
	typePing    = '2'
	typePong    = '3'
	typeMessage = '4'
	typeUpgrade = '5'
	typeNoop    = '6'
)

// Message is one packet that is ready to be sent, to one session or, if it is shared,
// to any number of them. It is a value; the bytes behind it never change.
type Message struct {
	frame  []byte // a whole websocket frame
	head   uint8  // how much of it is in front of the packet
	binary bool   // the packet is bytes, without a type's digit in revision 4
	from   *Builder
}

// packet is what goes into a payload of long polling.
func (m *Message) packet() []byte { return m.frame[m.head:] }

// Release gives up a message that is not sent after all.
func (m *Message) Release() {
	if m.from != nil {
		m.from.free()
	}
	*m = Message{}
}

// Builder makes a text message: append the text to B, then take the message.
type Builder struct {
	B []byte
}

// keepBuilders bounds the buffers that are kept for the next message.
const keepBuilders = 64 << 10

var builders = sync.Pool{New: func() any { return &Builder{B: make([]byte, 0, 512)} }}

// NewMessage begins a message.
func NewMessage() *Builder {
	b := builders.Get().(*Builder)
	b.B = append(b.B[:0], 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, typeMessage)
	return b
}

// Once makes the message, for one Send. The builder must not be used any more.
func (b *Builder) Once() Message {
	m := framed(b.B, opText)
	m.from = b
	return m
}

// Shared makes the message, for as many receivers as there are. The builder must not
// be used any more.
func (b *Builder) Shared() Message {
	m := framed(append(make([]byte, 0, len(b.B)), b.B...), opText)
	b.free()
	return m
}

// Discard gives up a message that was begun.
func (b *Builder) Discard() { b.free() }

func (b *Builder) free() {
	if cap(b.B) <= keepBuilders {
		builders.Put(b)
	}
}

// framed puts a head in front of the packet that begins at b[maxHead].
func framed(b []byte, op byte) Message {
	size := putHead(b, op)
	return Message{frame: b[maxHead-size:], head: uint8(size), binary: op == opBinary}
}

// text makes a message of a whole packet.
func text(packet string) Message {
	return framed(append(make([]byte, maxHead, maxHead+len(packet)), packet...), opText)
}

// NewBytes makes a message of a copy of bytes, for any number of receivers that speak
// that revision of the protocol.
func NewBytes(data []byte, revision int) Message {
	b := make([]byte, maxHead, maxHead+1+len(data))
	if revision == 3 {
		b = append(b, typeMessage-'0')
	}
	return framed(append(b, data...), opBinary)
}
