package packet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"unicode/utf8"
)

const (
	// Bounds on what a client may put into one packet's head.
	maxAttachments = 10
	maxNamespace   = 512

	// notJSON stands for an argument that holds a binary attachment. Nothing can be
	// decoded from it.
	notJSON = "binary"
)

// Decode reads one packet. What it returns keeps text, which must not change any
// more. The error is ErrMalformed.
func Decode(text []byte) (Packet, error) {
	if len(text) == 0 || text[0] < '0' || text[0] > '0'+byte(BinaryAck) {
		return Packet{}, fmt.Errorf("%w: unknown type", ErrMalformed)
	}
	p := Packet{Type: Type(text[0] - '0'), Namespace: "/"}
	rest := text[1:]
	if p.Type == BinaryEvent || p.Type == BinaryAck {
		n, after, ok := leadingUint(rest)
		if !ok || len(after) == len(rest) || n > maxAttachments || at(after, 0) != '-' {
			return Packet{}, fmt.Errorf("%w: attachments", ErrMalformed)
		}
		p.Attachments, rest = int(n), after[1:]
	}
	if at(rest, 0) == '/' {
		name, after, _ := bytes.Cut(rest, []byte{','})
		if len(name) > maxNamespace {
			return Packet{}, fmt.Errorf("%w: long namespace", ErrMalformed)
		}
		if len(name) > 1 {
			p.Namespace = string(name)
		}
		rest = after
	}
	id, after, ok := leadingUint(rest)
	if !ok {
		return Packet{}, fmt.Errorf("%w: long id", ErrMalformed)
	}
	if len(after) < len(rest) {
		p.ID, p.HasID = id, true
	}
	if len(after) > 0 {
		p.Data = after
	}
	return p, nil
}

// Event returns the name and the first argument of an event, both parts of Data; the
// argument is nil when there is none. All of Data is checked: further arguments only
// have to be JSON, and placeholders have to stand for attachments that the packet has.
// A name that is a number is nil: no handler has one. An argument with a binary
// attachment is one that nothing can be decoded from. Only a name with escapes or
// without valid UTF-8 is allocated, if there are no attachments. The error is
// ErrMalformed.
func (p Packet) Event() (name []byte, arg json.RawMessage, err error) {
	first, second, ok := elements(p.Data)
	switch c := at(first, 0); {
	case !ok || c == 0:
		return nil, nil, fmt.Errorf("%w: event is no list", ErrMalformed)
	case c == '-' || ('0' <= c && c <= '9'):
		return nil, nil, nil
	case c != '"':
		return nil, nil, fmt.Errorf("%w: event has no name", ErrMalformed)
	}
	name = first[1 : len(first)-1]
	if bytes.IndexByte(name, '\\') >= 0 || !utf8.Valid(name) {
		var s string
		if err := json.Unmarshal(first, &s); err != nil {
			return nil, nil, fmt.Errorf("%w: name of event: %w", ErrMalformed, err)
		}
		name = []byte(s)
	}
	if p.Type == BinaryEvent {
		if _, ok := placeholders(p.Data, p.Attachments); !ok {
			return nil, nil, fmt.Errorf("%w: placeholder without attachment", ErrMalformed)
		}
		if found, _ := placeholders(second, p.Attachments); found {
			return name, json.RawMessage(notJSON), nil
		}
	}
	return name, second, nil
}

// Check checks the data of an acknowledgement, which has to be a list whose placeholders
// stand for attachments that the packet has, or of DISCONNECT, which has none. The error
// is ErrMalformed.
func (p Packet) Check() error {
	if p.Type == Disconnect {
		if p.Data != nil {
			return fmt.Errorf("%w: disconnect with a payload", ErrMalformed)
		}
		return nil
	}
	if _, _, ok := elements(p.Data); !ok {
		return fmt.Errorf("%w: acknowledgement is no list", ErrMalformed)
	}
	if p.Type == BinaryAck {
		if _, ok := placeholders(p.Data, p.Attachments); !ok {
			return fmt.Errorf("%w: placeholder without attachment", ErrMalformed)
		}
	}
	return nil
}

// Auth returns the payload of a CONNECT packet, nil when there is none. The error is
// ErrMalformed.
func (p Packet) Auth() (json.RawMessage, error) {
	if p.Data == nil {
		return nil, nil
	}
	if !isObject(p.Data) {
		return nil, fmt.Errorf("%w: payload of connect is no object", ErrMalformed)
	}
	return p.Data, nil
}

// leadingUint reads the digits that text begins with, if any. It is not ok when their
// number is too large.
func leadingUint(text []byte) (n uint64, rest []byte, ok bool) {
	for i, c := range text {
		if c < '0' || c > '9' {
			return n, text[i:], true
		}
		digit := uint64(c - '0')
		if n > (math.MaxUint64-digit)/10 {
			return 0, nil, false
		}
		n = n*10 + digit
	}
	return n, nil, true
}
