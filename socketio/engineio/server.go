package engineio

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"expresschat/socketio/crew"
)

// Options are the settings of a server. Zero values are replaced by the defaults.
type Options struct {
	Logger *slog.Logger // default: discards

	// Allow turns requests away, with error 4 and status 403, before anything else is
	// looked at; default: none. The original server asks its allowRequest only at
	// handshakes, so a page that may not come in could still use the id of a session.
	Allow func(r *http.Request) bool

	// Admit is asked about a new session before it is made; default: all are. Where wait is
	// not 0, the client is told by status 429 to come back after that; else settled, unless
	// it is nil, is called once, by Session.Settle or at the session's end.
	Admit func(r *http.Request) (settled func(), wait time.Duration)

	PingInterval time.Duration // default 25 s
	PingTimeout  time.Duration // default 20 s

	// LegacyPingInterval and LegacyPingTimeout are what clients of revision 3, which ping by
	// themselves, are told instead; default: the same. The server's own patience with them
	// is PingInterval plus PingTimeout either way.
	LegacyPingInterval, LegacyPingTimeout time.Duration

	UpgradeTimeout time.Duration // from a probe to the upgrade; default 10 s
	BodyTimeout    time.Duration // from a POST to the last of its body; default 10 s
	MaxPayload     int           // of one message or POST body, in bytes; default 1 MiB

	// A session is cut when more than MaxBehind bytes wait for it and it took none for
	// MaxStall, and at MaxQueue bytes whatever it does.
	MaxBehind int           // default 1 MiB
	MaxStall  time.Duration // default 5 s
	MaxQueue  int           // default 8 MiB
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	duration := func(d *time.Duration, otherwise time.Duration) {
		if *d <= 0 {
			*d = otherwise
		}
	}
	duration(&o.PingInterval, 25*time.Second)
	duration(&o.PingTimeout, 20*time.Second)
	duration(&o.LegacyPingInterval, o.PingInterval)
	duration(&o.LegacyPingTimeout, o.PingTimeout)
	duration(&o.UpgradeTimeout, 10*time.Second)
	duration(&o.BodyTimeout, 10*time.Second)
	duration(&o.MaxStall, 5*time.Second)
	size := func(n *int, otherwise int) {
		if *n <= 0 {
			*n = otherwise
		}
	}
	size(&o.MaxPayload, 1<<20)
	size(&o.MaxBehind, 1<<20)
	size(&o.MaxQueue, 8<<20)
	return o
}

// Receiver is what a session's messages are for.
type Receiver interface {
	// Message takes the next message. data is only valid while it runs. While full is
	// not nil and not closed, nothing more is read. An error ends the session.
	Message(data []byte, binary bool) (full <-chan struct{}, err error)
	// Closed is told once, whatever ended the session. A Message that runs at that
	// moment may return after it.
	Closed(reason string)
}

// Why a session ended.
const (
	ReasonTransport   = "transport close" // the connection went away, or carried nonsense
	ReasonPingTimeout = "ping timeout"    // the client fell silent
	ReasonSlow        = "slow reader"     // more waited for it than its bound
)

// stopGrace is how long Stop lets clients fetch what is queued for them before it drops
// them.
const stopGrace = time.Second

// Server serves Engine.IO on whatever path it is mounted.
type Server struct {
	opts  Options
	log   *slog.Logger
	open  func(s *Session, r *http.Request) Receiver
	wheel *wheel
	ping  Message

	refuse  atomic.Bool // no new sessions
	stopped sync.RWMutex
	over    bool      // guarded by stopped: no request enters the crew
	crew    crew.Crew // all goroutines, requests included
	flusher flusher
	bursts  atomic.Int32 // that run
	shards  [64]shard
}

// shard holds some of the sessions.
type shard struct {
	mu       sync.Mutex
	sessions map[string]*Session
	closed   bool
}

// New returns a server that asks open for the receiver of every new session, before
// anything of it is read. The request is that of the handshake; it must not be kept.
func New(opts Options, open func(s *Session, r *http.Request) Receiver) *Server {
	opts = opts.withDefaults()
	srv := &Server{opts: opts, log: opts.Logger, open: open, ping: text(string(typePing))}
	tick := min(100*time.Millisecond, opts.PingInterval/10, opts.PingTimeout/10)
	srv.wheel = newWheel(tick, srv.crew.Go, (*Session).tick)
	for i := range srv.shards {
		srv.shards[i].sessions = map[string]*Session{}
	}
	return srv
}

// Refuse lets no new sessions in: handshakes are answered by 503.
func (srv *Server) Refuse() { srv.refuse.Store(true) }

// Sessions lists the sessions that are open.
func (srv *Server) Sessions() []*Session {
	var all []*Session
	for i := range srv.shards {
		sh := &srv.shards[i]
		sh.mu.Lock()
		for _, s := range sh.sessions {
			all = append(all, s)
		}
		sh.mu.Unlock()
	}
	return all
}

// Stop lets every session have what is queued for it and ends it for reason, within a
// grace, and waits until no goroutine of the server is left, or ctx ends. The error is
// ctx's.
func (srv *Server) Stop(ctx context.Context, reason string) error {
	srv.Refuse()
	srv.stopped.Lock()
	srv.over = true
	srv.stopped.Unlock()
	for i := range srv.shards {
		sh := &srv.shards[i]
		sh.mu.Lock()
		sh.closed = true
		sh.mu.Unlock()
	}
	for _, s := range srv.Sessions() {
		s.Finish(0, reason)
	}
	grace, cancel := context.WithTimeout(ctx, stopGrace)
	defer cancel()
	if srv.crew.Wait(grace) == nil {
		return nil
	}
	for _, s := range srv.Sessions() {
		s.end(reason, true)
	}
	for _, s := range srv.wheel.stop() {
		s.tick(srv.wheel.now())
	}
	return srv.crew.Wait(ctx)
}

// enter counts a request, unless the server has stopped.
func (srv *Server) enter() bool {
	srv.stopped.RLock()
	defer srv.stopped.RUnlock()
	if !srv.over {
		srv.crew.Add()
	}
	return !srv.over
}

func (srv *Server) shard(id string) *shard {
	return &srv.shards[(id[0]^id[1]<<3)%byte(len(srv.shards))]
}

// add makes a session known. It is false when the server has stopped.
func (srv *Server) add(s *Session) bool {
	sh := srv.shard(s.id)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.closed {
		return false
	}
	sh.sessions[s.id] = s
	return true
}

func (srv *Server) remove(s *Session) {
	sh := srv.shard(s.id)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.sessions[s.id] == s {
		delete(sh.sessions, s.id)
	}
}

func (srv *Server) find(id string) *Session {
	if len(id) < 2 {
		return nil
	}
	sh := srv.shard(id)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.sessions[id]
}

// NewID returns an id of 20 characters that nobody can guess.
func NewID() string {
	var b [15]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}
