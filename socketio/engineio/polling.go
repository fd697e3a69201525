package engineio

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"expresschat/socketio/payload"
)

const (
	// hurry is how long a request of a session that has ended may still take.
	hurry = time.Second
	// bodyPatience is how long a client may take to send a body.
	bodyPatience = 30 * time.Second
)

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

// post is the one request that brings packets. end runs under the session's mu.
type post struct {
	request *http.ResponseController
	reading bool
}

// end keeps nobody waiting for the rest of a body.
func (p *post) end() {
	if p != nil && p.reading {
		_ = p.request.SetReadDeadline(time.Now())
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
			body, last = []byte{typeClose}, true
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

// farewell is the last packet of a session that has ended. A client that said goodbye
// itself has no need of one. mu is held.
func (s *Session) farewell() []byte {
	if s.leaving {
		return []byte{typeNoop}
	}
	return []byte{typeClose}
}

// upgrading tells whether a websocket has probed. mu is held.
func (s *Session) upgrading() bool { return s.probe != nil && s.probeHeard }

// payload takes all that is queued. mu is held.
func (s *Session) payload() []byte {
	body := make([]byte, 0, s.queue.bytes)
	for !s.queue.empty() {
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

// servePost takes the packets of a body.
func (s *Session) servePost(w http.ResponseWriter, r *http.Request) {
	p := &post{request: http.NewResponseController(w), reading: true}
	s.mu.Lock()
	switch {
	case s.state == ended || s.link != nil:
		s.mu.Unlock()
		errBadRequest.answer(w)
		return
	case s.post != nil: // two posts at once: which one came first?
		s.mu.Unlock()
		s.end(ReasonTransport, true)
		errBadRequest.answer(w)
		return
	}
	s.post = p
	_ = p.request.SetReadDeadline(time.Now().Add(bodyPatience))
	s.mu.Unlock()

	limit := s.srv.opts.MaxPayload
	body, err := readBody(w, r, limit)

	s.mu.Lock()
	p.reading = false
	_ = p.request.SetReadDeadline(noDeadline)
	s.mu.Unlock()
	if err == nil {
		err = s.takePayload(body, strings.HasPrefix(r.Header.Get("Content-Type"), "application/octet-stream"))
	}

	s.mu.Lock()
	s.post = nil
	s.mu.Unlock()
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil || errors.Is(err, errClosed):
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Length", "2")
		_, _ = io.WriteString(w, "ok")
	case errors.As(err, &tooLarge):
		s.end(ReasonTransport, true)
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	default:
		s.end(ReasonTransport, true)
		errBadRequest.answer(w)
	}
}

func readBody(w http.ResponseWriter, r *http.Request, limit int) ([]byte, error) {
	if r.ContentLength > int64(limit) {
		return nil, &http.MaxBytesError{Limit: int64(limit)}
	}
	in := http.MaxBytesReader(w, r.Body, int64(limit))
	if r.ContentLength < 0 {
		return io.ReadAll(in)
	}
	body := make([]byte, r.ContentLength)
	_, err := io.ReadFull(in, body)
	return body, err
}

// takePayload handles the packets of a body, in order, waiting whenever the receiver is
// full. An error ends the session; errClosed has ended it.
func (s *Session) takePayload(body []byte, octets bool) error {
	next := payload.Next4
	if s.revision == 3 {
		next = payload.Next3
		if octets {
			next = payload.Next3Binary
		}
	}
	for {
		p, rest, err := next(body)
		if err != nil {
			return err
		}
		if err := s.posted(p); err != nil {
			return err
		}
		if len(rest) == 0 {
			return nil
		}
		body = rest
	}
}

// posted handles one packet of a body.
func (s *Session) posted(p payload.Packet) error {
	full, err := s.decoded(p)
	if err == errClosed {
		s.mu.Lock()
		s.leaving = true
		s.mu.Unlock()
		s.end(ReasonTransport, false)
		return err
	}
	if err != nil || full == nil {
		return err
	}
	s.hold(true)
	<-full
	s.hold(false)
	return nil
}
