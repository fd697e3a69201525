package own

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"expresschat/socketio"
	"expresschat/socketio/engineio"
	"expresschat/socketio/hooks"
)

// Options are the settings of an engine. Zero values are replaced by the defaults.
type Options struct {
	Logger       *slog.Logger  // default: discards
	PingInterval time.Duration // default 25 s
	PingTimeout  time.Duration // default 20 s

	// LegacyPingInterval and LegacyPingTimeout are what clients of revision 3, which ping by
	// themselves, are told instead; default: the same.
	LegacyPingInterval, LegacyPingTimeout time.Duration

	ConnectTimeout time.Duration // to join a first namespace, or another one after the last; default 10 s
	BodyTimeout    time.Duration // of a POST, to its last byte; default 10 s
	MaxPayload     int           // of a message, a POST body, an event's attachments, in bytes; default 1 MiB
}

// stage is how far Stop has come.
type stage = int32

const (
	serving  stage = iota
	draining       // nothing new is let in, handlers are awaited
	stopped        // nothing is sent any more, connections end
)

// lastGrace is how long Stop, once its context has ended, waits for hooks and
// connections to notice.
const lastGrace = time.Second

type engine struct {
	opts       Options
	log        *slog.Logger
	eio        *engineio.Server
	namespaces map[string]*namespace      // complete before the first request
	allow      func(r *http.Request) bool // the same; nil lets all in
	admit      func(r *http.Request) (settled func(), wait time.Duration)

	stage atomic.Int32
	ended chan struct{} // closed when Stop is done
	run   *hooks.Runner
}

// New returns an engine that serves both revisions. No goroutine runs before a client
// connects.
func New(opts Options) socketio.Engine {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.ConnectTimeout <= 0 {
		opts.ConnectTimeout = 10 * time.Second
	}
	if opts.MaxPayload <= 0 {
		opts.MaxPayload = 1 << 20
	}
	e := &engine{
		opts: opts, log: opts.Logger, namespaces: map[string]*namespace{},
		ended: make(chan struct{}), run: hooks.NewRunner(opts.Logger),
	}
	e.eio = engineio.New(engineio.Options{
		Logger: opts.Logger, PingInterval: opts.PingInterval, PingTimeout: opts.PingTimeout, MaxPayload: opts.MaxPayload,
		LegacyPingInterval: opts.LegacyPingInterval, LegacyPingTimeout: opts.LegacyPingTimeout,
		BodyTimeout: opts.BodyTimeout,
		Allow:       func(r *http.Request) bool { return e.allow == nil || e.allow(r) },
		Admit:       e.admitted,
	}, e.connected)
	return e
}

// Open implements socketio.Engine.
func (e *engine) Open(ns socketio.Namespace) socketio.Broadcaster {
	if !strings.HasPrefix(ns.Name, "/") {
		ns.Name = "/" + ns.Name
	}
	n := newNamespace(e, ns)
	e.namespaces[ns.Name] = n
	return n
}

// Allow implements socketio.Engine.
func (e *engine) Allow(ask func(r *http.Request) bool) { e.allow = ask }

// Admit implements socketio.Engine.
func (e *engine) Admit(ask func(r *http.Request) (settled func(), wait time.Duration)) { e.admit = ask }

func (e *engine) admitted(r *http.Request) (settled func(), wait time.Duration) {
	if e.admit == nil {
		return nil, 0
	}
	return e.admit(r)
}

// ServeHTTP implements http.Handler.
func (e *engine) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.eio.ServeHTTP(w, r) }

// connected is told of every new session.
func (e *engine) connected(s *engineio.Session, r *http.Request) engineio.Receiver {
	c := &client{e: e, session: s, header: e.keep(r.Header), query: r.URL.RawQuery, remote: r.RemoteAddr}
	s.CloseAfter(e.opts.ConnectTimeout, socketio.ReasonTransport)
	if s.Revision() == 3 {
		c.joinUnasked()
	}
	return c
}

// keep copies of a handshake's header what namespaces ask for.
func (e *engine) keep(h http.Header) http.Header {
	kept := http.Header{}
	for _, n := range e.namespaces {
		if n.Headers == nil {
			return h.Clone()
		}
		for _, name := range n.Headers {
			if values := h.Values(name); len(values) > 0 {
				kept[http.CanonicalHeaderKey(name)] = append([]string(nil), values...)
			}
		}
	}
	return kept
}

// Burst implements socketio.Engine.
func (e *engine) Burst(f func()) { e.eio.Burst(f) }

// Stop implements socketio.Engine. A second call waits for the first one.
func (e *engine) Stop(ctx context.Context) error {
	if !e.stage.CompareAndSwap(serving, draining) {
		select {
		case <-e.ended:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer close(e.ended)
	e.eio.Refuse()
	err := e.run.Wait(ctx)
	if err != nil {
		e.run.GiveUp()
	}
	e.stage.Store(stopped)
	for _, stop := range []func(context.Context) error{
		func(ctx context.Context) error { return e.eio.Stop(ctx, socketio.ReasonShuttingDown) },
		e.run.Wait,
	} {
		if again := stop(ctx); again != nil {
			e.run.GiveUp()
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastGrace)
			_ = stop(last)
			cancel()
			if err == nil {
				err = again
			}
		}
	}
	e.run.GiveUp()
	return err
}
