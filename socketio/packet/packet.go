// Package packet reads and writes the text of Socket.IO packets, revision 5 (and 4,
// which differs only in how a namespace is joined), for whichever engine carries them.
// The binary attachments of a packet are messages of their own; it counts and collects
// them, but does not write them. It knows nothing of connections.
//
// Reading an event in the default namespace allocates nothing, and writing one nothing
// but what encoding/json needs for its argument.
package packet

import (
	"encoding/json"
	"errors"
)

// Type is what a packet is for.
type Type byte

// The types of packets, by the digit they begin with.
const (
	Connect Type = iota
	Disconnect
	Event
	Ack
	ConnectError // revision 4 calls it ERROR
	BinaryEvent
	BinaryAck
)

// ErrMalformed is all that is wrong with a packet that no client would send, and ErrArgs
// with arguments that no client could read.
var (
	ErrMalformed = errors.New("packet: malformed")
	ErrArgs      = errors.New("packet: arguments that cannot be sent")
)

// Packet is one decoded packet.
type Packet struct {
	Type        Type
	Namespace   string
	ID          uint64 // of the acknowledgement, when HasID
	HasID       bool
	Attachments int             // binary messages that follow
	Data        json.RawMessage // nil when there is none; not yet checked
}
