package load

import (
	"encoding/binary"
	"fmt"
	"strings"
)

const (
	// Token is what the application wants to see in the handshake.
	Token = "the one token that everybody has"
	// TextLen is the size of every message's text, in bytes.
	TextLen = 200

	// ackID is that of every message. A client may use one again once it is answered,
	// and a fixed one makes all messages of a client the same bytes.
	ackID = "17"
)

// mask is the key of all frames from clients. Servers have the same work with any, and
// a fixed one lets a frame be made once.
var mask = [4]byte{0x37, 0xfa, 0x21, 0x3d}

// Text is what every message says.
func Text() string {
	return strings.Repeat("All work and no play. ", TextLen)[:TextLen]
}

// Room is the name of the i-th room.
func Room(i int) string { return fmt.Sprintf("room-%04d", i) }

// Packets of Engine.IO and in them Socket.IO, as they stand in a websocket frame.
func authPacket() string         { return fmt.Sprintf(`40{"token":%q}`, Token) }
func echoPacket() string         { return fmt.Sprintf(`42%s["echo",{"text":%q}]`, ackID, Text()) }
func joinPacket(r string) string { return fmt.Sprintf(`42%s["join",{"room":%q}]`, ackID, r) }
func sayPacket(r string) string {
	return fmt.Sprintf(`42["say",{"room":%q,"text":%q}]`, r, Text())
}

// AckPacket is the answer to an echo of text, or to the joining of the room so named.
func AckPacket(text string) string { return fmt.Sprintf(`43%s[{"text":%q}]`, ackID, text) }

// SaidPacket is what the members of a room get.
func SaidPacket() string { return fmt.Sprintf(`42["said",{"text":%q}]`, Text()) }

// clientFrame puts a packet into a websocket frame as clients send it.
func clientFrame(packet string) []byte {
	return maskedFrame(opText, []byte(packet))
}

func maskedFrame(op byte, payload []byte) []byte {
	frame := []byte{final | op}
	if len(payload) < len16 {
		frame = append(frame, masked|byte(len(payload)))
	} else {
		frame = append(frame, masked|len16)
		frame = binary.BigEndian.AppendUint16(frame, uint16(len(payload)))
	}
	frame = append(frame, mask[:]...)
	for i, b := range payload {
		frame = append(frame, b^mask[i%len(mask)])
	}
	return frame
}

// The parts of a websocket frame's header.
const (
	final   = 0x80 // bit of the first byte
	masked  = 0x80 // bit of the second byte
	opText  = 0x1
	opClose = 0x8
	len16   = 126 // in place of a length: two bytes with it follow
)
