package e2e

import (
	"bufio"
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
	sockets map[int]*socket.Socket

	mu  sync.Mutex // guards out
	out *json.Encoder
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
		return b.open(c)
	case "emit":
		return b.emit(c)
	case "close":
		if s := b.sockets[c.ID]; s != nil {
			delete(b.sockets, c.ID)
			s.Disconnect()
		}
		return nil
	default:
		return fmt.Errorf("unknown command %q", c.Op)
	}
}

func (b *goBridge) open(c command) error {
	o := goOptions(*c.Options)
	manager := socket.NewManager(c.URL, o)
	s := manager.Socket("/", o)
	b.sockets[c.ID] = s
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
	go connect(manager, s)
	return nil
}

// connect opens the connection and then the socket. When the socket is told to do
// both, it may greet the server twice: once for the open connection that it finds, and
// once because it was told of it.
func connect(m *socket.Manager, s *socket.Socket) {
	opened := make(chan error, 1)
	for range 10 {
		m.Open(func(err error) { opened <- err })
		if err := <-opened; err == nil {
			s.Connect()
			return
		}
	}
}

func (b *goBridge) emit(c command) error {
	s := b.sockets[c.ID]
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
