package engineio

import (
	"sync"
	"time"
)

// state is how far a session has come.
type state uint8

const (
	open      state = iota
	finishing       // what arrives is ignored, and it ends when all is written
	ended
)

// parting is how far a session that has ended is with its websocket's close frame.
type parting uint8

const (
	silent parting = iota // there is none: the connection was cut
	owed                  // whoever writes the queue has to send it
	queued                // it is the last in the queue
)

// linger is how long a client that was told to go has to close its connection, before
// that is done for it.
const linger = 2 * time.Second

// Session is one client, over whichever transport it uses at the moment. Its methods
// may be called from any goroutine and never wait for the client.
type Session struct {
	srv   *Server
	id    string
	timer timer // guarded by the wheel

	mu    sync.Mutex // guards what follows
	to    Receiver   // set before the client is listened to
	why   string     // it ended
	queue queue
	link  *link // the websocket; nil while the client polls
	probe *link // the websocket that may take over
	poll  *poll // the request that waits for packets, or writes them
	post  *post // the request that brings packets

	settled func() // Options.Admit's; nil once it was called

	pingAt   int64 // when to ping, 0 while a pong is awaited
	pongBy   int64 // when the client's heartbeat is overdue
	closeAt  int64 // CloseAfter's; 0: never
	finishAt int64 // FinishAfter's; 0: never
	movedAt  int64 // when the queue became shorter, or began
	probeBy  int64 // when a probe has to have become an upgrade

	closeWhy string
	status   uint16 // of the close frame
	revision uint8
	state    state
	parting  parting
	flushing bool // somebody writes the queue to link
	held     bool // nothing is read, as the receiver is full
	faulty   bool // the client polled twice at once
	// pollWaits is set while a request waits for the poll before it to be written.
	pollWaits bool
	// probeHeard is set once the probe has said what it is: polls end at once then.
	probeHeard bool
}

// ID is unique among all sessions.
func (s *Session) ID() string { return s.id }

// Revision is that of the protocol which the client speaks: 3 or 4.
func (s *Session) Revision() int { return int(s.revision) }

// Send queues m, and more with nothing in between, and writes what is queued, as far as
// the client takes it.
func (s *Session) Send(m Message, more ...Message) {
	l := s.enqueue(m, more)
	switch {
	case l == nil:
	case s.srv.flusher.busy.Load() || s.srv.bursts.Load() > 0: // there may be more for this client in a moment
		s.srv.later([]*link{l})
	default:
		l.flush()
	}
}

// SendBytes sends a message of bytes.
func (s *Session) SendBytes(data []byte) { s.Send(NewBytes(data, int(s.revision))) }

// enqueue queues m and more. It returns the link when the caller has to flush it.
func (s *Session) enqueue(m Message, more []Message) *link {
	s.mu.Lock()
	if s.state == ended {
		s.mu.Unlock()
		m.Release()
		for i := range more {
			more[i].Release()
		}
		return nil
	}
	if s.queue.empty() {
		s.movedAt = s.srv.wheel.now()
	}
	wasBehind := s.queue.bytes > s.srv.opts.MaxBehind
	s.queue.push(m)
	for _, m := range more {
		s.queue.push(m)
	}
	if behind := s.queue.bytes; behind > s.srv.opts.MaxBehind {
		now := s.srv.wheel.now()
		if s.tooFarBehind(now) {
			s.mu.Unlock()
			s.end(ReasonSlow, true)
			return nil
		}
		if !wasBehind {
			s.srv.wheel.sooner(s, s.movedAt+s.srv.opts.MaxStall.Milliseconds())
		}
	}
	l := s.link
	if l == nil {
		s.poll.wake()
	} else if s.flushing {
		l = nil
	} else {
		s.flushing = true
	}
	s.mu.Unlock()
	return l
}

// tooFarBehind tells whether the client is to be cut. One message alone may be of any
// size. mu is held.
func (s *Session) tooFarBehind(now int64) bool {
	o := &s.srv.opts
	return (s.queue.bytes > o.MaxBehind && now-s.movedAt >= o.MaxStall.Milliseconds()) ||
		(s.queue.bytes > o.MaxQueue && s.queue.bytes > len(s.queue.first.messages[s.queue.first.from].frame))
}

// CloseAfter ends the session for reason once d has passed. A later call replaces an
// earlier one; a negative d takes it back.
func (s *Session) CloseAfter(d time.Duration, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != open {
		return // the reason is known
	}
	s.closeAt, s.closeWhy = 0, reason
	if d >= 0 {
		s.closeAt = s.srv.wheel.now() + d.Milliseconds()
		s.srv.wheel.sooner(s, s.closeAt)
	}
}

// Settle tells who admitted the session that it has come to stay.
func (s *Session) Settle() {
	s.mu.Lock()
	settled := s.settled
	s.settled = nil
	s.mu.Unlock()
	if settled != nil {
		settled()
	}
}

// Close ends the session at once, without what waits for it.
func (s *Session) Close(reason string) { s.end(reason, false) }

// Finish ignores what the client says from now on, lets it have what is queued and
// ends the session for reason; not before d has passed, so that the client can do it.
func (s *Session) Finish(d time.Duration, reason string) {
	s.mu.Lock()
	if s.state != open {
		s.mu.Unlock()
		return
	}
	s.state, s.closeWhy = finishing, reason
	if d > 0 {
		s.finishAt = s.srv.wheel.now() + d.Milliseconds()
		s.srv.wheel.sooner(s, s.finishAt)
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	s.finish()
}

// finish ends a session that is finishing, if all is written.
func (s *Session) finish() {
	s.mu.Lock()
	s.finishAt = 0
	reason := s.closeWhy
	switch {
	case s.state != finishing || !s.queue.empty():
		s.mu.Unlock()
		return
	case s.link == nil && s.poll == nil:
		s.mu.Unlock() // the client's next poll is told
		return
	case s.link != nil && s.flushing:
		s.mu.Unlock() // the one who writes ends it
		return
	}
	s.mu.Unlock()
	s.end(reason, false)
}

// done tells whether a session that is finishing has nothing more to wait for. mu is held.
func (s *Session) done() bool { return s.state == finishing && s.finishAt == 0 && s.queue.empty() }

// end is the one way for a session to end. hard gives up what is on its way, too; else a
// websocket gets a close frame, behind the message that is half written if there is one.
func (s *Session) end(reason string, hard bool) {
	s.mu.Lock()
	if s.state == ended {
		s.mu.Unlock()
		return
	}
	if s.state == finishing {
		reason = s.closeWhy
	}
	s.state, s.why = ended, reason
	to, link, probe := s.to, s.link, s.probe
	s.probe = nil
	flushing, polite := s.flushing, link != nil && !hard
	if polite {
		s.parting, s.flushing = owed, true
	} else if !flushing {
		s.queue.clear() // else the one who writes does
	}
	s.poll.end(hard)
	s.post.end()
	// Under mu, so that a connection that is closed meanwhile does not stay in the wheel.
	s.srv.wheel.drop(s)
	lingers := polite && s.srv.wheel.sooner(s, s.srv.wheel.now()+linger.Milliseconds())
	s.mu.Unlock()

	s.srv.remove(s)
	s.Settle()
	if probe != nil {
		probe.shut()
	}
	switch {
	case link == nil:
	case !polite:
		link.shut()
	default:
		if !flushing { // else the one who writes goes on to the close frame
			link.flush()
		}
		if !lingers {
			link.shut() // the server has stopped
		}
	}
	if to != nil {
		to.Closed(reason)
	}
}

// attach sets who gets the session's messages, and is told of its end.
func (s *Session) attach(to Receiver) {
	s.mu.Lock()
	s.to = to
	over, why := s.state == ended, s.why
	s.mu.Unlock()
	if over {
		to.Closed(why)
	}
}
