package sockets

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"expresschat/bench/websocket"
)

const accepted = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"

// listen has act talk to the first who connects, after the request for a websocket.
func listen(t *testing.T, act func(c net.Conn) error) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- func() error {
			c, err := l.Accept()
			if err != nil {
				return err
			}
			defer c.Close()
			if _, err := io.ReadFull(c, make([]byte, len(websocket.Upgrade))); err != nil {
				return err
			}
			return act(c)
		}()
	}()
	t.Cleanup(func() {
		_ = l.Close()
		if err := <-ended; err != nil {
			t.Errorf("server: %v", err)
		}
	})
	return l.Addr().String()
}

func frame(text string) string {
	head := []byte{0x81, 127}
	return string(binary.BigEndian.AppendUint64(head, uint64(len(text)))) + text
}

// hear connects and returns what comes, until it is as many packets as wanted.
func hear(t *testing.T, addr string, packets int) (got []string, err error) {
	t.Helper()
	loop, err := New()
	if err != nil {
		t.Fatal(err)
	}
	defer loop.Close()
	if _, err := loop.Dial(addr, func(p []byte) error {
		got = append(got, string(p))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return got, loop.Run(t.Context(), 20*time.Second, func() bool { return len(got) == packets })
}

// TestPackets has them come in pieces, long ones and short ones, with a ping in between
// that is answered.
func TestPackets(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 300_000)
	text := accepted + frame("hello") + frame("2") + frame(long) + frame("")
	for _, piece := range []int{7_777, len(text)} {
		addr := listen(t, func(c net.Conn) error {
			for rest := text; rest != ""; {
				n := min(piece, len(rest))
				if _, err := io.WriteString(c, rest[:n]); err != nil {
					return err
				}
				rest = rest[n:]
			}
			_, err := io.ReadFull(c, make([]byte, len(pong)))
			return err
		})
		got, err := hear(t, addr, 3)
		if err != nil || len(got) != 3 || got[0] != "hello" || got[1] != long || got[2] != "" {
			t.Errorf("%d packets, %v", len(got), err)
		}
	}
}

// TestSend has a peer that does not read for a while: what the kernel does not take is
// kept, and comes later.
func TestSend(t *testing.T) {
	t.Parallel()
	loop, err := New()
	if err != nil {
		t.Fatal(err)
	}
	defer loop.Close()
	f := websocket.Text(strings.Repeat("x", 1000))
	const frames = 20_000
	asked := make(chan struct{})
	addr := listen(t, func(c net.Conn) error {
		if _, err := io.WriteString(c, accepted); err != nil {
			return err
		}
		<-asked
		all, err := io.ReadAll(io.LimitReader(c, int64(frames*len(f))))
		if err == nil && !bytes.Equal(all, bytes.Repeat(f, frames)) {
			err = errors.New("other bytes than were sent")
		}
		_, _ = io.WriteString(c, frame("thanks"))
		return err
	})
	thanks := false
	s, err := loop.Dial(addr, func([]byte) error { thanks = true; return nil })
	if err != nil {
		t.Fatal(err)
	}
	for range frames {
		s.Send(f)
	}
	if err := loop.For(t.Context(), time.Millisecond); err != nil {
		t.Fatal(err)
	}
	close(asked)
	if err := loop.Run(t.Context(), 20*time.Second, func() bool { return thanks }); err != nil {
		t.Error(err)
	}
	if len(s.out) > 0 || s.blocked {
		t.Errorf("%d bytes are left", len(s.out))
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		says string
		want error
	}{
		"no websocket":  {"HTTP/1.1 404 Not Found\r\n\r\n", ErrUpgrade},
		"no HTTP":       {strings.Repeat("x", maxHead), ErrUpgrade},
		"the end":       {accepted, io.ErrUnexpectedEOF},
		"a close frame": {accepted + "\x88\x00", websocket.ErrClosed},
		"binary":        {accepted + "\x82\x01x", websocket.ErrFrame},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := listen(t, func(c net.Conn) error {
				_, err := io.WriteString(c, tt.says)
				return err
			})
			if _, err := hear(t, addr, 1); !errors.Is(err, tt.want) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestRunEnds(t *testing.T) {
	t.Parallel()
	loop, err := New()
	if err != nil {
		t.Fatal(err)
	}
	defer loop.Close()
	never := func() bool { return false }
	if err := loop.Run(t.Context(), time.Millisecond, never); !errors.Is(err, ErrLate) {
		t.Errorf("after the limit: %v", err)
	}
	errWhy := errors.New("why")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errWhy)
	if err := loop.Run(ctx, time.Minute, never); !errors.Is(err, errWhy) {
		t.Errorf("after the context: %v", err)
	}
}

// TestAt has an alarm ring three times, never before its time.
func TestAt(t *testing.T) {
	t.Parallel()
	loop, err := New()
	if err != nil {
		t.Fatal(err)
	}
	defer loop.Close()
	due, rings := time.Now().Add(time.Millisecond), 0
	loop.At(due, func(now time.Time) (time.Time, error) {
		if now.Before(due) {
			t.Errorf("rang %s early", due.Sub(now))
		}
		if rings++; rings == 3 {
			return time.Time{}, nil
		}
		due = now.Add(700 * time.Microsecond)
		return due, nil
	})
	if err := loop.Run(t.Context(), 20*time.Second, func() bool { return rings == 3 }); err != nil {
		t.Error(err)
	}
}
