package engineio

import (
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// vectors is how many messages are written at once.
const vectors = 64

// writer is what a goroutine needs to write to websockets, one after another.
type writer struct {
	vec  [vectors]syscall.Iovec
	n    int // of vec
	call func(fd uintptr) bool

	wait bool // for the client, when it takes nothing at the moment
	done int
	err  error
}

var writers = sync.Pool{New: func() any {
	w := new(writer)
	w.call = w.write
	return w
}}

// write makes the system call. It is false when it has to be made again, once the
// client takes more.
func (w *writer) write(fd uintptr) bool {
	for {
		n, _, errno := syscall.Syscall(syscall.SYS_WRITEV, fd, uintptr(unsafe.Pointer(&w.vec[0])), uintptr(w.n))
		switch {
		case errno == 0:
			w.done, w.err = int(n), nil
			return true
		case errno == syscall.EINTR:
			continue
		case errno == syscall.EAGAIN && w.wait:
			return false
		}
		w.done, w.err = 0, errno
		return true
	}
}

// flush writes the session's queue as far as the client takes it. The caller has set
// flushing; flush or who goes on for it clears it. If the client takes no more, a
// goroutine goes on.
func (l *link) flush() {
	w := writers.Get().(*writer)
	blocked := l.drain(w, false)
	writers.Put(w)
	if !blocked {
		return
	}
	l.s.srv.crew.Go(func() {
		w := writers.Get().(*writer)
		l.drain(w, true)
		writers.Put(w)
	})
}

// drain writes what is queued until nothing is left. blocked is true when the client
// takes no more and nobody wants to wait for that.
func (l *link) drain(w *writer, wait bool) (blocked bool) {
	s := l.s
	w.wait = wait
	for {
		s.mu.Lock()
		if s.state == ended {
			s.lastWords()
		}
		w.n = s.queue.gather(w.vec[:])
		if w.n == 0 {
			s.flushing = false
			done, said := s.done(), s.parting == queued
			s.mu.Unlock()
			switch {
			case done:
				s.finish()
			case said:
				l.hangUp()
			}
			return false
		}
		s.mu.Unlock()

		err := l.raw.Write(w.call)
		if err == nil {
			err = w.err
		}
		clear(w.vec[:w.n])

		s.mu.Lock()
		if w.done > 0 {
			s.queue.written(w.done)
			s.movedAt = s.srv.wheel.now()
			w.done = 0
		}
		s.mu.Unlock()
		switch {
		case err == syscall.EAGAIN:
			return true
		case err != nil:
			l.shut() // the one who reads learns of it
			l.give()
			return false
		}
	}
}

// lastWords leaves in the queue of a session that has ended what is still to be written:
// nothing, or the rest of a message that was written in part and a close frame. mu is
// held.
func (s *Session) lastWords() {
	switch s.parting {
	case silent:
		s.queue.clear()
	case owed:
		s.queue.cut()
		s.queue.push(Message{frame: closeFrame(s.status)})
		s.parting = queued
	}
}

// give gives up what is queued: the websocket is broken.
func (l *link) give() {
	s := l.s
	s.mu.Lock()
	s.queue.clear()
	s.mu.Unlock()
	// flushing stays set: nobody writes to this link any more.
}

// write writes a control frame. On the transport of a session it takes its turn, so that it
// never gets into the middle of another frame, or behind the last one; elsewhere nobody
// else writes.
func (l *link) write(frame []byte) {
	s := l.s
	s.mu.Lock()
	transport := s.link == l
	s.mu.Unlock()
	if transport {
		s.Send(Message{frame: frame})
		return
	}
	_ = l.raw.Write(func(fd uintptr) bool {
		_, _ = ignoringInterrupts(syscall.Write, int(fd), frame)
		return true
	})
}

// flusher writes what broadcasts leave in queues. Doing it beside those who send lets a
// burst of messages for one client become one system call.
type flusher struct {
	mu      sync.Mutex
	links   []*link // from next on
	next    int
	workers int
	busy    atomic.Bool // there are workers
}

// later has links flushed soon.
func (srv *Server) later(links []*link) {
	f := &srv.flusher
	f.mu.Lock()
	f.links = append(f.links, links...)
	spawn := f.workers < runtime.GOMAXPROCS(0) && f.workers < len(f.links)-f.next
	if spawn {
		f.workers++
		f.busy.Store(true)
	}
	f.mu.Unlock()
	if spawn {
		srv.crew.Go(srv.flushAll)
	}
}

// flushAll flushes until there is nothing left to flush. It first lets everybody run who
// can: on an idle machine that is nobody, on a busy one those who have more for the same
// clients.
func (srv *Server) flushAll() {
	f := &srv.flusher
	runtime.Gosched()
	for {
		f.mu.Lock()
		if f.next == len(f.links) {
			f.links, f.next = f.links[:0], 0
			f.workers--
			f.busy.Store(f.workers > 0)
			f.mu.Unlock()
			return
		}
		l := f.links[f.next]
		f.links[f.next] = nil
		f.next++
		if f.next > len(f.links)/2 && f.next >= 1024 { // it may never run empty
			left := copy(f.links, f.links[f.next:])
			clear(f.links[left:])
			f.links, f.next = f.links[:left], 0
		}
		f.mu.Unlock()
		l.flush()
	}
}

// Burst runs f, which sends much: meanwhile nobody writes who sends, but goroutines beside
// them do, so that what comes for one client in a burst becomes one system call.
func (srv *Server) Burst(f func()) {
	srv.bursts.Add(1)
	defer srv.bursts.Add(-1)
	f()
}

// Batch is a number of sessions that get the same messages. Its zero value is ready,
// and may be used again after Flush.
type Batch struct {
	srv   *Server
	links []*link
}

// Add queues m for s, and more with nothing in between. They are written at Flush.
func (b *Batch) Add(s *Session, m Message, more ...Message) {
	if l := s.enqueue(m, more); l != nil {
		b.srv = s.srv
		b.links = append(b.links, l)
	}
}

// few is how many sessions are flushed by who sends. More than that are worth the
// change to another goroutine.
const few = 2

// Flush has everything written that was added.
func (b *Batch) Flush() {
	if len(b.links) == 0 {
		return
	}
	if len(b.links) <= few && !b.srv.flusher.busy.Load() && b.srv.bursts.Load() == 0 {
		for _, l := range b.links {
			l.flush()
		}
	} else {
		b.srv.later(b.links)
	}
	clear(b.links)
	b.links = b.links[:0]
}
