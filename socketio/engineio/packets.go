package engineio

import (
	"errors"

	"expresschat/socketio/payload"
)

var (
	errPacket    = errors.New("engineio: packet that no client may send")
	errHeartbeat = errors.New("engineio: heartbeat in the wrong direction")
	errClosed    = errors.New("engineio: client closed the session")
)

// packet handles one message of the websocket. While full is not nil and not closed,
// nothing more is read. An error ends the session.
func (s *Session) packet(data []byte, binary bool) (full <-chan struct{}, err error) {
	p := payload.Packet{Type: payload.Message, Binary: true, Data: data}
	switch {
	case binary && s.revision == 3:
		p, err = payload.Decode3Binary(data)
	case binary:
	case s.revision == 3:
		p, err = payload.Decode3(data)
	default:
		p, err = payload.Decode4(data)
	}
	if err != nil {
		return nil, err
	}
	return s.decoded(p)
}

// decoded handles one packet, of whichever transport.
func (s *Session) decoded(p payload.Packet) (full <-chan struct{}, err error) {
	if p.Type == payload.Message {
		if s.deaf() {
			return nil, nil
		}
		return s.to.Message(p.Data, p.Binary)
	}
	switch p.Type {
	case payload.Ping:
		if s.revision != 3 {
			return nil, errHeartbeat
		}
		s.hear()
		b := NewMessage()
		b.B = append(append(b.B[:maxHead], typePong), p.Data...)
		s.Send(b.Once())
	case payload.Pong:
		if s.revision == 3 {
			return nil, errHeartbeat
		}
		s.hear()
	case payload.Close:
		return nil, errClosed
	case payload.Upgrade, payload.Noop:
	default:
		return nil, errPacket
	}
	return nil, nil
}

// deaf tells whether what the client says is ignored.
func (s *Session) deaf() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state != open
}

// probe handles what comes over a websocket that may take over.
func (l *link) probe(op byte, data []byte) error {
	switch {
	case op == opText && string(data) == "2probe":
		l.write(text("3probe").frame)
		l.s.probed()
		return nil
	case op == opText && string(data) == "5":
		if !l.s.upgrade(l) {
			return errClosed
		}
		l.probing = false
		return nil
	}
	return errPacket
}

// probed lets the client's poll end, now and whenever it asks again, so that it can
// change over: it does when nothing is under way any more.
func (s *Session) probed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.probeHeard = true
	s.poll.wake()
}

// upgrade makes l the transport. What is queued follows there. While a post is under way
// it can't be: what comes over both has no order.
func (s *Session) upgrade(l *link) bool {
	s.mu.Lock()
	if s.state == ended || s.probe != l || s.post != nil {
		s.mu.Unlock()
		return false
	}
	s.link, s.probe = l, nil
	s.poll.wake() // a poll that came after the last one has nothing to wait for
	flush := !s.flushing
	s.flushing = true
	s.mu.Unlock()
	if flush {
		l.flush()
	}
	return true
}

// lost ends what a websocket carried that has ended.
func (s *Session) lost(l *link) {
	s.mu.Lock()
	if s.probe == l {
		s.probe, s.probeHeard = nil, false
		s.mu.Unlock()
		return
	}
	transport := s.link == l
	s.mu.Unlock()
	if transport {
		s.end(ReasonTransport, true)
		s.srv.wheel.drop(s) // it need not be cut any more
	}
}
