package own_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"expresschat/socketio"
)

// patience is how long a test waits for anything before it fails.
const patience = time.Minute

// wait returns what comes out of c.
func wait[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatal("nothing happened")
	}
	return v
}

// serve serves an engine on a port of its own. Connections keep only a little for clients
// that do not read, if narrow. end stops it.
func serve(t *testing.T, e socketio.Engine, narrow bool) (address string, end func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: e, ReadHeaderTimeout: patience}
	if narrow {
		web.ConnState = func(c net.Conn, s http.ConnState) {
			if s == http.StateNew {
				_ = c.(*net.TCPConn).SetWriteBuffer(4096)
			}
		}
	}
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	return listener.Addr().String(), func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := errors.Join(e.Stop(ctx), web.Shutdown(ctx)); err != nil {
			t.Errorf("stop: %v", err)
		}
		<-served
	}
}

// client is one connection to the server, a websocket after its handshake.
type client struct {
	address string
	conn    *net.TCPConn
	in      *bufio.Reader
	polls   bool // it is no websocket
	sid     string
	packets []string // of the last poll, that were not read
}

// connect opens a connection that keeps only a little of what is not read.
func connect(address string) (*client, error) {
	d := net.Dialer{Timeout: patience, Control: func(_, _ string, c syscall.RawConn) (err error) {
		_ = c.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
		return err
	}}
	conn, err := d.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(patience))
	return &client{address: address, conn: conn.(*net.TCPConn), in: bufio.NewReaderSize(conn, 512)}, nil
}

func (c *client) close() { _ = c.conn.Close() }

// reset ends the connection without a farewell.
func (c *client) reset() {
	_ = c.conn.SetLinger(0)
	c.close()
}

// dial opens a websocket, for a session of its own or, with a sid, for one that polls.
func dial(address, query string) (*client, error) {
	c, err := connect(address)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(c.conn, "GET /?EIO=4&transport=websocket&%s HTTP/1.1\r\nHost: chat\r\nConnection: Upgrade\r\n"+
		"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", query)
	if err != nil {
		c.close()
		return nil, err
	}
	resp, err := http.ReadResponse(c.in, nil)
	if err == nil && resp.StatusCode != http.StatusSwitchingProtocols {
		err = fmt.Errorf("status %s", resp.Status)
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// enter joins the default namespace, over a websocket or over polling.
func enter(address, query string, polling bool) (c *client, err error) {
	if polling {
		if c, err = connect(address); err != nil {
			return nil, err
		}
		c.polls = true
	} else if c, err = dial(address, query); err != nil {
		return nil, err
	}
	open, err := c.nextOf(query)
	if _, sid, ok := strings.Cut(open, `0{"sid":"`); ok && err == nil {
		c.sid, _, _ = strings.Cut(sid, `"`)
		if err = c.send("40"); err == nil {
			open, err = c.next()
		}
	}
	if err != nil || !strings.HasPrefix(open, `40{"sid"`) {
		c.close()
		return nil, fmt.Errorf("enter: %q %w", open, err)
	}
	return c, nil
}

// upgrade has the session of a client that polls go on over a websocket, and returns
// what polls still brought. After an error it still polls.
func (c *client) upgrade() (ws *client, brought []string, err error) {
	opened, err := dial(c.address, "sid="+c.sid)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			opened.close()
			return
		}
		c.close()
	}()
	if err = opened.send("2probe"); err != nil {
		return nil, nil, err
	}
	if answer, err := opened.next(); err != nil || answer != "3probe" {
		return nil, nil, fmt.Errorf("probe: %q %w", answer, err)
	}
	for {
		packet, err := c.next()
		if err != nil {
			return nil, brought, err
		}
		if packet == "6" {
			break
		}
		brought = append(brought, packet)
	}
	return opened, append(brought, c.packets...), opened.send("5")
}

// send sends a packet.
func (c *client) send(packet string) error {
	if c.polls {
		body, err := c.request(http.MethodPost, "&sid="+c.sid, packet)
		if err == nil && body != "ok" {
			err = fmt.Errorf("post: %q", body)
		}
		return err
	}
	return c.frame(0x81, packet)
}

// frame sends a websocket's frame, with a mask that changes nothing.
func (c *client) frame(first byte, payload string) error {
	_, err := c.conn.Write(append([]byte{first, 0x80 | byte(len(payload)), 0, 0, 0, 0}, payload...))
	return err
}

// next returns the next packet that is no ping; those are answered.
func (c *client) next() (string, error) { return c.nextOf("sid=" + c.sid) }

func (c *client) nextOf(query string) (packet string, err error) {
	for {
		if c.polls {
			packet, err = c.polled(query)
		} else {
			packet, err = c.read()
		}
		if err != nil || packet != "2" {
			return packet, err
		}
		if err := c.send("3"); err != nil {
			return "", err
		}
	}
}

// polled returns the next packet that a poll brings, or has brought.
func (c *client) polled(query string) (packet string, err error) {
	if len(c.packets) == 0 {
		body, err := c.request(http.MethodGet, "&"+query, "")
		if err != nil {
			return "", err
		}
		c.packets = strings.Split(body, "\x1e")
	}
	packet, c.packets = c.packets[0], c.packets[1:]
	return packet, nil
}

// request makes a request of long polling.
func (c *client) request(method, query, body string) (string, error) {
	_, err := fmt.Fprintf(c.conn, "%s /?EIO=4&transport=polling%s HTTP/1.1\r\nHost: chat\r\nContent-Length: %d\r\n\r\n%s",
		method, query, len(body), body)
	if err != nil {
		return "", err
	}
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %s: %s", resp.Status, text)
	}
	return string(text), err
}

// read returns the next text message of a websocket. The error is io.EOF at its end.
func (c *client) read() (string, error) {
	var head [4]byte
	if _, err := io.ReadFull(c.in, head[:2]); err != nil {
		return "", err
	}
	n := int(head[1])
	if n == 126 {
		if _, err := io.ReadFull(c.in, head[2:]); err != nil {
			return "", err
		}
		n = int(binary.BigEndian.Uint16(head[2:]))
	}
	payload := make([]byte, n)
	if _, err := io.ReadFull(c.in, payload); err != nil {
		return "", err
	}
	switch head[0] {
	case 0x81:
		return string(payload), nil
	case 0x88:
		return "", io.EOF
	}
	return "", fmt.Errorf("frame %x", head)
}
