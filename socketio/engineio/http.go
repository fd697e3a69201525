package engineio

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// failure is one of the protocol's numbered errors, with the words of the original
// server: clients show them.
type failure struct {
	Code    int
	Message string
}

var (
	errUnknownTransport = failure{0, "Transport unknown"}
	errUnknownSID       = failure{1, "Session ID unknown"}
	errMethod           = failure{2, "Bad handshake method"}
	errBadRequest       = failure{3, "Bad request"}
	errForbidden        = failure{4, "Forbidden"}
	errRevision         = failure{5, "Unsupported protocol version"}
	errTooMany          = failure{3, "Too many new connections"}
)

// answer tells the client that its request failed.
func (f failure) answer(w http.ResponseWriter) {
	status := http.StatusBadRequest
	switch f {
	case errForbidden:
		status = http.StatusForbidden
	case errTooMany:
		status = http.StatusTooManyRequests
	}
	body := `{"code":` + strconv.Itoa(f.Code) + `,"message":"` + f.Message + `"}`
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// The two transports, by their names in the query.
const (
	polling   = "polling"
	websocket = "websocket"
)

// ServeHTTP serves a request of either transport, on whatever path.
func (srv *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !srv.enter() {
		http.Error(w, "the server is stopping", http.StatusServiceUnavailable)
		return
	}
	defer srv.crew.Done()
	if srv.opts.Allow != nil && !srv.opts.Allow(r) {
		errForbidden.answer(w)
		return
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	transport := q.Get("transport")
	upgrade := wantsWebsocket(r)
	switch {
	case err != nil:
		errBadRequest.answer(w)
	case transport != polling && transport != websocket:
		errUnknownTransport.answer(w)
	case q.Get("sid") != "":
		s := srv.find(q.Get("sid"))
		switch {
		case s == nil:
			errUnknownSID.answer(w)
		case upgrade && transport == websocket:
			srv.takeOver(s, w, r)
		case transport != polling || upgrade:
			errBadRequest.answer(w)
		default:
			s.servePolling(w, r)
		}
	case r.Method != http.MethodGet:
		errMethod.answer(w)
	case (transport == websocket) != upgrade:
		errBadRequest.answer(w)
	case q.Get("EIO") != "4" && q.Get("EIO") != "3":
		errRevision.answer(w)
	case srv.refuse.Load():
		http.Error(w, "the server is stopping", http.StatusServiceUnavailable)
	default:
		srv.handshake(w, r, q.Get("EIO"), upgrade)
	}
}

// admit asks whether s may come in, and answers the request if not.
func (srv *Server) admit(s *Session, w http.ResponseWriter, r *http.Request) bool {
	if srv.opts.Admit == nil {
		return true
	}
	settled, wait := srv.opts.Admit(r)
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
		errTooMany.answer(w)
		return false
	}
	s.settled = settled
	return true
}

// handshake opens a session.
func (srv *Server) handshake(w http.ResponseWriter, r *http.Request, revision string, upgrade bool) {
	s := &Session{srv: srv, id: NewID(), revision: revision[0] - '0'}
	if !srv.admit(s, w, r) {
		return
	}
	var l *link
	var begin []byte
	if upgrade {
		if l, begin = srv.accept(s, w, r); l == nil {
			s.Settle()
			return
		}
		s.link, s.flushing = l, true
	}
	s.queue.push(text(string(typeOpen) + srv.greeting(s)))
	s.movedAt = srv.wheel.now()
	s.attach(srv.open(s, r))
	s.begin()
	if !srv.add(s) {
		s.end(ReasonTransport, true)
	}
	if l == nil {
		s.servePolling(w, r)
		return
	}
	l.flush()
	srv.crew.Go(func() { l.serve(begin) })
}

// greeting is what a client learns in its open packet.
func (srv *Server) greeting(s *Session) string {
	upgrades := `["websocket"]`
	if s.link != nil {
		upgrades = `[]`
	}
	interval, timeout := srv.opts.PingInterval, srv.opts.PingTimeout
	if s.revision == 3 {
		interval, timeout = srv.opts.LegacyPingInterval, srv.opts.LegacyPingTimeout
	}
	number := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	return `{"sid":"` + s.id + `","upgrades":` + upgrades +
		`,"pingInterval":` + number(interval) +
		`,"pingTimeout":` + number(timeout) +
		`,"maxPayload":` + strconv.Itoa(srv.opts.MaxPayload) + `}`
}

// takeOver lets a websocket probe for a session that polls.
func (srv *Server) takeOver(s *Session, w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	busy := s.state != open || s.link != nil || s.probe != nil
	s.mu.Unlock()
	l, begin := srv.accept(s, w, r)
	if l == nil {
		return
	}
	l.probing = true
	if !busy && s.offer(l) {
		srv.crew.Go(func() { l.serve(begin) })
		return
	}
	_ = l.conn.Close() // only one may probe, and once
}

// offer makes l the websocket that may take over, unless there is one.
func (s *Session) offer(l *link) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != open || s.link != nil || s.probe != nil {
		return false
	}
	s.probe = l
	s.probeBy = s.srv.wheel.now() + s.srv.opts.UpgradeTimeout.Milliseconds()
	s.srv.wheel.sooner(s, s.probeBy)
	return true
}
