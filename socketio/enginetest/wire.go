package enginetest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// bytesMark begins what stands for a binary message among packets.
const bytesMark = "binary:"

// client is a raw websocket that speaks Engine.IO.
type client struct {
	t      *testing.T
	ws     *websocket.Conn
	ctx    context.Context // as long as the test
	legacy bool            // revision 3
}

// dial opens a websocket and reads the open packet.
func (s *server) dial(query string, header http.Header) *client {
	s.t.Helper()
	c := s.raw(query, header)
	if open := c.next(); !strings.HasPrefix(open, `0{`) {
		s.t.Fatalf("open packet: %s", open)
	}
	return c
}

// raw only opens a websocket.
func (s *server) raw(query string, header http.Header) *client {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s.t.Cleanup(cancel)
	dialing, done := context.WithTimeout(ctx, patience)
	defer done()
	ws, resp, err := websocket.Dial(dialing, s.ws(query), &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		s.t.Fatalf("dial: %v", err)
	}
	if got := resp.Header.Get("Access-Control-Allow-Origin"); got != "" {
		s.t.Errorf("the engine answers for CORS: %q", got)
	}
	ws.SetReadLimit(64 << 20)
	s.t.Cleanup(func() { _ = ws.CloseNow() })
	return &client{t: s.t, ws: ws, ctx: ctx, legacy: strings.Contains(query, "EIO=3")}
}

// enter dials and joins the default namespace.
func (s *server) enter() (*client, string) {
	s.t.Helper()
	c := s.dial("", nil)
	return c, c.join("/", "")
}

// join joins a namespace and returns the socket's id.
func (c *client) join(namespace, auth string) string {
	c.t.Helper()
	head := "40"
	if namespace != "/" {
		head += namespace + ","
	}
	c.send(head + auth)
	return sid(c.t, c.next(), head)
}

func sid(t *testing.T, packet, head string) string {
	t.Helper()
	var connected struct{ SID string }
	rest, ok := strings.CutPrefix(packet, head)
	if !ok || json.Unmarshal([]byte(rest), &connected) != nil || connected.SID == "" {
		t.Fatalf("answer to connect: %s", packet)
	}
	return connected.SID
}

func (c *client) send(packets ...string) {
	c.t.Helper()
	for _, p := range packets {
		if data, ok := strings.CutPrefix(p, bytesMark); ok {
			c.sendBinary([]byte(data))
			continue
		}
		c.write(websocket.MessageText, []byte(p))
	}
}

func (c *client) write(kind websocket.MessageType, data []byte) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	if err := c.ws.Write(ctx, kind, data); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

func (c *client) sendBinary(data []byte) {
	c.t.Helper()
	if c.legacy {
		data = append([]byte{4}, data...)
	}
	c.write(websocket.MessageBinary, data)
}

// read returns the next packet, "" when the connection has ended.
func (c *client) read() string {
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	kind, data, err := c.ws.Read(ctx)
	switch {
	case err != nil:
		if ctx.Err() != nil {
			c.t.Error("nothing came, not even the end")
		}
		return ""
	case kind == websocket.MessageText:
		return string(data)
	case !c.legacy:
		return bytesMark + string(data)
	case len(data) == 0 || data[0] != 4:
		c.t.Errorf("binary packet without its type: %q", data)
		return ""
	}
	return bytesMark + string(data[1:])
}

// next returns the next packet that is no ping; those are answered.
func (c *client) next() string {
	c.t.Helper()
	for {
		p := c.read()
		switch p {
		case "":
			c.t.Fatal("connection ended")
		case "2":
			c.send("3")
		default:
			return p
		}
	}
}

// expect fails unless these are the next packets.
func (c *client) expect(packets ...string) {
	c.t.Helper()
	for _, want := range packets {
		if got := c.next(); got != want {
			c.t.Fatalf("got %.200s, want %.200s", got, want)
		}
	}
}

// rest returns all packets until the connection ends.
func (c *client) rest() []string {
	c.t.Helper()
	var packets []string
	for p := c.read(); p != ""; p = c.read() {
		if p != "2" && p != "6" {
			packets = append(packets, p)
		}
	}
	return packets
}

// expectEnd fails unless these packets come and then the end.
func (c *client) expectEnd(packets ...string) {
	c.t.Helper()
	if got := c.rest(); strings.Join(got, "\n") != strings.Join(packets, "\n") {
		c.t.Fatalf("got %q and the end, want %q", got, packets)
	}
}

// roundtrip returns when the engine has read all that the client sent before.
func (c *client) roundtrip() {
	c.t.Helper()
	c.send(`40/nowhere,`)
	c.expect(`44/nowhere,{"message":"Invalid namespace"}`)
}

func (c *client) close() { _ = c.ws.CloseNow() }

// event returns the packet of an event in the default namespace.
func event(name string, arg any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode([]any{name, arg})
	return "42" + strings.TrimSuffix(b.String(), "\n")
}
