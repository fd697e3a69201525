// Package packet reads and writes the text of Socket.IO packets, revision 5 (and 4,
// which looks the same), for whichever engine carries them. It does not write binary
// attachments, and knows nothing of connections.
package packet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// Type is what a packet is for.
type Type byte

// The types of packets, by the digit they begin with.
const (
	Connect Type = iota
	Disconnect
	Event
	Ack
	ConnectError
	BinaryEvent
	BinaryAck
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

// AppendEvent appends an EVENT packet with one argument to dst.
func AppendEvent(dst []byte, namespace, event string, arg any) ([]byte, error) {
	buf := bytes.NewBuffer(head(dst, Event, namespace))
	buf.WriteByte('[')
	if err := encode(buf, event); err != nil {
		return nil, fmt.Errorf("encode name of event: %w", err)
	}
	buf.WriteByte(',')
	if err := encode(buf, arg); err != nil {
		return nil, fmt.Errorf("encode argument of %q: %w", event, err)
	}
	buf.WriteByte(']')
	return buf.Bytes(), nil
}

// AppendAck appends an ACK packet with one argument to dst.
func AppendAck(dst []byte, namespace string, id uint64, arg any) ([]byte, error) {
	buf := bytes.NewBuffer(strconv.AppendUint(head(dst, Ack, namespace), id, 10))
	buf.WriteByte('[')
	if err := encode(buf, arg); err != nil {
		return nil, fmt.Errorf("encode argument of acknowledgement: %w", err)
	}
	buf.WriteByte(']')
	return buf.Bytes(), nil
}

func head(dst []byte, t Type, namespace string) []byte {
	dst = append(dst, '0'+byte(t))
	if namespace != "/" {
		dst = append(append(dst, namespace...), ',')
	}
	return dst
}

// encode writes v as JSON without what is only needed inside HTML: half of all
// messages hold an & or a <, and escaped they are six times as long.
func encode(buf *bytes.Buffer, v any) error {
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	buf.Truncate(buf.Len() - 1) // Encode ends with a newline
	return nil
}
