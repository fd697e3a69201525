package enginetest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// fate is what has to become of a connection.
type fate int

const (
	ends  fate = iota // it is cut, and says nothing before
	stays             // it goes on, and is answered as ever
	lives             // either: the server goes on
)

// advisory is what somebody once brought a Socket.IO server down with, or has thought of: the
// packets of one connection, and its fate. Whatever that is, another connection to the same
// server never feels it.
type advisory struct {
	about   string // its number, or its name
	packets []string
	fate    fate
	told    []string // what a connection that stays is answered
	early   bool     // before the connection has joined anything
}

const (
	// mostBytes is what a message may have there: little, as some of it comes byte by byte.
	mostBytes  = 64 << 10
	prototypes = `{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}`
)

// nest is something that has that many levels.
func nest(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }

// advisories are for packets over either transport.
func advisories() []advisory {
	placeholder := func(num string) []string {
		return []string{`451-["message",{"_placeholder":true,"num":` + num + `}]`, bytesMark + "x"}
	}
	rows := []advisory{
		// socket.io-parser: what stood in for an attachment came from the client.
		{about: "CVE-2022-2421: the name of a method", packets: placeholder(`"splice"`)},
		{about: "CVE-2022-2421: below the first", packets: placeholder(`-1`)},
		{about: "CVE-2022-2421: past the last", packets: placeholder(`1`)},
		{about: "CVE-2022-2421: a fraction", packets: placeholder(`0.5`)},
		{about: "CVE-2022-2421: an object", packets: placeholder(`{"valueOf":0}`)},
		{about: "CVE-2022-2421: a prototype", packets: placeholder(`"__proto__"`)},
		{about: "CVE-2022-2421: nothing", packets: placeholder(`null`)},

		// socket.io-parser: an event's name was called as if it were text.
		{about: "CVE-2023-32695: an object", packets: []string{`42[{"toString":"x"}]`}},
		{about: "CVE-2023-32695: a list", packets: []string{`42[["message"],1]`}},
		{about: "CVE-2023-32695: null", packets: []string{`42[null,1]`}},
		{about: "CVE-2023-32695: true", packets: []string{`42[true,1]`}},
		{about: "CVE-2023-32695: nothing", packets: []string{`42[]`}},
		{about: "CVE-2023-32695: no list", packets: []string{`42{"0":"message","length":1}`}},
		{about: "CVE-2023-32695: an attachment", packets: []string{`451-[{"_placeholder":true,"num":0},1]`, bytesMark + "message"}},

		// socket.io: an event named like one of the server's own.
		{about: "CVE-2024-38355", packets: []string{`42["error"]`, `42["error",{"message":"x"}]`}, fate: stays},
		{about: "reserved names", packets: []string{
			`42["connect"]`, `42["connect_error"]`, `42["disconnect","x"]`, `42["disconnecting"]`, `42["newListener"]`, `42["removeListener"]`, `42["connection"]`,
		}, fate: stays},
		{about: "names of methods", packets: []string{`42["__proto__",1]`, `42["constructor"]`, `42["toString"]`, `42["hasOwnProperty","x"]`, `42[""]`}, fate: stays},

		// socket.io-parser: memory for what was only announced, or put together again and again.
		{about: "CVE-2020-36049: many digits", packets: []string{`42` + strings.Repeat("9", 50_000) + `["message"]`}},
		{about: "CVE-2020-36049: a number of attachments", packets: []string{`45` + strings.Repeat("9", 50_000) + `-["message"]`}},
		{about: "CVE-2026-33151: one too many", packets: []string{`4511-["message",{"_placeholder":true,"num":0}]`}},
		{about: "CVE-2026-33151: thousands", packets: []string{`455000-["message",{"_placeholder":true,"num":0}]`}},
		{about: "CVE-2026-33151: in an answer", packets: []string{`465000-1[{"_placeholder":true,"num":0}]`}},
		{about: "CVE-2026-69185: none", packets: repeat(500, `450-["message",1]`), fate: lives},
		{about: "GHSA-55mf-67qm-4wpg: before joining", packets: []string{`4510-["message"]`, bytesMark + strings.Repeat("x", 1000), `42["message"]`}, early: true},
		{about: "attachments that nobody announced", packets: []string{bytesMark + "x"}},
		{about: "attachments that never come", packets: []string{`451-["message",{"_placeholder":true,"num":0}]`, `42["message",1]`}},

		// engine.io and its like: packets that only the server sends, or too many of those that
		// clients may send.
		{about: "CVE-2026-48802: answers to no ping", packets: repeat(1000, `3`), fate: lives},
		{about: "a client that pings", packets: []string{`2`}},
		{about: "a second handshake", packets: []string{`0{"sid":"x","upgrades":[],"pingInterval":1,"pingTimeout":1}`}, fate: lives},
		{about: "no packet at all", packets: []string{`9`}},

		{about: "polluted arguments", packets: []string{`421["first",` + prototypes + `]`}, fate: stays, told: []string{`431[` + prototypes + `]`}},
		{about: "polluted auth", packets: []string{`40` + prototypes}, fate: stays, told: []string{"40"}, early: true},
		{about: "auth that is no object", packets: []string{`40["token"]`}, early: true},
		{about: "an ack id past 64 bits", packets: []string{`4218446744073709551616["first",1]`}},
		{about: "an ack id at the end of 53 bits", packets: []string{`429007199254740991["first",1]`}, fate: stays, told: []string{`439007199254740991[1]`}},
		{about: "an ack id below zero", packets: []string{`42-1["first",1]`}},
		{about: "answers that nobody asked for", packets: []string{`431[]`, `4318446744073709551615["x"]`}, fate: stays},
		{about: "many namespaces", packets: numbered(500, `40/n%d,`), fate: lives},
		{about: "a long namespace", packets: []string{`40/` + strings.Repeat("x", mostBytes-100)}, fate: lives},
		{about: "events for a namespace that was not joined", packets: []string{`42/custom,["message",1]`}},
		{about: "the end of half a number", packets: []string{`42["message",1e]`}},
		{about: "32 levels of nesting", packets: []string{`421["first",` + nest(31) + `]`}, fate: stays, told: []string{`431[` + nest(31) + `]`}},
		{about: "33 levels of nesting", packets: []string{`421["first",` + nest(32) + `]`}},
		{about: "thousands of levels of nesting", packets: []string{`421["first",` + nest(30_000) + `]`}},
		{about: "levels that never end", packets: []string{`421["first",` + strings.Repeat(`{"x":`, 10_000)}},
		{about: "nested auth", packets: []string{`40{"token":` + nest(33) + `}`}, early: true},
	}
	return rows
}

func repeat(n int, packet string) []string {
	packets := make([]string, n)
	for i := range packets {
		packets[i] = packet
	}
	return packets
}

func numbered(n int, format string) []string {
	packets := make([]string, n)
	for i := range packets {
		packets[i] = fmt.Sprintf(format, i)
	}
	return packets
}

// testAdvisories sends them all, over either transport, and over raw connections what is
// below packets.
func testAdvisories(t *testing.T, make Make) {
	s := start(t, make, Config{MaxPayload: mostBytes}, repeater())
	for _, a := range advisories() {
		s.beside(a.about, func() { fresh(t, s, a.about, a.send) })
	}
	for _, a := range requests() {
		s.beside(a.about, func() { a.ask(s) })
	}
	for _, a := range streams() {
		s.beside(a.about, func() { a.flow(s) })
	}
}

// beside fails the test unless a connection that was there before is served, after what
// happens, as if nothing had happened.
func (s *server) beside(what string, happens func()) {
	s.t.Helper()
	c, _ := s.enter()
	defer c.close()
	happens()
	c.send(`421["first","still here"]`)
	if got := c.next(); got != `431["still here"]` {
		s.t.Fatalf("after %s, another connection got %.100q", what, got)
	}
}

func (a advisory) send(t *testing.T, c connecter) {
	if !a.early {
		c.join("/", "")
	}
	switch {
	case a.fate == ends:
		c.ruin(a.packets...)
	case a.fate == lives:
		a.press(t, c)
	case a.early:
		c.send(a.packets...)
		sid(t, c.next(), a.told[0])
	default:
		c.send(a.packets...)
		c.expect(a.told...)
		c.send(`42["message","as ever"]`)
		c.expect(`42["message-back","as ever"]`)
	}
}

// press returns when what was sent has been taken in, or the connection has ended.
func (a advisory) press(t *testing.T, c connecter) {
	t.Helper()
	const last, answer = `42["message","the last"]`, `42["message-back","the last"]`
	switch c := c.(type) {
	case *client:
		for _, p := range append(a.packets, last) {
			_ = c.ws.Write(c.ctx, 1, []byte(p)) // it may have ended
		}
		for got := c.read(); got != answer && got != ""; got = c.read() {
		}
	case *poller:
		if c.post(append(a.packets, last)...) != http.StatusOK {
			return
		}
		for got := c.next(); got != answer && got != "end"; got = c.next() {
		}
	}
}
