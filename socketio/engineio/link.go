package engineio

import (
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"unicode/utf8"
)

// readSize is how much is read at once. A buffer of that size is held only while there
// is something to read.
const readSize = 16 << 10

var readBuffers = sync.Pool{New: func() any { return new([readSize]byte) }}

// link is one websocket. Only its reading goroutine closes the connection; all others
// shut it down, which makes that goroutine notice.
type link struct {
	s    *Session
	conn net.Conn
	raw  syscall.RawConn
	done atomic.Bool // the client has nothing to say that is waited for

	// What follows belongs to the reading goroutine.
	rest    []byte // the beginning of a frame that has not arrived whole
	message []byte // the fragments of a message so far
	op      byte   // of that message; 0 when there is none
	probing bool   // not yet the transport
	full    <-chan struct{}
	err     error // why reading ends
}

var errGoodbye = errors.New("engineio: client closed the websocket")

// serve reads until the websocket ends, and closes it. begin is what the client sent
// together with its handshake.
func (l *link) serve(begin []byte) {
	defer l.over()
	defer l.survive()
	if len(begin) > 0 {
		l.rest = append(l.rest, begin...)
		if !l.resume() {
			return
		}
	}
	for {
		err := l.raw.Read(l.readable)
		if err != nil && l.err == nil {
			l.err = err
		}
		if l.err != nil || !l.pause() {
			return
		}
	}
}

// survive keeps the process alive when what this client sent led to a panic.
func (l *link) survive() {
	if p := recover(); p != nil {
		l.shut()
		l.s.srv.log.Error("receiver panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	}
}

// pause waits for the receiver to have space again, and hands over what was read already.
// It is false when reading ends.
func (l *link) pause() bool {
	paused := l.full != nil
	for l.full != nil {
		full := l.full
		l.full = nil
		l.s.hold(true)
		<-full
		l.s.hold(false)
		l.rest = l.take(l.rest)
	}
	if paused {
		l.keep(l.rest)
	}
	return l.err == nil
}

// resume takes frames from rest. It is false when reading ends.
func (l *link) resume() bool {
	l.keep(l.take(l.rest))
	return l.pause()
}

// readable reads what there is, in the middle of a Read of the connection: it is called
// again when there is more. It is true when reading stops, for the reason in err or in
// full. Nothing in here may close the connection, which waits for the end of its Read.
func (l *link) readable(fd uintptr) bool {
	for l.err == nil && l.full == nil {
		got, err := l.read(fd)
		switch {
		case err == syscall.EAGAIN:
			return false
		case err != nil:
			l.err = err
		case got == 0:
			l.err = net.ErrClosed
		}
	}
	return true
}

// read reads once and handles what has arrived whole. A short rest is put in front of a
// pooled buffer; a long one has a buffer of its own, which grows with what arrives.
func (l *link) read(fd uintptr) (got int, err error) {
	if len(l.rest) >= readSize/4 {
		l.rest = slices.Grow(l.rest, readSize/4)
		n := len(l.rest)
		got, err = ignoringInterrupts(syscall.Read, int(fd), l.rest[n:cap(l.rest)])
		if got > 0 {
			l.rest = l.rest[:n+got]
			if left := l.take(l.rest); len(left) < n+got {
				l.keep(left)
			}
		}
		return got, err
	}
	array := readBuffers.Get().(*[readSize]byte)
	defer readBuffers.Put(array)
	n := copy(array[:], l.rest)
	got, err = ignoringInterrupts(syscall.Read, int(fd), array[n:])
	if got > 0 {
		l.keep(l.take(array[:n+got]))
	}
	return got, err
}

func ignoringInterrupts(call func(int, []byte) (int, error), fd int, b []byte) (int, error) {
	for {
		n, err := call(fd, b)
		if err != syscall.EINTR {
			return n, err
		}
	}
}

// keep keeps the beginning of a frame for the next read.
func (l *link) keep(b []byte) {
	if len(b) == 0 || l.err != nil {
		l.rest = nil
		return
	}
	l.rest = append(make([]byte, 0, len(b)), b...)
}

// take handles the frames at the beginning of b and returns what is left of it. It
// stops at an error and when the receiver is full.
func (l *link) take(b []byte) []byte {
	for l.err == nil && l.full == nil && len(b) > 0 {
		h, ok, err := readHead(b, l.s.srv.opts.MaxPayload-len(l.message))
		if err != nil {
			l.fail(err)
			return nil
		}
		if !ok || len(b) < h.size+h.after {
			return b
		}
		payload := b[h.size : h.size+h.after : h.size+h.after]
		unmask(payload, h.key, 0)
		b = b[h.size+h.after:]
		if err := l.frame(h, payload); err != nil {
			l.fail(err)
			return nil
		}
	}
	return b
}

// fail ends the session for something that no client should send, and tells the client
// in the terms of RFC 6455 where there are any.
func (l *link) fail(err error) {
	l.err = err
	status := uint16(0)
	switch {
	case errors.Is(err, errGoodbye):
	case errors.Is(err, errTooBig):
		status = statusTooBig
	case errors.Is(err, errNotUTF8):
		status = statusNotUTF8
	case errors.Is(err, errFrame):
		status = statusProtocol
	}
	l.done.Store(status == 0) // else it is to answer
	s := l.s
	s.mu.Lock()
	transport, over, flushing := s.link == l, s.state == ended, s.flushing
	if transport && !over {
		s.status = status
	}
	s.mu.Unlock()
	switch {
	case !transport:
		l.write(closeFrame(status))
		l.shut()
	case !over:
		s.end(ReasonTransport, false)
	case !flushing: // it has our close frame already
		l.shut()
	}
}

// frame handles one frame.
func (l *link) frame(h head, payload []byte) error {
	switch h.op {
	case opPing:
		l.write(control(opPong, payload))
		return nil
	case opPong:
		return nil
	case opClose:
		return goodbye(payload)
	case opContinuation:
		if l.op == 0 {
			return errFrame
		}
	default:
		if l.op != 0 {
			return errFrame
		}
		if h.fin {
			return l.whole(h.op, payload)
		}
		l.op = h.op
	}
	l.message = append(l.message, payload...)
	if !h.fin {
		return nil
	}
	op, message := l.op, l.message
	l.op, l.message = 0, nil
	return l.whole(op, message)
}

// whole handles one message of the websocket.
func (l *link) whole(op byte, data []byte) error {
	if op == opText && !utf8.Valid(data) {
		return errNotUTF8
	}
	if l.probing {
		return l.probe(op, data)
	}
	full, err := l.s.packet(data, op == opBinary)
	l.full = full
	return err
}

// over closes the websocket when nothing more is read from it, and who still has to write
// a close frame has done so. What arrives meanwhile is thrown away; unread it would have
// the kernel reset the connection, and the client might never see that frame.
func (l *link) over() {
	_ = l.raw.Read(l.discard)
	_ = l.conn.Close()
	l.s.lost(l)
}

// discard is true when nothing more can arrive.
func (l *link) discard(fd uintptr) bool {
	array := readBuffers.Get().(*[readSize]byte)
	defer readBuffers.Put(array)
	for {
		got, err := ignoringInterrupts(syscall.Read, int(fd), array[:])
		if err != nil || got == 0 {
			return err != syscall.EAGAIN
		}
	}
}

// shut ends both directions, at once.
func (l *link) shut() {
	_ = l.raw.Control(func(fd uintptr) { _ = syscall.Shutdown(int(fd), syscall.SHUT_RDWR) })
}

// hangUp says that the server has nothing more to say. The client has to close the
// connection then, as RFC 6455 wants it, unless it has said all: then that is done here.
func (l *link) hangUp() {
	if l.done.Load() {
		l.shut()
		return
	}
	_ = l.raw.Control(func(fd uintptr) { _ = syscall.Shutdown(int(fd), syscall.SHUT_WR) })
}
