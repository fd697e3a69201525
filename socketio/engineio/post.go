package engineio

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"expresschat/socketio/payload"
)

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
	_ = p.request.SetReadDeadline(time.Now().Add(s.srv.opts.BodyTimeout))
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
