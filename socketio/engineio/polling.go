package engineio

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"expresschat/socketio/payload"
)

// hurry is how long an answer to a session that has ended may still take.
const hurry = time.Second

// maxPackets is how many packets a poll brings at most: python-engineio takes more for an
// attack, and leaves. The client asks for what is left at once.
const maxPackets = 16

var noDeadline time.Time

// poll is the one request that a client waits with. Its methods run under the session's
// mu, and may be called on nil.
type poll struct {
	news    chan struct{}
	request *http.ResponseController
	writing bool
	took    bool          // what was queued: nobody else has it
	over    chan struct{} // closed when it is written
}

// wake lets the poll look again whether there is something to tell.
func (p *poll) wake() {
	if p == nil {
		return
	}
	select {
	case p.news <- struct{}{}:
	default:
	}
}

// end lets the poll end, soon if hard.
func (p *poll) end(hard bool) {
	p.wake()
	if p != nil && p.writing && hard {
		_ = p.request.SetWriteDeadline(time.Now().Add(hurry))
	}
}

// servePolling serves one request of long polling.
func (s *Session) servePolling(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	switch r.Method {
	case http.MethodGet:
		s.serveGet(w, r)
	case http.MethodPost:
		s.servePost(w, r)
	default:
		errBadRequest.answer(w)
	}
}

// serveGet answers with packets once there are any.
func (s *Session) serveGet(w http.ResponseWriter, r *http.Request) {
	p := &poll{
		news: make(chan struct{}, 1), request: http.NewResponseController(w), over: make(chan struct{}),
	}
	if !s.beginPoll(r.Context(), p) {
		errBadRequest.answer(w)
		return
	}
	body, last, err := s.awaitPackets(r.Context(), p)
	if err == nil {
		w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, err = w.Write(body)
	}
	if err == nil {
		err = p.request.Flush()
	}
	s.mu.Lock()
	if s.link != nil && !p.took {
		err = nil // the client has changed over, and misses nothing
	}
	s.poll, p.writing = nil, false
	s.movedAt = s.srv.wheel.now()
	if s.state == ended {
		_ = p.request.SetWriteDeadline(noDeadline) // the next request is none of ours
	}
	s.mu.Unlock()
	close(p.over)
	if err != nil || last {
		s.end(ReasonTransport, true)
	}
}

// beginPoll makes p the client's poll. A client may ask again as soon as it has read the
// last answer, before who wrote that has noticed. Other polls at the same time end the
// session.
func (s *Session) beginPoll(ctx context.Context, p *poll) bool {
	for waited := false; ; waited = true {
		s.mu.Lock()
		before := s.poll
		switch {
		case s.state == ended || s.link != nil:
			s.mu.Unlock()
			return false
		case before == nil:
			s.poll = p
			s.mu.Unlock()
			return true
		case waited || !before.writing || s.pollWaits:
			s.faulty = true
			s.mu.Unlock()
			s.end(ReasonTransport, false)
			return false
		}
		s.pollWaits = true
		s.mu.Unlock()
		select {
		case <-before.over:
		case <-ctx.Done():
		}
		s.mu.Lock()
		s.pollWaits = false
		s.mu.Unlock()
	}
}

// awaitPackets waits until there is something to tell, and takes it. last is true when
// that is the end. The error is that of a client that went away.
func (s *Session) awaitPackets(ctx context.Context, p *poll) (body []byte, last bool, err error) {
	for {
		s.mu.Lock()
		switch {
		case s.state == ended:
			body, last = s.farewell(), true
		case s.link != nil: // and the queue is the websocket's
			body = []byte{typeNoop}
		case !s.queue.empty():
			body, p.took = s.payload(), true
		case s.done():
			body, last = s.farewell(), true
		case s.upgrading():
			body = []byte{typeNoop}
		}
		if body != nil {
			if s.revision == 3 && len(body) == 1 {
				body = payload.Append3(nil, body)
			}
			p.writing = true
			s.mu.Unlock()
			return body, last, nil
		}
		s.mu.Unlock()
		select {
		case <-p.news:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
}

// farewell is the last packet of a session that has ended. It says nothing: the client's
// next request fails, and it comes back. Told in as many words, by a close packet, not
// all clients would (python-socketio stays away). Those that poll twice at once have
// earned it. mu is held.
func (s *Session) farewell() []byte {
	if s.faulty {
		return []byte{typeClose}
	}
	return []byte{typeNoop}
}

// upgrading tells whether a websocket has probed. mu is held.
func (s *Session) upgrading() bool { return s.probe != nil && s.probeHeard }

// payload takes what is queued, as far as a poll brings it. mu is held.
func (s *Session) payload() []byte {
	body := make([]byte, 0, s.queue.size(maxPackets))
	for n := 0; n < maxPackets && !s.queue.empty(); n++ {
		m := s.queue.pop()
		body = s.appendPacket(body, &m)
		m.Release()
	}
	return body
}

func (s *Session) appendPacket(body []byte, m *Message) []byte {
	switch {
	case s.revision == 3 && m.binary:
		return payload.AppendBinary3(body, payload.Message, m.packet()[1:])
	case s.revision == 3:
		return payload.Append3(body, m.packet())
	case m.binary:
		return payload.AppendBinary4(body, m.packet())
	default:
		return payload.Append4(body, m.packet())
	}
}
