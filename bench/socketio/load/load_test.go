package load

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// pipe is a client with a server that writes text, in pieces of the given size, and
// hears all that it is told.
func pipe(t *testing.T, text string, piece int) *client {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		for rest := []byte(text); len(rest) > 0; {
			n, err := conn.Write(rest[:min(piece, len(rest))])
			if err != nil {
				return
			}
			rest = rest[n:]
		}
		_ = conn.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, conn)
	}()
	c, err := dial(t.Context(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.close()
		_ = l.Close()
		<-ended
	})
	return c
}

func TestPackets(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	text := "\x81\x05hello" + "\x81\x012" + "\x81\x7e\x01\x2c" + long + "\x81\x00" + "\x88\x02\x03\xe8"
	for _, piece := range []int{1, 7, 1000} {
		c := pipe(t, text, piece)
		for _, want := range []string{"hello", long, ""} { // and no ping
			got, err := c.packet()
			if err != nil || string(got) != want {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		}
		if _, err := c.packet(); !errors.Is(err, io.EOF) {
			t.Errorf("at the end: %v", err)
		}
	}
}

func TestFrameErrors(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a part of a message": "\x01\x05hello",
		"binary":              "\x82\x05hello",
		"compressed":          "\xc1\x05hello",
		"very long":           "\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x01x",
		"longer than we read": "\x81\x7e\xff\xff" + strings.Repeat("x", 0xffff),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := pipe(t, text, len(text)).packet(); !errors.Is(err, ErrAnswer) {
				t.Errorf("error %v", err)
			}
		})
	}
	if _, err := pipe(t, "\x81\x05hell", 10).packet(); !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		t.Errorf("cut off: %v", err)
	}
}

func TestExpect(t *testing.T) {
	t.Parallel()
	c := pipe(t, "\x81\x05hello\x81\x05hallo", 100)
	if err := c.expect([]byte("hello")); err != nil {
		t.Error(err)
	}
	if err := c.expect([]byte("hello")); !errors.Is(err, ErrAnswer) {
		t.Errorf("another packet: %v", err)
	}
}

func TestResponse(t *testing.T) {
	t.Parallel()
	c := pipe(t, "HTTP/1.1 200 OK\r\nA: b\r\ncontent-length: 2\r\n\r\nok"+
		"HTTP/1.1 404 Not Found\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 3)
	for _, want := range []struct {
		status int
		body   string
	}{{200, "ok"}, {404, ""}} {
		status, body, err := c.response()
		if err != nil || status != want.status || string(body) != want.body {
			t.Errorf("got %d, %q, %v, want %v", status, body, err, want)
		}
	}
	if _, _, err := c.response(); !errors.Is(err, ErrAnswer) {
		t.Errorf("in chunks: %v", err)
	}
}

// TestOneFails is about the others, who have to end then, too.
func TestOneFails(t *testing.T) {
	t.Parallel()
	errFirst := errors.New("first")
	quit := make(chan struct{})
	err := together(3, func() { close(quit) }, func(i int) error {
		if i == 1 {
			return errFirst
		}
		<-quit
		return io.EOF
	})
	if !errors.Is(err, errFirst) {
		t.Errorf("error %v", err)
	}
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	server := &http.Server{ReadHeaderTimeout: time.Minute} // which knows no path
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	defer func() { _ = server.Close(); <-ended }()
	target := Target{Addr: l.Addr().String(), PID: os.Getpid()}
	for _, kind := range []Kind{Echo, Rooms, Idle, Connect, Poll, "none"} {
		p := Phase{Kind: kind, Clients: 3, Rooms: 1, Senders: 1, Window: 1, Messages: 1, Warmup: 1}
		if _, err := Measure(t.Context(), target, p); err == nil {
			t.Errorf("%s ran against a server that is none", kind)
		}
	}
}

// TestPingAmongDeliveries has a server that goes on only when its client does, and pings
// it where the client might stop.
func TestPingAmongDeliveries(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	said, ping := "\x81\x7e\x00"+string([]byte{byte(len(SaidPacket()))})+SaidPacket(), "\x81\x012"
	say, pong := clientFrame(sayPacket("r")), clientFrame("3")
	ended := make(chan error, 1)
	defer func() {
		_ = l.Close()
		if err := <-ended; err != nil {
			t.Errorf("server: %v", err)
		}
	}()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			ended <- err
			return
		}
		defer conn.Close()
		ended <- func() error {
			for _, step := range []struct {
				hear int
				tell string
			}{{len(say), said + ping}, {len(pong) + len(say), said}} {
				if _, err := io.ReadFull(conn, make([]byte, step.hear)); err != nil {
					return err
				}
				if _, err := io.WriteString(conn, step.tell); err != nil {
					return err
				}
			}
			return nil
		}()
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, err := dial(ctx, l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	m := member{client: c, senders: 1, window: 1, say: say, want: []byte(SaidPacket())}
	if err := m.exchange(2); err != nil {
		t.Error(err)
	}
}

// TestSilence ends a phase that waits for a server which says nothing.
func TestSilence(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	errEnough := errors.New("enough")
	ended := make(chan struct{})
	defer func() { _ = l.Close(); <-ended }()
	go func() {
		defer close(ended)
		if conn, err := l.Accept(); err == nil {
			defer conn.Close()
			cancel(errEnough)
			_, _ = io.Copy(io.Discard, conn)
		}
	}()
	_, err = Measure(ctx, Target{l.Addr().String(), os.Getpid()}, Phase{Kind: Echo, Clients: 1, Messages: 1})
	if !errors.Is(err, errEnough) {
		t.Errorf("error %v", err)
	}
}
