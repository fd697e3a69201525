// Package payload reads and writes Engine.IO packets, revisions 3 and 4, and the bodies
// in which long polling carries several of them. It knows no connections and no HTTP.
//
// Packets are slices of what they were read from. Only base64 is decoded into memory of
// its own, which is less than what it was written in. What is read of one body is so
// bounded by the size of the body, and so is the number of its packets.
package payload

import (
	"encoding/base64"
	"errors"
	"fmt"
)

// Type is what a packet is for.
type Type byte

// The types of packets, by the digit they begin with.
const (
	Open Type = iota
	Close
	Ping
	Pong
	Message
	Upgrade
	Noop
)

// Packet is one decoded packet.
type Packet struct {
	Type   Type
	Binary bool   // Data was sent as bytes, not as text
	Data   []byte // not yet checked to be UTF-8 where it is text
}

// ErrMalformed is all that is wrong with a packet or a body that no client would send.
// What comes after it can't be read.
var ErrMalformed = errors.New("payload: malformed")

// Decode4 reads one packet of revision 4, a text message of a websocket. Its binary
// messages are the data of a binary Message and have no form that could be wrong.
func Decode4(text []byte) (Packet, error) {
	if len(text) > 0 && text[0] == 'b' {
		return decodeBase64(Message, text[1:])
	}
	return decodeText(text)
}

// Decode3 reads one packet of revision 3, a text message of a websocket.
func Decode3(text []byte) (Packet, error) {
	if len(text) == 0 || text[0] != 'b' {
		return decodeText(text)
	}
	p, err := decodeText(text[1:])
	if err != nil {
		return Packet{}, err
	}
	return decodeBase64(p.Type, p.Data)
}

// Decode3Binary reads one packet of revision 3, a binary message of a websocket.
func Decode3Binary(data []byte) (Packet, error) {
	if len(data) == 0 || data[0] > byte(Noop) {
		return Packet{}, fmt.Errorf("%w: unknown type", ErrMalformed)
	}
	return Packet{Type: Type(data[0]), Binary: true, Data: data[1:]}, nil
}

func decodeText(text []byte) (Packet, error) {
	if len(text) == 0 || text[0] < '0' || text[0] > '0'+byte(Noop) {
		return Packet{}, fmt.Errorf("%w: unknown type", ErrMalformed)
	}
	return Packet{Type: Type(text[0] - '0'), Data: text[1:]}, nil
}

func decodeBase64(t Type, text []byte) (Packet, error) {
	data, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil {
		return Packet{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return Packet{Type: t, Binary: true, Data: data}, nil
}
