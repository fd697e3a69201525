package sockets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"

	"golang.org/x/sys/unix"

	"expresschat/bench/websocket"
)

// ErrUpgrade means that a server did not become a websocket.
var ErrUpgrade = errors.New("sockets: no websocket")

// maxHead is more than the answer to an upgrade has.
const maxHead = 4 << 10

// pong is the answer to a ping.
var pong = websocket.Text("3")

// Socket is one connection.
type Socket struct {
	loop *Loop
	fd   int
	next func(in []byte) (packet []byte, size int, err error)
	on   func(packet []byte) error

	upgraded bool   // or never to be
	rest     []byte // the beginning of a frame that is not all there yet
	out      []byte // what has to be written
	dirty    bool   // the loop knows that there is something in out
	blocked  bool   // the kernel takes no more at the moment
}

// Dial connects and asks for a websocket. on is called for each packet of Engine.IO that
// is no ping; its bytes are valid until it returns. An error of on ends Run.
func (l *Loop) Dial(addr string, on func(packet []byte) error) (*Socket, error) {
	return l.dial(addr, []byte(websocket.Upgrade), websocket.Next, on)
}

// dial connects and says what is to be said first, unless that is nil. next takes apart
// what comes then.
func (l *Loop) dial(
	addr string, upgrade []byte, next func([]byte) ([]byte, int, error), on func([]byte) error,
) (*Socket, error) {
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, fmt.Errorf("make socket: %w", err)
	}
	s := &Socket{loop: l, fd: fd, next: next, on: on, upgraded: upgrade == nil}
	if err := s.connect(to); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	l.sockets[fd] = s
	s.Send(upgrade)
	return s, nil
}

func (s *Socket) connect(to netip.AddrPort) error {
	unix.CloseOnExec(s.fd)
	if err := unix.SetNonblock(s.fd, true); err != nil {
		return fmt.Errorf("dial: %w", err)
	}
	if err := unix.SetsockoptInt(s.fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return fmt.Errorf("dial: %w", err)
	}
	err := unix.Connect(s.fd, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
	if err != nil && !errors.Is(err, unix.EINPROGRESS) {
		return fmt.Errorf("dial: %w", err)
	}
	return s.loop.poll.watch(s.fd, false)
}

// Send writes a frame at the end of the loop's round, together with what else the round
// brings for this socket. The frame is copied.
func (s *Socket) Send(frame []byte) {
	s.out = append(s.out, frame...)
	if !s.dirty {
		s.dirty = true
		s.loop.dirty = append(s.loop.dirty, s)
	}
}

// Close ends the connection at once. It may be called twice.
func (s *Socket) Close() {
	if s.closed() {
		return
	}
	delete(s.loop.sockets, s.fd)
	_ = unix.Close(s.fd) // which takes it out of the poller, too
}

func (s *Socket) closed() bool { return s.loop.sockets[s.fd] != s }

// flush writes what the kernel takes, and asks to be told when it takes the rest.
func (s *Socket) flush() error {
	if s.closed() {
		return nil
	}
	n, err := 0, error(nil)
	for len(s.out) > 0 && err == nil {
		n, err = unix.Write(s.fd, s.out)
		s.out = s.out[:copy(s.out, s.out[max(n, 0):])]
	}
	if err != nil && !later(err) && !errors.Is(err, unix.ENOTCONN) {
		return fmt.Errorf("write: %w", err)
	}
	if blocked := len(s.out) > 0; blocked != s.blocked {
		s.blocked = blocked
		return s.loop.poll.rewatch(s.fd, blocked)
	}
	return nil
}

func later(err error) bool { return errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) }

// read takes what is there, up to one buffer, and hands on the packets in it.
func (s *Socket) read() error {
	l := s.loop
	kept := copy(l.buf, s.rest)
	n, err := unix.Read(s.fd, l.buf[kept:])
	switch {
	case err != nil && later(err):
		return nil
	case err != nil:
		return fmt.Errorf("read: %w", err)
	case n == 0:
		return io.ErrUnexpectedEOF
	}
	in, err := s.take(l.buf[:kept+n])
	if err != nil {
		return err
	}
	s.rest = append(s.rest[:0], in...)
	if len(s.rest) > len(l.buf)/2 {
		l.buf = make([]byte, 2*len(l.buf)) // a frame that needs it is on its way
	}
	return nil
}

// take hands on the whole packets in what was read, and returns what is left.
func (s *Socket) take(in []byte) ([]byte, error) {
	if !s.upgraded {
		var err error
		if in, err = s.upgrade(in); err != nil || !s.upgraded {
			return in, err
		}
	}
	for {
		packet, size, err := s.next(in)
		if err != nil || size == 0 {
			return in, err
		}
		in = in[size:]
		if len(packet) == 1 && packet[0] == '2' {
			s.Send(pong)
			continue
		}
		if err := s.on(packet); err != nil {
			return nil, err
		}
		if s.closed() {
			return nil, nil
		}
	}
}

// upgrade takes the answer to the request, once all of it is there.
func (s *Socket) upgrade(in []byte) ([]byte, error) {
	head, rest, whole := bytes.Cut(in, []byte("\r\n\r\n"))
	if !whole && len(in) < maxHead {
		return in, nil
	}
	if !whole || !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) {
		return nil, fmt.Errorf("%w: %.100q", ErrUpgrade, in)
	}
	s.upgraded = true
	return rest, nil
}
