package engineio

import (
	"encoding/binary"
	"errors"
	"unicode/utf8"
)

// Opcodes of RFC 6455, section 5.2.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xa
)

const (
	finBit  = 0x80
	maskBit = 0x80
	// maxHead is the longest head of a frame that a server sends: it has no mask.
	maxHead = 10
	// maxControl bounds the payload of a control frame (section 5.5).
	maxControl = 125
)

// Status codes of a close frame (section 7.4.1).
const (
	statusProtocol = 1002
	statusNotUTF8  = 1007
	statusTooBig   = 1009
)

var (
	errFrame   = errors.New("engineio: frame against RFC 6455")
	errTooBig  = errors.New("engineio: message over the limit")
	errNotUTF8 = errors.New("engineio: text that is not UTF-8")
)

// head is the decoded head of a client's frame.
type head struct {
	op    byte
	fin   bool
	key   [4]byte
	size  int // of the head
	after int // of the payload
}

// readHead decodes the head at the beginning of b. ok is false while b is too short
// to tell. Payloads of messages over limit are errTooBig; frames that no client may send, without a
// mask first of all, are errFrame.
func readHead(b []byte, limit int) (h head, ok bool, err error) {
	if len(b) < 2 {
		return head{}, false, nil
	}
	h = head{op: b[0] & 0x0f, fin: b[0]&finBit != 0, size: 2}
	control := h.op >= opClose
	if b[0]&0x70 != 0 || b[1]&maskBit == 0 || (h.op > opBinary && !control) || h.op > opPong {
		return head{}, false, errFrame
	}
	length := uint64(b[1] &^ maskBit)
	if control && (!h.fin || length > maxControl) {
		return head{}, false, errFrame
	}
	switch length {
	case 126:
		if len(b) < 4 {
			return head{}, false, nil
		}
		length, h.size = uint64(binary.BigEndian.Uint16(b[2:])), 4
		if length < 126 {
			return head{}, false, errFrame // not the shortest way to say it
		}
	case 127:
		if len(b) < 10 {
			return head{}, false, nil
		}
		length, h.size = binary.BigEndian.Uint64(b[2:]), 10
		if length < 1<<16 || length > 1<<63-1 {
			return head{}, false, errFrame
		}
	}
	if !control && length > uint64(limit) {
		return head{}, false, errTooBig
	}
	h.after = int(length)
	if len(b) < h.size+4 {
		return head{}, false, nil
	}
	copy(h.key[:], b[h.size:])
	h.size += 4
	return h, true, nil
}

// unmask removes a client's mask from b, which begins at the given offset of the
// payload.
func unmask(b []byte, key [4]byte, offset int) {
	if offset&3 != 0 {
		var turned [4]byte
		for i := range turned {
			turned[i] = key[(i+offset)&3]
		}
		key = turned
	}
	word := uint64(binary.LittleEndian.Uint32(key[:]))
	word |= word << 32
	for len(b) >= 32 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^word)
		binary.LittleEndian.PutUint64(b[8:], binary.LittleEndian.Uint64(b[8:])^word)
		binary.LittleEndian.PutUint64(b[16:], binary.LittleEndian.Uint64(b[16:])^word)
		binary.LittleEndian.PutUint64(b[24:], binary.LittleEndian.Uint64(b[24:])^word)
		b = b[32:]
	}
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^word)
		b = b[8:]
	}
	for i := range b {
		b[i] ^= key[i&3]
	}
}

// putHead writes the head of a server's frame in front of the payload that begins at
// b[maxHead], and returns how long it is.
func putHead(b []byte, op byte) (size int) {
	n := len(b) - maxHead
	switch {
	case n < 126:
		b[maxHead-2], b[maxHead-1] = finBit|op, byte(n)
		return 2
	case n < 1<<16:
		b[maxHead-4], b[maxHead-3] = finBit|op, 126
		binary.BigEndian.PutUint16(b[maxHead-2:], uint16(n))
		return 4
	default:
		b[maxHead-10], b[maxHead-9] = finBit|op, 127
		binary.BigEndian.PutUint64(b[maxHead-8:], uint64(n))
		return 10
	}
}

// goodbye is errGoodbye, unless there is something wrong with a client's close frame
// (sections 5.5.1 and 7.4).
func goodbye(payload []byte) error {
	if len(payload) == 0 {
		return errGoodbye
	}
	if len(payload) == 1 {
		return errFrame
	}
	status := binary.BigEndian.Uint16(payload)
	switch {
	case status < 1000 || status >= 5000, status >= 1004 && status <= 1006, status >= 1015 && status < 3000:
		return errFrame
	case !utf8.Valid(payload[2:]):
		return errNotUTF8
	}
	return errGoodbye
}

// control returns a control frame.
func control(op byte, payload []byte) []byte {
	return append([]byte{finBit | op, byte(len(payload))}, payload...)
}

// closeFrame returns a close frame with a status, or with none if it is 0.
func closeFrame(status uint16) []byte {
	if status == 0 {
		return control(opClose, nil)
	}
	return control(opClose, binary.BigEndian.AppendUint16(nil, status))
}
