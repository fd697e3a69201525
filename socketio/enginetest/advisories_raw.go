package enginetest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// request is one that is no client's: it is answered by an error, whatever else it carries.
type request struct {
	about  string
	method string // GET if empty
	query  string
	header http.Header
	body   func() io.Reader
	served bool // it may be answered as any other, within its time
}

// requests are for what comes before there are packets.
func requests() []request {
	large := func() io.Reader { return strings.NewReader(strings.Repeat("4", mostBytes+1)) }
	unsized := func() io.Reader { return io.LimitReader(endless{}, mostBytes+1) }
	headers := func(n int) http.Header {
		h := http.Header{}
		for _, name := range numbered(n, "X-%d") {
			h[name] = []string{"x"}
		}
		return h
	}
	return []request{
		{about: "CVE-2023-31125: a transport of the prototype", query: "transport=__proto__"},
		{about: "CVE-2023-31125: a transport that is a method", query: "transport=constructor"},
		{about: "CVE-2023-31125: a transport that is a list", query: "transport[]=polling"},
		{about: "CVE-2023-31125: two transports", query: "transport=&transport=polling", served: true},
		{about: "CVE-2023-31125: no transport", query: ""},
		{about: "a session of the prototype", query: "transport=polling&sid=__proto__"},
		{about: "a session that is guessed", query: "transport=polling&sid=AAAAAAAAAAAAAAAAAAAA"},
		{about: "a session with a line end", query: "transport=polling&sid=%0d%0aX-Y:%20z"},
		{about: "a websocket that is no websocket", query: "transport=websocket"},
		{about: "no such revision", query: "transport=polling&EIO=__proto__", served: true},
		{about: "a revision to come", query: "transport=polling&EIO=5", served: true},
		{about: "CVE-2020-36048: a body over the limit", method: http.MethodPost, body: large},
		{about: "CVE-2020-36048: a body without a size", method: http.MethodPost, body: unsized},
		{about: "a method that there is not", method: http.MethodDelete, query: "transport=polling"},
		{about: "CVE-2021-32640: a protocol of spaces", query: "transport=polling", served: true, header: http.Header{
			"Sec-Websocket-Protocol": {"a" + strings.Repeat(" ", 20_000) + "b"}, "Sec-Websocket-Extensions": {"a" + strings.Repeat(" ", 20_000) + ";b"},
		}},
		{about: "CVE-2024-37890: two thousand headers", query: "transport=websocket", header: headers(2000), served: true},
	}
}

// endless is a body of one letter.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '4'
	}
	return len(p), nil
}

func (r request) ask(s *server) {
	s.t.Helper()
	address := s.address(r.query)
	if r.body != nil { // to a session that there is
		address = s.poll("").url
	}
	method, body := http.MethodGet, io.Reader(nil)
	if r.method != "" {
		method = r.method
	}
	if r.body != nil {
		body = r.body()
	}
	req, err := http.NewRequest(method, address, body)
	if err != nil {
		s.t.Fatalf("%s: %v", r.about, err)
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	ask := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := ask.Do(req)
	if err != nil {
		if timeout, ok := err.(*url.Error); !ok || timeout.Timeout() || r.body == nil {
			s.t.Errorf("%s: %v", r.about, err) // a body may be cut off before it is through
		}
		return
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ := io.ReadAll(resp.Body)
	if !r.served && resp.StatusCode < http.StatusBadRequest {
		s.t.Errorf("%s: status %d: %.100s", r.about, resp.StatusCode, answer)
	}
	if len(resp.Header["X-Y"]) > 0 || strings.Contains(resp.Header.Get("Content-Type"), "html") {
		s.t.Errorf("%s: answered with %v", r.about, resp.Header)
	}
}

// stream is what goes over a connection that has become a websocket, byte by byte. It ends
// the connection.
type stream struct {
	about string
	bytes func() []byte
	hurry bool // all at once, and away: nobody waits for an answer
}

// Bits of a frame's head (RFC 6455, section 5.2).
const (
	fin, rsv1, rsv2, rsv3 = 0x80, 0x40, 0x20, 0x10
	more, text, ping      = 0x0, 0x1, 0x9
	masked                = 0x80
)

// frame is a masked one, by a mask of zeros.
func frame(head byte, payload string) []byte {
	b := []byte{head, masked | byte(len(payload))}
	switch {
	case len(payload) > 1<<16-1:
		b[1] = masked | 127
		b = binary.BigEndian.AppendUint64(b, uint64(len(payload)))
	case len(payload) > 125:
		b[1] = masked | 126
		b = binary.BigEndian.AppendUint16(b, uint16(len(payload)))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

// streams are for what frames are made of.
func streams() []stream {
	all := func(b []byte) func() []byte { return func() []byte { return b } }
	return []stream{
		{about: "CVE-2022-21676: reserved bits right behind the handshake", bytes: all(frame(fin|rsv2|rsv3|text, "40")), hurry: true},
		{about: "CVE-2022-21676: the second reserved bit", bytes: all(frame(fin|rsv2|text, "40"))},
		{about: "CVE-2022-21676: the third reserved bit", bytes: all(frame(fin|rsv3|text, "40"))},
		{about: "CVE-2022-41940: gone right behind the handshake", bytes: all(nil), hurry: true},
		{about: "a compressed frame that nobody agreed to", bytes: all(frame(fin|rsv1|text, strings.Repeat("\x00", 1000)))},
		{about: "a frame without a mask", bytes: all([]byte{fin | text, 2, '4', '0'})},
		{about: "a frame of 2^63 bytes", bytes: all([]byte{fin | text, masked | 127, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})},
		{about: "a frame of one byte too many, announced", bytes: all(frame(fin|text, strings.Repeat("x", mostBytes+1))[:14])},
		{about: "a ping of more than 125 bytes", bytes: all(frame(fin|ping, strings.Repeat("x", 126)))},
		{about: "a ping in parts", bytes: all(frame(ping, "x"))},
		{about: "no such frame", bytes: all(frame(fin|0x3, "x"))},
		{about: "the rest of nothing", bytes: all(frame(fin|more, "x"))},
		{about: "text that is no UTF-8", bytes: all(frame(fin|text, "42[\"message\",\"\xff\"]"))},
		{about: "tiny fragments past the limit", bytes: func() []byte {
			return append(frame(text, "4"), bytes.Repeat(frame(more, "x"), mostBytes+1)...)
		}},
		{about: "empty fragments without an end", bytes: func() []byte {
			return append(frame(text, "4"), bytes.Repeat(frame(more, ""), 20_000)...)
		}, hurry: true},
		{about: "pings between fragments", bytes: func() []byte {
			return append(frame(text, "4"), bytes.Repeat(append(frame(more, "x"), frame(fin|ping, "x")...), 10_000)...)
		}, hurry: true},
	}
}

func (a stream) flow(s *server) {
	s.t.Helper()
	u, err := url.Parse(s.address("transport=websocket"))
	if err != nil {
		s.t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(patience))
	head := "GET " + u.RequestURI() + " HTTP/1.1\r\nHost: " + u.Host + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
	if a.hurry {
		_, _ = conn.Write(append([]byte(head), a.bytes()...)) // it may be cut off meanwhile
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset, and no farewell
		}
		return
	}
	if _, err := io.WriteString(conn, head); err != nil {
		s.t.Fatalf("%s: %v", a.about, err)
	}
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		s.t.Fatalf("%s: no websocket: %v", a.about, err)
	}
	if got := resp.Header.Get("Sec-Websocket-Extensions"); got != "" {
		s.t.Errorf("agreed to %q, which makes much of little", got)
	}
	_, _ = conn.Write(a.bytes())
	_, err = io.Copy(io.Discard, in) // until it ends
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		s.t.Errorf("%s: the connection goes on", a.about)
	}
}
