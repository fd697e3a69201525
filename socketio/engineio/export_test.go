package engineio

import (
	"net"
	"syscall"
)

// What tests of the insides see of them.
var (
	ReadHead  = readHead
	Unmask    = unmask
	ErrFrame  = errFrame
	ErrTooBig = errTooBig
)

// Head tells what readHead found.
func (h head) Head() (op byte, fin bool, key [4]byte, size, after int) {
	return h.op, h.fin, h.key, h.size, h.after
}

// Waiting is how many bytes wait for the client.
func (s *Session) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.bytes
}

// Timers is how many sessions are in the wheel.
func (srv *Server) Timers() int {
	srv.wheel.mu.Lock()
	defer srv.wheel.mu.Unlock()
	return srv.wheel.entries
}

// Tick does what is due for s at a moment far away.
func (s *Session) Tick(now int64) { s.tick(now) }

// Reader is the reading half of a websocket, without its goroutine.
type Reader struct{ l *link }

// NewReader returns one that reads from conn for a new session.
func NewReader(srv *Server, conn net.Conn, revision int, to Receiver) (Reader, error) {
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return Reader{}, err
	}
	s := &Session{srv: srv, id: NewID(), revision: uint8(revision), to: to}
	s.link = &link{s: s, conn: conn, raw: raw}
	return Reader{s.link}, nil
}

// Read takes all that has arrived. It is false when reading has ended.
func (r Reader) Read() bool {
	more := true
	for more {
		blocked := true
		_ = r.l.raw.Control(func(fd uintptr) { blocked = !r.l.readable(fd) })
		if blocked {
			return true
		}
		more = r.l.pause()
	}
	return false
}

// Err is why reading ended.
func (r Reader) Err() error { return r.l.err }

// Kept is how much memory is kept for what has arrived only in part.
func (r Reader) Kept() int { return cap(r.l.rest) + cap(r.l.message) }

// Close ends the session.
func (r Reader) Close() {
	r.l.s.end(ReasonTransport, true)
	_ = r.l.conn.Close()
}
