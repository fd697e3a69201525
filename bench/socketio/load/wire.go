package load

import (
	"fmt"
	"strings"

	"expresschat/bench/websocket"
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
func clientFrame(packet string) []byte { return websocket.Text(packet) }
