// Package websocket makes and reads the frames of a websocket client (RFC 6455) that only
// measures: frames are made once and reused, and a server that sends what no server of
// Socket.IO sends is an error.
package websocket

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// mask is the key of all frames from clients. Servers have the same work with any, and
// a fixed one lets a frame be made once.
var mask = [4]byte{0x37, 0xfa, 0x21, 0x3d}

// The parts of a websocket frame's header.
const (
	Final   = 0x80 // bit of the first byte
	Masked  = 0x80 // bit of the second byte
	OpText  = 0x1
	OpClose = 0x8
	Len16   = 126 // in place of a length: two bytes with it follow
	Len64   = 127 // in place of a length: eight bytes with it follow
)

// Upgrade asks a server of Engine.IO 4 for a websocket.
const Upgrade = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: bench\r\n" +
	"Connection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

// Errors of Next.
var (
	// ErrClosed is a close frame.
	ErrClosed = errors.New("websocket: closed by the server")
	// ErrFrame is a frame that is no whole text message.
	ErrFrame = errors.New("websocket: a frame that nobody should send")
)

// Text is a client's frame with a text in it, shorter than 64 KiB.
func Text(text string) []byte { return Frame(OpText, []byte(text)) }

// Frame is a client's frame with a payload shorter than 64 KiB.
func Frame(op byte, payload []byte) []byte { return Append(nil, op, payload) }

// Append adds a client's frame to buf.
func Append(buf []byte, op byte, payload []byte) []byte {
	buf = append(buf, Final|op)
	if len(payload) < Len16 {
		buf = append(buf, Masked|byte(len(payload)))
	} else {
		buf = append(buf, Masked|Len16)
		buf = binary.BigEndian.AppendUint16(buf, uint16(len(payload)))
	}
	buf = append(buf, mask[:]...)
	for i, b := range payload {
		buf = append(buf, b^mask[i%len(mask)])
	}
	return buf
}

// maxPayload is more than any server sends at once: a list of ten thousand chats.
const maxPayload = 16 << 20

// Next takes the first frame of what a server sent. size is the length of the whole
// frame, 0 while it is not all there.
func Next(in []byte) (payload []byte, size int, err error) {
	if len(in) < 2 {
		return nil, 0, nil
	}
	head, length := 2, int(in[1])
	switch length {
	case Len16:
		if head = 4; len(in) < head {
			return nil, 0, nil
		}
		length = int(binary.BigEndian.Uint16(in[2:]))
	case Len64:
		if head = 10; len(in) < head {
			return nil, 0, nil
		}
		length = int(min(binary.BigEndian.Uint64(in[2:]), maxPayload+1))
	}
	switch {
	case in[0] == Final|OpClose:
		return nil, 0, ErrClosed
	case in[0] != Final|OpText || in[1] > Len64 || length > maxPayload:
		return nil, 0, fmt.Errorf("%w: %x", ErrFrame, in[:2])
	case len(in) < head+length:
		return nil, 0, nil
	}
	return in[head : head+length], head + length, nil
}
