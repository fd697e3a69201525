package zishang

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	eio "github.com/zishang520/socket.io/servers/engine/v3"
	"github.com/zishang520/socket.io/servers/engine/v3/transports"
	sio "github.com/zishang520/socket.io/servers/socket/v3"
	"github.com/zishang520/socket.io/v3/pkg/types"

	"expresschat/socketio"
	"expresschat/socketio/crew"
	"expresschat/socketio/hooks"
)

// Options are the settings of an engine. Zero values are replaced by the defaults.
type Options struct {
	Logger *slog.Logger // default: discards

	PingInterval   time.Duration // default 25 s
	PingTimeout    time.Duration // default 20 s
	ConnectTimeout time.Duration // to join a first namespace, or another one after the last; default 10 s
	BodyTimeout    time.Duration // of a POST, to its last byte; default 10 s
	MaxPayload     int64         // of a message, a POST body, an event's attachments, in bytes; default 1 MiB

	// AllowEIO3 lets clients of revision 3 in (Socket.IO 2).
	AllowEIO3 bool

	// LegacyPingInterval and LegacyPingTimeout are what clients of revision 3, which
	// ping by themselves, are told instead of PingInterval and PingTimeout. The
	// server's own patience with them is PingInterval plus PingTimeout either way.
	LegacyPingInterval time.Duration
	LegacyPingTimeout  time.Duration
}

func (o Options) withDefaults() Options {
	orElse := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	orElse(&o.PingInterval, 25*time.Second)
	orElse(&o.PingTimeout, 20*time.Second)
	orElse(&o.ConnectTimeout, 10*time.Second)
	orElse(&o.BodyTimeout, 10*time.Second)
	orElse(&o.LegacyPingInterval, o.PingInterval)
	orElse(&o.LegacyPingTimeout, o.PingTimeout)
	if o.MaxPayload <= 0 {
		o.MaxPayload = 1 << 20
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// stage is how far Stop has come.
type stage = int32

const (
	serving  stage = iota
	draining       // nothing new is let in, handlers are awaited
	stopped        // nothing is sent any more, connections end
	closed         // no request is served
)

type engine struct {
	opts       Options
	log        *slog.Logger
	io         *sio.Server
	eio        eio.Server
	namespaces map[string]*namespace      // complete before the first request
	allow      func(r *http.Request) bool // the same; nil lets all in
	admit      func(r *http.Request) (settled func(), wait time.Duration)

	stage    atomic.Int32
	ended    chan struct{} // closed when Stop is done
	run      *hooks.Runner
	requests crew.Crew // ServeHTTP calls; those of websockets last as long as they do
	writers  crew.Crew // goroutines that write to clients
	live     crew.Crew // connections

	mu    sync.Mutex
	conns map[string]*conn // by the library's id
}

// New returns an engine. No goroutine runs before a client connects.
func New(opts Options) socketio.Engine {
	opts = opts.withDefaults()
	e := &engine{
		opts:       opts,
		log:        opts.Logger,
		namespaces: map[string]*namespace{},
		ended:      make(chan struct{}),
		run:        hooks.NewRunner(opts.Logger),
		conns:      map[string]*conn{},
	}
	o := sio.DefaultServerOptions()
	o.SetServeClient(false)
	o.SetPingInterval(opts.PingInterval)
	o.SetPingTimeout(opts.PingTimeout)
	o.SetConnectTimeout(opts.ConnectTimeout)
	o.SetMaxHttpBufferSize(opts.MaxPayload)
	o.SetAllowEIO3(opts.AllowEIO3)
	o.SetParser(codec{e})
	o.SetTransports(types.NewSet[transports.TransportCtor](&pollingCtor{e}, &websocketCtor{e}))
	e.io = sio.NewServer(nil, o)
	e.eio = eio.NewServer(o)
	// The order matters: packets of a new connection are tagged with it before the
	// library sees them, and it may speak only once the library is ready to listen.
	_ = e.eio.On("connection", e.connecting)
	e.io.Bind(e.eio)
	_ = e.eio.On("connection", e.connected)
	e.io.Use(e.onlyOpened)
	return e
}

// Open implements socketio.Engine.
func (e *engine) Open(ns socketio.Namespace) socketio.Broadcaster {
	if !strings.HasPrefix(ns.Name, "/") {
		ns.Name = "/" + ns.Name
	}
	n := &namespace{Namespace: ns, e: e, rooms: socketio.NewRooms[*socket]()}
	n.door = hooks.NewDoor(e.run, &n.Namespace)
	e.namespaces[ns.Name] = n
	lib := e.io.Of(ns.Name, nil)
	lib.Use(n.authorise)
	_ = lib.On("connection", func(args ...any) { n.connected(args[0].(*sio.Socket)) })
	return n
}

// onlyOpened keeps clients out of the default namespace, which the library always
// has. Clients of revision 3 sit in it whether anybody opened it or not.
func (e *engine) onlyOpened(s *sio.Socket, next func(*sio.ExtendedError)) {
	if e.namespaces["/"] == nil && s.Conn().Protocol() != 3 {
		next(sio.NewExtendedError("Invalid namespace", nil))
		return
	}
	next(nil)
}

// Allow implements socketio.Engine. The library has a hook like this, but asks it at
// handshakes only.
func (e *engine) Allow(ask func(r *http.Request) bool) { e.allow = ask }

// Admit implements socketio.Engine.
func (e *engine) Admit(ask func(r *http.Request) (settled func(), wait time.Duration)) { e.admit = ask }

// ServeHTTP implements http.Handler. The requests of websockets last as long as these.
func (e *engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if e.stage.Load() == closed {
		refuse(w)
		return
	}
	e.requests.Add()
	defer e.requests.Done()
	if e.allow != nil && !e.allow(r) {
		forbid(w)
		return
	}
	if e.stage.Load() != serving && r.URL.Query().Get("sid") == "" {
		refuse(w)
		return
	}
	defer e.catch("request")
	d := &dial{w: http.NewResponseController(w)}
	defer d.end()
	if e.admit != nil && r.URL.Query().Get("sid") == "" {
		settled, wait := e.admit(r)
		if wait > 0 {
			putOff(w, wait)
			return
		}
		d.settled = settled
	}
	e.eio.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), dialKey{}, d)))
	if d.ws != nil {
		d.ws.read()
	}
}

func refuse(w http.ResponseWriter) {
	http.Error(w, "server is stopping", http.StatusServiceUnavailable)
}

// forbid answers as Engine.IO does, with its error 4.
func forbid(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusForbidden)
	_, _ = io.WriteString(w, `{"code":4,"message":"Forbidden"}`)
}

// putOff tells a client to come back later.
func putOff(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	w.WriteHeader(http.StatusTooManyRequests)
	_, _ = io.WriteString(w, `{"code":3,"message":"Too many new connections"}`)
}

// catch logs a panic of the goroutine that defers it, and ends it there.
func (e *engine) catch(where string) {
	if p := recover(); p != nil {
		e.log.Error("engine panicked", "where", where, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	}
}

// connecting runs before the library sets up a connection.
func (e *engine) connecting(args ...any) {
	c := newConn(e, args[0].(eio.Socket))
	if d, ok := c.eio.Request().Context().Value(dialKey{}).(*dial); ok {
		c.settled, d.settled = d.settled, nil // both in the request's goroutine
	}
	e.mu.Lock()
	e.conns[c.eio.Id()] = c
	e.mu.Unlock()
}

// connected runs when the library has set up a connection.
func (e *engine) connected(args ...any) {
	c := e.conn(args[0].(eio.Socket))
	if c == nil {
		return
	}
	if c.eio.ReadyState() == "closed" || e.stage.Load() >= stopped {
		c.drop(socketio.ReasonShuttingDown)
		c.ended("transport close")
		return
	}
	if p, ok := c.eio.Transport().(*polling); ok {
		p.start(c)
	}
}

// conn returns our side of a connection of the library, nil when it has ended.
func (e *engine) conn(s eio.Socket) *conn {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.conns[s.Id()]
}

// forget drops c from the engine. It is called once.
func (e *engine) forget(c *conn) {
	e.mu.Lock()
	delete(e.conns, c.eio.Id())
	e.mu.Unlock()
	e.live.Done()
}

func (e *engine) all() []*conn {
	e.mu.Lock()
	defer e.mu.Unlock()
	conns := make([]*conn, 0, len(e.conns))
	for _, c := range e.conns {
		conns = append(conns, c)
	}
	return conns
}
