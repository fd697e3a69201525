package load

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"

	"expresschat/bench/websocket"
)

// bufferSize bounds what one read takes from a socket, and a frame or answer. More than
// a dozen deliveries fit in.
const bufferSize = 4 << 10

// client is one TCP connection to a server, spoken to in HTTP or as a websocket.
type client struct {
	conn   net.Conn
	in     *bufio.Reader
	forget func() bool // makes the connection outlive its context
}

// dial connects. The connection breaks when ctx ends.
func dial(ctx context.Context, addr string) (*client, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &client{
		conn:   conn,
		in:     bufio.NewReaderSize(conn, bufferSize),
		forget: context.AfterFunc(ctx, func() { _ = conn.Close() }),
	}, nil
}

// close ends the connection at once. It may be called twice, and while others read.
func (c *client) close() {
	c.forget()
	_ = c.conn.Close()
}

// enter makes the connection a websocket and an authorised socket.
func (c *client) enter(auth []byte) error {
	if _, err := c.conn.Write([]byte(websocket.Upgrade)); err != nil {
		return err
	}
	status, _, err := c.response()
	if err != nil {
		return err
	}
	if status != 101 {
		return fmt.Errorf("%w: status %d for an upgrade", ErrAnswer, status)
	}
	if err := c.expectPrefix("0{"); err != nil {
		return err
	}
	if _, err := c.conn.Write(auth); err != nil {
		return err
	}
	return c.expectPrefix("40{")
}

// leave closes the websocket, and waits until the server agrees.
func (c *client) leave() error {
	if _, err := c.conn.Write(websocket.Frame(websocket.OpClose, nil)); err != nil {
		return err
	}
	for {
		_, err := c.packet()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// packet returns the next Engine.IO packet that is no ping. Its bytes are valid until the
// next call. The error is io.EOF when the server closes.
func (c *client) packet() ([]byte, error) {
	for {
		p, err := c.frame()
		if err != nil {
			return nil, err
		}
		if ping, err := c.pong(p); !ping {
			return p, err
		}
	}
}

// pong answers a packet that is a ping.
func (c *client) pong(p []byte) (ping bool, err error) {
	if len(p) != 1 || p[0] != '2' {
		return false, nil
	}
	_, err = c.conn.Write(clientFrame("3"))
	return err == nil, err
}

// frame returns the payload of the next websocket frame.
func (c *client) frame() ([]byte, error) {
	head, err := c.in.Peek(2)
	if err != nil {
		return nil, err
	}
	op, length, skip := head[0], int(head[1]), 2
	switch {
	case length > websocket.Len16:
		length = bufferSize // or more: no frame is as long as needs these lengths
	case length == websocket.Len16:
		if head, err = c.in.Peek(4); err != nil {
			return nil, err
		}
		length, skip = int(binary.BigEndian.Uint16(head[2:])), 4
	}
	switch {
	case op == websocket.Final|websocket.OpClose:
		return nil, io.EOF
	case op != websocket.Final|websocket.OpText || length > bufferSize-skip:
		return nil, fmt.Errorf("%w: a frame that starts with %x", ErrAnswer, head)
	}
	frame, err := c.in.Peek(skip + length)
	if err != nil {
		return nil, err
	}
	// What was peeked at stays where it is until the next read.
	_, err = c.in.Discard(len(frame))
	return frame[skip:], err
}

// buffered reports whether the next packet has begun to arrive.
func (c *client) buffered() bool { return c.in.Buffered() > 0 }

// expect reads a packet that has to be this one.
func (c *client) expect(want []byte) error {
	got, err := c.packet()
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%w: %q, want %q", ErrAnswer, got, want)
	}
	return nil
}

func (c *client) expectPrefix(want string) error {
	got, err := c.packet()
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(got, []byte(want)) {
		return fmt.Errorf("%w: %q, want one that starts with %s", ErrAnswer, got, want)
	}
	return nil
}

// response reads an HTTP response, whose body is valid until the next read. It is read
// by hand because net/http's way of it costs as much as the fastest server's answer.
func (c *client) response() (status int, body []byte, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	if _, err := fmt.Sscanf(string(line), "HTTP/1.1 %d", &status); err != nil {
		return 0, nil, fmt.Errorf("%w: %q", ErrAnswer, line)
	}
	length := 0
	for {
		if line, err = c.in.ReadSlice('\n'); err != nil {
			return 0, nil, err
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, nil, fmt.Errorf("%w: %q", ErrAnswer, line)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			return 0, nil, fmt.Errorf("%w: %s is not understood here", ErrAnswer, line)
		}
	}
	if body, err = c.in.Peek(length); err != nil {
		return 0, nil, err
	}
	_, err = c.in.Discard(length)
	return status, body, err
}
