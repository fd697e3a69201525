package load

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"expresschat/bench/websocket"
)

// contentLen is the size of every message's content, in bytes.
const contentLen = 200

// The numbers of messages stand in acks and contents with so many digits, from first on,
// so that a message is a copy of the one before with a few bytes changed.
const (
	digits = 9
	first  = 100_000_000
)

// ErrAnswer means that a server did not answer as the protocol says.
var ErrAnswer = errors.New("load: unexpected answer")

// Kind is that of a chat: its events and keys have different names.
type Kind struct{ send, receive, key string }

// The kinds of chats that messages are sent to.
var (
	Personal = Kind{"send-personal-message", "receive-personal-message", "ChatId"}
	Group    = Kind{"send-group-message", "receive-group-message", "GroupId"}
)

// letter is what one sender sends again and again, with another number each time.
type letter struct {
	packet       []byte
	ack, content int // where the numbers stand
	frame        []byte
}

func newLetter(k Kind, chat string) *letter {
	number := strconv.Itoa(first)
	head := "42" + number + `["` + k.send + `",{"` + k.key + `":"` + chat + `","Content":"`
	return &letter{
		packet:  fmt.Appendf(nil, `%s%s%s"}]`, head, number, filling()),
		ack:     2,
		content: len(head),
	}
}

// filling is what stands behind the number in a content.
func filling() []byte {
	return bytes.Repeat([]byte("All work and no play. "), contentLen)[:contentLen-digits]
}

// numbered is the frame of the n-th message. It is valid until the next call.
func (l *letter) numbered(n int) []byte {
	putNumber(l.packet[l.ack:], n)
	putNumber(l.packet[l.content:], n)
	l.frame = websocket.Append(l.frame[:0], websocket.OpText, l.packet)
	return l.frame
}

func putNumber(into []byte, n int) { strconv.AppendInt(into[:0], int64(first+n), 10) }

var (
	eventPrefix   = []byte(`42["`)
	ackPrefix     = []byte(`43`)
	success       = []byte(`"success":true`)
	contentPrefix = []byte(`"Content":"`)
	seqPrefix     = []byte(`"Seq":`)
)

// isEvent reports whether a packet is an event without an ack, of this name.
func isEvent(p []byte, name string) bool {
	rest, ok := bytes.CutPrefix(p, eventPrefix)
	return ok && len(rest) > len(name) && string(rest[:len(name)]) == name && rest[len(name)] == '"'
}

// readAck is the number of the message that was acked. The error is ErrAnswer unless it
// was a success.
func readAck(p []byte) (int, error) {
	if len(p) < len(ackPrefix)+digits || !bytes.Contains(p, success) {
		return 0, fmt.Errorf("%w: %.300q", ErrAnswer, p)
	}
	return readNumber(p[len(ackPrefix):], p)
}

// readDelivery is the number that stands in the content of a message, and the message's
// place in its chat.
func readDelivery(p []byte) (n int, seq int64, err error) {
	at := bytes.Index(p, contentPrefix) + len(contentPrefix)
	if at < len(contentPrefix) || len(p) < at+contentLen {
		return 0, 0, fmt.Errorf("%w: %.300q", ErrAnswer, p)
	}
	if n, err = readNumber(p[at:], p); err != nil {
		return 0, 0, err
	}
	_, rest, ok := bytes.Cut(p, seqPrefix)
	for i := 0; ok && i < len(rest) && rest[i] >= '0' && rest[i] <= '9'; i++ {
		seq = 10*seq + int64(rest[i]-'0')
	}
	if seq == 0 {
		return 0, 0, fmt.Errorf("%w: no Seq in %.300q", ErrAnswer, p)
	}
	return n, seq, nil
}

func readNumber(text, packet []byte) (int, error) {
	n := 0
	for _, c := range text[:digits] {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("%w: no number in %.300q", ErrAnswer, packet)
		}
		n = 10*n + int(c-'0')
	}
	return n - first, nil
}
