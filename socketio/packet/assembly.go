package packet

import (
	"bytes"
	"fmt"
)

// Assembly is a packet whose attachments have not all arrived.
type Assembly struct {
	packet      Packet
	attachments [][]byte
	left        int // bytes that they may still have
}

// Assemble begins to collect the attachments of p, which may have limit bytes in all. It
// keeps nothing of the buffer that p was read from.
func Assemble(p Packet, limit int) *Assembly {
	p.Data = bytes.Clone(p.Data)
	return &Assembly{packet: p, left: limit}
}

// Add takes a copy of the next attachment. It is complete with the last one, and then
// must not be called any more. The error is ErrMalformed.
func (a *Assembly) Add(data []byte) (complete bool, err error) {
	if a.left -= len(data); a.left < 0 {
		return false, fmt.Errorf("%w: large attachments", ErrMalformed)
	}
	a.attachments = append(a.attachments, append(make([]byte, 0, len(data)), data...))
	return len(a.attachments) >= a.packet.Attachments, nil
}

// Packet returns what has been put together.
func (a *Assembly) Packet() (p Packet, attachments [][]byte) { return a.packet, a.attachments }
