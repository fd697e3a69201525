package packet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

const (
	// Bounds on what a client may put into one packet's head.
	maxAttachments = 10
	maxNamespace   = 512

	// notJSON stands for an argument that holds a binary attachment. Nothing can be
	// decoded from it.
	notJSON = "binary"
)

// ErrMalformed is all that is wrong with a packet that no client would send.
var ErrMalformed = errors.New("packet: malformed")

// Decode reads one packet. What it returns keeps text, which must not change any
// more. The error is ErrMalformed.
func Decode(text []byte) (Packet, error) {
	if len(text) == 0 || text[0] < '0' || text[0] > '0'+byte(BinaryAck) {
		return Packet{}, fmt.Errorf("%w: unknown type", ErrMalformed)
	}
	p := Packet{Type: Type(text[0] - '0'), Namespace: "/"}
	rest := text[1:]
	var err error
	if p.Type == BinaryEvent || p.Type == BinaryAck {
		if p.Attachments, rest, err = attachments(rest); err != nil {
			return Packet{}, err
		}
	}
	if len(rest) > 0 && rest[0] == '/' {
		name, after, _ := bytes.Cut(rest, []byte{','})
		if len(name) > maxNamespace {
			return Packet{}, fmt.Errorf("%w: long namespace", ErrMalformed)
		}
		p.Namespace, rest = string(name), after
	}
	if digits := leadingDigits(rest); digits > 0 {
		p.ID, err = strconv.ParseUint(string(rest[:digits]), 10, 64)
		if err != nil {
			return Packet{}, fmt.Errorf("%w: long id", ErrMalformed)
		}
		p.HasID, rest = true, rest[digits:]
	}
	if len(rest) > 0 {
		p.Data = rest
	}
	return p, nil
}

// Event returns the name and the first argument of an event; the argument is nil
// when there is none. Further arguments only have to be JSON. An argument with a
// binary attachment is one that nothing can be decoded from. The error is
// ErrMalformed.
func (p Packet) Event() (name string, arg json.RawMessage, err error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(p.Data, &parts); err != nil || len(parts) == 0 {
		return "", nil, fmt.Errorf("%w: event is no list", ErrMalformed)
	}
	if c := parts[0][0]; c == '-' || ('0' <= c && c <= '9') {
		return "", nil, nil // the protocol lets numbers be names; no handler has one
	}
	if err := json.Unmarshal(parts[0], &name); err != nil || parts[0][0] != '"' {
		return "", nil, fmt.Errorf("%w: event has no name", ErrMalformed)
	}
	if len(parts) < 2 {
		return name, nil, nil
	}
	if p.Type == BinaryEvent && bytes.Contains(parts[1], []byte(`"_placeholder"`)) {
		return name, json.RawMessage(notJSON), nil
	}
	return name, parts[1], nil
}

// Auth returns the payload of a CONNECT packet, nil when there is none. The error is
// ErrMalformed.
func (p Packet) Auth() (json.RawMessage, error) {
	if p.Data == nil {
		return nil, nil
	}
	if p.Data[0] != '{' || !json.Valid(p.Data) {
		return nil, fmt.Errorf("%w: payload of connect is no object", ErrMalformed)
	}
	return p.Data, nil
}

func attachments(text []byte) (n int, rest []byte, err error) {
	digits, rest, ok := bytes.Cut(text, []byte{'-'})
	n, err = strconv.Atoi(string(digits))
	if !ok || err != nil || n < 0 || n > maxAttachments {
		return 0, nil, fmt.Errorf("%w: attachments", ErrMalformed)
	}
	return n, rest, nil
}

func leadingDigits(text []byte) int {
	for i, c := range text {
		if c < '0' || c > '9' {
			return i
		}
	}
	return len(text)
}
