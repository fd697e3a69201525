package engineio_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	fin    = 0x80
	text   = 0x1
	bytes_ = 0x2
	closed = 0x8
	ping   = 0x9
	pong   = 0xa
)

// The pair of RFC 6455, section 1.3.
const (
	nonce  = "dGhlIHNhbXBsZSBub25jZQ=="
	accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// wire is a raw connection to the server, and a websocket after its handshake.
type wire struct {
	t    testing.TB
	conn *net.TCPConn
	in   *bufio.Reader
}

// connect opens a TCP connection.
func (e *echo) connect() *wire {
	e.t.Helper()
	conn, err := net.Dial("tcp", e.address)
	if err != nil {
		e.t.Fatal(err)
	}
	return e.wrap(conn)
}

// wrap makes a wire of a connection.
func (e *echo) wrap(conn net.Conn) *wire {
	_ = conn.SetDeadline(time.Now().Add(patience))
	w := &wire{e.t, conn.(*net.TCPConn), bufio.NewReader(conn)}
	e.t.Cleanup(w.close)
	return w
}

// request is one for a websocket; extra lines replace those of the same name.
func request(query string, extra ...string) string {
	lines := []string{
		"Host: chat", "Connection: Upgrade", "Upgrade: websocket",
		"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + nonce,
	}
	for _, line := range extra {
		name, value, _ := strings.Cut(line, ":")
		for i, old := range lines {
			if strings.HasPrefix(old, name+":") {
				lines = append(lines[:i], lines[i+1:]...)
				break
			}
		}
		if value != "" {
			lines = append(lines, line)
		}
	}
	return "GET /engine.io/?" + query + " HTTP/1.1\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n"
}

// answer reads the answer to a request.
func (w *wire) answer() response {
	w.t.Helper()
	resp, err := http.ReadResponse(w.in, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return response{resp.StatusCode, "", resp.Header}
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return response{resp.StatusCode, string(body), resp.Header}
}

// upgraded fails unless the answer makes this a websocket.
func (w *wire) upgraded() {
	w.t.Helper()
	got := w.answer()
	h := got.header
	if got.status != http.StatusSwitchingProtocols || !strings.EqualFold(h.Get("Upgrade"), "websocket") ||
		!strings.EqualFold(h.Get("Connection"), "upgrade") || h.Get("Sec-WebSocket-Accept") != accept ||
		h.Get("Sec-WebSocket-Extensions") != "" || h.Get("Sec-WebSocket-Protocol") != "" {
		w.t.Fatalf("handshake: %+v", got)
	}
}

// dial opens a websocket.
func (e *echo) dial(query string) *wire {
	e.t.Helper()
	w := e.connect()
	w.write([]byte(request("transport=websocket&" + query)))
	w.upgraded()
	return w
}

// enter opens a websocket with a session of its own.
func (e *echo) enter(revision string) (*wire, *peer) {
	e.t.Helper()
	w := e.dial("EIO=" + revision)
	return w, e.greeted(w.read())
}

func (w *wire) write(b []byte) {
	w.t.Helper()
	if _, err := w.conn.Write(b); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) close() { _ = w.conn.Close() }

// reset ends the connection without a farewell.
func (w *wire) reset() {
	_ = w.conn.SetLinger(0)
	w.close()
}

// mask is what clients' frames are masked with.
var mask = [4]byte{0x37, 0xfa, 0x21, 0x3d}

// frame is a client's frame; first is its first byte.
func frame(first byte, payload string) []byte {
	var b []byte
	switch n := len(payload); {
	case n < 126:
		b = []byte{first, 0x80 | byte(n)}
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16([]byte{first, 0x80 | 126}, uint16(n))
	default:
		b = binary.BigEndian.AppendUint64([]byte{first, 0x80 | 127}, uint64(n))
	}
	b = append(b, mask[:]...)
	for i := range len(payload) {
		b = append(b, payload[i]^mask[i&3])
	}
	return b
}

// frames joins frames.
func frames(all ...[]byte) (joined []byte) {
	for _, f := range all {
		joined = append(joined, f...)
	}
	return joined
}

// send sends text messages, each in a segment of its own.
func (w *wire) send(messages ...string) {
	w.t.Helper()
	for _, m := range messages {
		w.write(frame(fin|text, m))
	}
}

// read returns the next frame: text as it is, all else as show writes it.
func (w *wire) read() string {
	w.t.Helper()
	first, payload, err := w.next()
	if err != nil {
		return err.Error()
	}
	return show(first, payload)
}

func (w *wire) next() (first byte, payload []byte, err error) {
	var head [8]byte
	if _, err = io.ReadFull(w.in, head[:2]); err != nil {
		return 0, nil, err
	}
	first = head[0]
	n := uint64(head[1])
	switch n {
	case 126:
		_, err = io.ReadFull(w.in, head[:2])
		n = uint64(binary.BigEndian.Uint16(head[:]))
	case 127:
		_, err = io.ReadFull(w.in, head[:8])
		n = binary.BigEndian.Uint64(head[:])
	}
	if err != nil || n > 64<<20 {
		return 0, nil, fmt.Errorf("frame of %d bytes: %w", n, err)
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(w.in, payload)
	return first, payload, err
}

// show writes down a server's frame.
func show(first byte, payload []byte) string {
	switch {
	case first == fin|text:
		return string(payload)
	case first == fin|bytes_:
		return fmt.Sprintf("bytes %x", payload)
	case first == fin|pong:
		return "pong " + string(payload)
	case first == fin|closed && len(payload) == 0:
		return "close"
	case first == fin|closed && len(payload) >= 2:
		return fmt.Sprint("close ", binary.BigEndian.Uint16(payload))
	}
	return fmt.Sprintf("frame %x %x", first, payload)
}

// expect fails unless these come next; "EOF" is the end.
func (w *wire) expect(all ...string) {
	w.t.Helper()
	for i, want := range all {
		if got := w.read(); got != want {
			w.t.Fatalf("%d: got %.100q, want %.100q", i, got, want)
		}
	}
}

// end fails unless the connection ends, with a close frame or without.
func (w *wire) end() {
	w.t.Helper()
	if got := w.read(); got != "EOF" && (got != "close" || w.read() != "EOF") {
		w.t.Fatalf("got %.100q and no end", got)
	}
}
