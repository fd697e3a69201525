package engineio

import "time"

// hear notes that the client is there.
func (s *Session) hear() {
	now := s.srv.wheel.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard(now)
}

// heard is hear with mu held.
func (s *Session) heard(now int64) {
	o := &s.srv.opts
	if s.state == ended {
		return // it has left the wheel
	}
	if s.revision == 3 {
		s.pongBy = now + (o.PingInterval + o.PingTimeout).Milliseconds()
		return
	}
	if s.pingAt == 0 {
		s.pingAt, s.pongBy = now+o.PingInterval.Milliseconds(), 0
		s.srv.wheel.sooner(s, s.pingAt)
	}
}

// hold says that nothing is read from the client, or something again. A heartbeat that
// waits to be read is taken for granted.
func (s *Session) hold(held bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = held
	if !held && s.pongBy != 0 {
		s.grant(s.srv.wheel.now())
	}
}

// grant gives the client as long for its heartbeat as if that had just become due.
func (s *Session) grant(now int64) {
	s.pongBy = now + s.srv.opts.PingTimeout.Milliseconds()
	if s.revision == 3 {
		s.pongBy += s.srv.opts.PingInterval.Milliseconds()
	}
}

// begin starts the heartbeat.
func (s *Session) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard(s.srv.wheel.now())
	if s.revision == 3 {
		s.srv.wheel.sooner(s, s.pongBy)
	}
}

// tick does what is due, and has itself called again.
func (s *Session) tick(now int64) {
	s.mu.Lock()
	switch {
	case s.state == ended:
		link := s.link
		s.mu.Unlock()
		if link != nil {
			link.shut()
		}
		return
	case s.closeAt != 0 && now >= s.closeAt:
		reason := s.closeWhy
		s.mu.Unlock()
		s.end(reason, false)
		return
	case s.pongBy != 0 && now >= s.pongBy && !s.held:
		s.mu.Unlock()
		s.end(ReasonPingTimeout, true)
		return
	case s.queue.bytes > s.srv.opts.MaxBehind && s.tooFarBehind(now):
		s.mu.Unlock()
		s.end(ReasonSlow, true)
		return
	}
	if s.pongBy != 0 && now >= s.pongBy { // what it says is not read
		s.heard(now)
	}
	ping := s.pingAt != 0 && now >= s.pingAt
	if ping {
		s.pingAt = 0
		s.grant(now)
	}
	var late *link
	if s.probe != nil && now >= s.probeBy {
		late = s.probe
	}
	finish := s.finishAt != 0 && now >= s.finishAt
	// Under mu, so that a session that ends meanwhile does not stay in the wheel.
	s.srv.wheel.sooner(s, s.next(now, finish))
	s.mu.Unlock()

	if late != nil {
		late.shut()
	}
	if ping {
		s.Send(s.srv.ping)
	}
	if finish {
		s.finish()
	}
}

// next is when the session has something to do. mu is held.
func (s *Session) next(now int64, finish bool) int64 {
	next := now + time.Hour.Milliseconds()
	sooner := func(at int64) {
		if at > now {
			next = min(next, at)
		}
	}
	sooner(s.pingAt)
	sooner(s.pongBy)
	sooner(s.closeAt)
	if !finish {
		sooner(s.finishAt)
	}
	if s.probe != nil {
		sooner(s.probeBy)
	}
	if s.queue.bytes > s.srv.opts.MaxBehind {
		sooner(s.movedAt + s.srv.opts.MaxStall.Milliseconds())
	}
	return next
}
