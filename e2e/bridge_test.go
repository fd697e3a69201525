package e2e

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Names of the clients, as they stand in the names of tests.
const (
	node2      = "node-2.5.0" // of Engine.IO 3
	node3      = "node-3.1.3"
	node4      = "node-4.0.1"
	nodeNewest = "node-newest"
	goNewest   = "go"
	python     = "python"
)

// command goes to a bridge, one object a line; clients/bridge.mjs describes them.
type command struct {
	Op      string   `json:"op"`
	ID      int      `json:"id"`
	Version string   `json:"version,omitempty"` // of a node client
	URL     string   `json:"url,omitempty"`
	Options *options `json:"options,omitempty"`
	Event   string   `json:"event,omitempty"`
	Args    []any    `json:"args"`
	Ack     *int     `json:"ack,omitempty"`
}

// options are those of socket.io-client, by their names there.
type options struct {
	Namespace            string            `json:"namespace,omitempty"` // ours: "/" without it
	Transports           []string          `json:"transports"`
	ExtraHeaders         map[string]string `json:"extraHeaders,omitempty"`
	Query                map[string]string `json:"query,omitempty"`
	Auth                 map[string]any    `json:"auth,omitempty"`
	Reconnection         bool              `json:"reconnection"`
	ReconnectionDelay    int               `json:"reconnectionDelay"`    // milliseconds
	ReconnectionDelayMax int               `json:"reconnectionDelayMax"` // milliseconds
}

// signal comes from a bridge: something that a client saw.
type signal struct {
	ID    int               `json:"id"`
	Kind  string            `json:"kind"`
	Event string            `json:"event,omitempty"`
	Args  []json.RawMessage `json:"args,omitempty"`
	Ack   int               `json:"ack,omitempty"`
	Text  string            `json:"text,omitempty"`
}

// Kinds of a signal.
const (
	sawConnect      = "connect"
	sawDisconnect   = "disconnect"
	sawConnectError = "connect_error"
	sawUpgrade      = "upgrade"
	sawEvent        = "event"
	sawAck          = "ack"
	sawBridgeEnd    = "bridge-end" // the bridge itself died
)

// bridge is a process that holds the sockets of a real client.
type bridge struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	ended  chan struct{}
	exit   error // read it after ended
	writes sync.Mutex

	mu    sync.Mutex // guards what follows
	sinks map[int]func(signal)
	last  int
	dead  bool
}

func startBridge(cmd *exec.Cmd) (*bridge, error) {
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b := &bridge{cmd: cmd, stdin: stdin, ended: make(chan struct{}), sinks: map[int]func(signal){}}
	go b.read(stdout)
	return b, nil
}

// read hands every signal to its socket's sink, in order.
func (b *bridge) read(stdout io.Reader) {
	defer close(b.ended)
	decoder := json.NewDecoder(bufio.NewReaderSize(stdout, 1<<20))
	for {
		var s signal
		if err := decoder.Decode(&s); err != nil {
			break
		}
		b.mu.Lock()
		sink := b.sinks[s.ID]
		b.mu.Unlock()
		if sink != nil {
			sink(s)
		}
	}
	b.mu.Lock()
	b.dead = true
	sinks := b.sinks
	b.sinks = map[int]func(signal){}
	b.mu.Unlock()
	for id, sink := range sinks {
		sink(signal{ID: id, Kind: sawBridgeEnd})
	}
	b.exit = b.cmd.Wait()
}

// open starts a socket of the named client. sink is called for everything it sees, in
// order, and must not block.
func (b *bridge) open(client, url string, o options, sink func(signal)) (*conn, error) {
	version := strings.TrimPrefix(client, "node-")
	b.mu.Lock()
	if b.dead {
		b.mu.Unlock()
		return nil, errors.New("the bridge has ended")
	}
	b.last++
	c := &conn{bridge: b, id: b.last}
	b.sinks[c.id] = sink
	b.mu.Unlock()
	return c, b.write(command{Op: "open", ID: c.id, Version: version, URL: url, Options: &o})
}

func (b *bridge) write(c command) error {
	line, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode command: %w", err)
	}
	b.writes.Lock()
	defer b.writes.Unlock()
	if _, err := b.stdin.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write to bridge: %w", err)
	}
	return nil
}

// stop ends the bridge; sockets that are still open end with it.
func (b *bridge) stop() error {
	_ = b.stdin.Close()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-b.ended:
		return b.exit
	case <-limit.C:
		_ = b.cmd.Process.Kill()
		<-b.ended
		return errors.New("a bridge did not end with its input")
	}
}

// conn is one socket of a real client.
type conn struct {
	bridge *bridge
	id     int
}

// emit sends an event; ack, if it is not nil, names the answer that is to come.
func (c *conn) emit(event string, ack *int, args ...any) error {
	if args == nil {
		args = []any{}
	}
	shared.confided.noteIn(args)
	return c.bridge.write(command{Op: "emit", ID: c.id, Event: event, Args: args, Ack: ack})
}

// close closes the socket as a page does when it goes away.
func (c *conn) close() error {
	c.bridge.mu.Lock()
	delete(c.bridge.sinks, c.id)
	c.bridge.mu.Unlock()
	return c.bridge.write(command{Op: "close", ID: c.id})
}
