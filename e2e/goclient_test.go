package e2e

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	engine "github.com/zishang520/socket.io/clients/engine/v3"
	"github.com/zishang520/socket.io/clients/engine/v3/transports"
	"github.com/zishang520/socket.io/clients/socket/v3"
	"github.com/zishang520/socket.io/v3/pkg/types"
)

// goBridge speaks the language of clients/bridge.mjs for the Go client.
type goBridge struct {
	mu      sync.Mutex // guards the rest
	sockets map[int]*socket.Socket
	out     *json.Encoder
}

func runGoBridge(in io.Reader, out io.Writer) {
	b := &goBridge{sockets: map[int]*socket.Socket{}, out: json.NewEncoder(out)}
	decoder := json.NewDecoder(bufio.NewReader(in))
	for {
		var c command
		if err := decoder.Decode(&c); err != nil {
			return
		}
		if err := b.obey(c); err != nil {
			fmt.Fprintln(os.Stderr, "go bridge:", err)
		}
	}
}

func (b *goBridge) obey(c command) error {
	switch c.Op {
	case "open":
		go b.connect(c, b.make(c, nil))
		return nil
	case "emit":
		return b.emit(c)
	case "close":
		if s := b.take(c.ID); s != nil {
			s.Disconnect()
		}
		return nil
	default:
		return fmt.Errorf("unknown command %q", c.Op)
	}
}

// attempt is one try of a client to be connected.
type attempt struct {
	manager *socket.Manager
	socket  *socket.Socket
}

// make makes the client of c in place of the one before, unless that was closed.
func (b *goBridge) make(c command, before *attempt) *attempt {
	o := goOptions(*c.Options)
	manager := socket.NewManager(c.URL, o)
	s := manager.Socket(cmp.Or(c.Options.Namespace, "/"), o)
	b.mu.Lock()
	if before != nil && b.sockets[c.ID] != before.socket {
		b.mu.Unlock()
		return nil
	}
	b.sockets[c.ID] = s
	b.mu.Unlock()
	transport := func() string {
		if e := s.Io().Engine(); e != nil && e.Transport() != nil {
			return e.Transport().Name()
		}
		return ""
	}
	s.OnAny(func(args ...any) {
		event, _ := args[0].(string)
		b.report(signal{ID: c.ID, Kind: sawEvent, Event: event, Args: raw(args[1:])})
	})
	told := func(kind string, text func(args []any) string) func(...any) {
		return func(args ...any) { b.report(signal{ID: c.ID, Kind: kind, Text: text(args)}) }
	}
	first := func(args []any) string {
		if len(args) == 0 {
			return ""
		}
		return fmt.Sprint(args[0])
	}
	now := func([]any) string { return transport() }
	_ = s.On("connect", told(sawConnect, now))
	_ = s.On("disconnect", told(sawDisconnect, first))
	_ = s.On("connect_error", told(sawConnectError, first))
	_ = manager.On("open", func(...any) {
		if e := manager.Engine(); e != nil {
			_ = e.On("upgrade", told(sawUpgrade, now))
		}
	})
	return &attempt{manager, s}
}

// connect opens the connection, and the socket once the connection is as it shall stay.
// The client has races of its own, which it loses against any server when the machine is
// busy: told to open both it may greet the server twice, and when it writes while it
// upgrades it may wait for ever for a poll that is over. So nothing is said before the
// upgrade, and one that does not come is begun anew.
func (b *goBridge) connect(c command, a *attempt) {
	const tries = 10
	opened := make(chan error, 2*tries) // the client may answer twice
	for range tries {
		a.manager.Open(func(err error) { opened <- err })
		if err := <-opened; err != nil {
			continue
		}
		if len(c.Options.Transports) == 1 || upgraded(a.manager.Engine()) {
			a.socket.Connect()
			return
		}
		a.manager.SetReconnection(false)
		a.manager.Engine().Close()
		if a = b.make(c, a); a == nil {
			return
		}
	}
}

// upgraded waits until a connection is a websocket, and reports whether it has become one.
func upgraded(e engine.Socket) bool {
	done := make(chan struct{})
	over := sync.OnceFunc(func() { close(done) })
	_ = e.Once("upgrade", func(...any) { over() })
	isWebsocket := func() bool { return e.Transport() != nil && e.Transport().Name() == "websocket" }
	if isWebsocket() {
		return true
	}
	limit := time.NewTimer(3 * time.Second)
	defer limit.Stop()
	select {
	case <-done:
		return true
	case <-limit.C:
		return false
	}
}

// take removes the client of a tab that closes.
func (b *goBridge) take(id int) *socket.Socket {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.sockets[id]
	delete(b.sockets, id)
	return s
}

func (b *goBridge) emit(c command) error {
	b.mu.Lock()
	s := b.sockets[c.ID]
	b.mu.Unlock()
	if s == nil {
		return fmt.Errorf("no socket %d", c.ID)
	}
	if c.Ack == nil {
		return s.Emit(c.Event, c.Args...)
	}
	s.EmitWithAck(c.Event, c.Args...)(func(args []any, err error) {
		if err != nil {
			return // the disconnect is reported by itself
		}
		b.report(signal{ID: c.ID, Kind: sawAck, Ack: *c.Ack, Args: raw(args)})
	})
	return nil
}

func (b *goBridge) report(s signal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.out.Encode(s)
}

func raw(args []any) []json.RawMessage {
	out := make([]json.RawMessage, 0, len(args))
	for _, arg := range args {
		body, err := json.Marshal(arg)
		if err != nil {
			body, _ = json.Marshal(fmt.Sprintf("%T is not JSON: %v", arg, err))
		}
		out = append(out, body)
	}
	return out
}

func goOptions(o options) *socket.Options {
	out := socket.DefaultOptions()
	out.SetForceNew(true)
	out.SetAutoConnect(false) // listeners first
	out.SetTransports(inThisOrder(o.Transports))
	headers := http.Header{}
	for k, v := range o.ExtraHeaders {
		headers.Set(k, v)
	}
	out.SetExtraHeaders(headers)
	query := url.Values{}
	for k, v := range o.Query {
		query.Set(k, v)
	}
	out.SetQuery(query)
	if o.Auth != nil {
		out.SetAuth(o.Auth)
	}
	out.SetReconnection(o.Reconnection)
	out.SetReconnectionDelay(float64(o.ReconnectionDelay))
	out.SetReconnectionDelayMax(float64(o.ReconnectionDelayMax))
	// It dials before it listens for the outcome, so on a busy machine it can miss that
	// it is connected. Its own time limit makes it notice.
	out.SetTimeout(3 * time.Second)
	return out
}

// inThisOrder makes the Go client try transports in the order given, as every other
// client does. It keeps them in a map and asks each for its name in the map's random
// order, so here a transport has no name until it is asked.
func inThisOrder(names []string) *types.Set[engine.TransportCtor] {
	order := &nameOrder{names: names}
	set := types.NewSet[engine.TransportCtor]()
	for range names {
		set.Add(&orderedTransport{order: order})
	}
	return set
}

type nameOrder struct {
	mu    sync.Mutex // guards names
	names []string
}

func (o *nameOrder) next() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	name := o.names[0]
	o.names = o.names[1:]
	return name
}

type orderedTransport struct {
	order *nameOrder
	once  sync.Once
	name  string
}

// Name takes the next name at the first call, and keeps it.
func (t *orderedTransport) Name() string {
	t.once.Do(func() { t.name = t.order.next() })
	return t.name
}

// New makes the transport that the name stands for.
func (t *orderedTransport) New(s engine.Socket, o engine.SocketOptionsInterface) engine.Transport {
	if t.Name() == "polling" {
		return transports.Polling.New(s, o)
	}
	return transports.WebSocket.New(s, o)
}
