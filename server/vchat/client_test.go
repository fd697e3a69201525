package vchat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// client is the least that speaks Socket.IO over a websocket, in either revision and in one
// namespace. It keeps every event in the order of arrival.
type client struct {
	T
	ws       *websocket.Conn
	name     string
	ns       string // how packets of its namespace begin: nothing, or "/message,"
	revision int

	mu     sync.Mutex
	news   *sync.Cond
	events []event
	acks   map[int]string
	marks  int // how many events are old
	nextID int
	ins    int    // how often it was let into its namespace
	main   string // kinds of packets in the main one, which it did not ask for
	out    string // why it was not
	bye    bool   // it was told to leave
	closed bool
	heard  int // answers of overheard
	late   bool
}

// patience is how long a client waits for what has to come, before its test fails.
const patience = time.Minute

type event struct {
	name string
	arg  string // as it was sent
}

// dial opens a connection that has said nothing yet.
func (h *house) dial(name string, revision int, ns string, q url.Values, header http.Header) *client {
	h.Helper()
	q.Set("EIO", strconv.Itoa(revision))
	q.Set("transport", "websocket")
	address := strings.Replace(h.url, "http", "ws", 1) + "/socket.io/?" + q.Encode()
	ws, _, err := websocket.Dial(h.Context(), address, &websocket.DialOptions{HTTPHeader: header})
	h.must(err)
	ws.SetReadLimit(8 << 20)
	c := &client{T: h.T, ws: ws, name: name, revision: revision, acks: map[int]string{}}
	if ns != "/" {
		c.ns = ns + ","
	}
	c.news = sync.NewCond(&c.mu)
	go c.read()
	h.Cleanup(func() { _ = ws.CloseNow() })
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, c)
	return c
}

// app opens the main namespace as an app does, and joins.
func (h *house) app(p person, revision int) *client {
	h.Helper()
	c := h.quietApp(p, revision)
	c.emit("join", `"join"`)()
	h.settle()
	c.fresh()
	return c
}

// quietApp has only connected.
func (h *house) quietApp(p person, revision int) *client {
	h.Helper()
	c := h.dial(p.name, revision, "/", url.Values{}, http.Header{"Authorization": {p.token}})
	if revision == 4 {
		c.write("40")
	}
	c.await(func() bool { return c.ins == 1 })
	return c
}

// page opens the main namespace as an ExpressChat page does.
func (h *house) page(p person) *client {
	h.Helper()
	c := h.dial(p.name, 4, "/", url.Values{"accessToken": {p.tokens.Access}, "refreshToken": {p.tokens.Refresh}}, http.Header{})
	c.write("40")
	c.await(func() bool { return has(c.events, "group-chat-list") })
	h.settle()
	c.fresh()
	return c
}

// reader opens /message and, if room is not empty, a room there.
func (h *house) reader(p person, revision int, room string) *client {
	h.Helper()
	c := h.dial(p.name+" reading", revision, "/message", url.Values{}, http.Header{"Authorization": {"Bearer " + p.token}})
	if revision == 4 {
		c.write("40/message,")
	} else {
		c.write("40/message")
	}
	c.await(func() bool { return c.ins > 0 })
	if room != "" {
		c.tell("join", strconv.Quote(room))
	}
	return c
}

func has(events []event, name string) bool {
	for _, e := range events {
		if e.name == name {
			return true
		}
	}
	return false
}

func (c *client) write(frame string) {
	if err := c.ws.Write(c.Context(), websocket.MessageText, []byte(frame)); err != nil {
		c.Logf("write: %v", err)
	}
}

func (c *client) read() {
	for {
		_, frame, err := c.ws.Read(c.Context())
		c.mu.Lock()
		if err != nil {
			c.closed = true
		} else {
			c.take(string(frame))
		}
		c.news.Broadcast()
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// take is called with mu held.
func (c *client) take(frame string) {
	if frame == "2" {
		c.write("3")
		return
	}
	if strings.HasPrefix(frame, "44/overheard,") {
		c.heard++
		return
	}
	if len(frame) < 2 || frame[0] != '4' {
		return
	}
	kind, rest := frame[1], frame[2:]
	mine := strings.HasPrefix(rest, c.ns) && (c.ns != "" || !strings.HasPrefix(rest, "/"))
	if !mine {
		c.main += string(kind)
		if kind == '2' {
			c.Errorf("%s was sent %s", c.name, frame) // by a socket that nobody asked for
		}
		return
	}
	c.packet(kind, strings.TrimPrefix(rest, c.ns))
}

func (c *client) packet(kind byte, rest string) {
	switch kind {
	case '0':
		c.ins++
	case '1':
		c.bye = true
	case '2':
		c.event(rest)
	case '3':
		i := strings.IndexByte(rest, '[')
		id, _ := strconv.Atoi(rest[:i])
		var args []json.RawMessage
		if json.Unmarshal([]byte(rest[i:]), &args) != nil || len(args) != 1 {
			c.Errorf("an ack without exactly one argument: %s", rest)
			args = []json.RawMessage{nil}
		}
		c.acks[id] = string(args[0])
	case '4':
		c.out = rest
	}
}

func (c *client) event(rest string) {
	var parts []json.RawMessage
	var e event
	if json.Unmarshal([]byte(rest), &parts) != nil || len(parts) != 2 || json.Unmarshal(parts[0], &e.name) != nil {
		c.Errorf("an event without exactly one argument: %s", rest)
		return
	}
	e.arg = string(parts[1])
	c.events = append(c.events, e)
}

// say sends an event that wants no ack.
func (c *client) say(name, arg string) {
	c.write("42" + c.ns + packetOf(name, arg))
}

// emit sends an event and returns how to wait for its ack.
func (c *client) emit(name, arg string) (ack func() string) {
	c.Helper()
	c.mu.Lock()
	id := c.nextID
	c.nextID++
	c.mu.Unlock()
	c.write(fmt.Sprintf("42%s%d%s", c.ns, id, packetOf(name, arg)))
	return func() string {
		c.Helper()
		c.await(func() bool { return c.acks[id] != "" })
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.acks[id]
	}
}

// tell sends an event that wants no ack, and returns when it was handled.
func (c *client) tell(name, arg string) {
	c.Helper()
	c.say(name, arg)
	c.roundtrip()
}

// roundtrip returns when all that the client said before was handled: it asks for what is
// answered by an ack alone.
func (c *client) roundtrip() {
	c.Helper()
	if c.ns == "" {
		c.emit("typing_changed", `{}`)()
	} else {
		c.emit("join", `"x"`)()
	}
}

func packetOf(name, arg string) string {
	if arg == "" {
		return fmt.Sprintf("[%q]", name)
	}
	return fmt.Sprintf("[%q,%s]", name, arg)
}

// await waits for news until ok, or for the end of the connection.
func (c *client) await(ok func() bool) {
	c.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := time.AfterFunc(patience, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.late = true
		c.news.Broadcast()
	})
	defer timer.Stop()
	for !ok() && !c.closed {
		if c.late {
			c.Errorf("%s: nothing came for %v", c.name, patience)
			return
		}
		c.news.Wait()
	}
}

// overheard returns when the server has answered all that the client said before.
func (c *client) overheard() {
	c.Helper()
	c.mu.Lock()
	want, closed := c.heard+1, c.closed
	c.mu.Unlock()
	if closed {
		return
	}
	c.write("40/overheard,") // there is no such namespace, and it says so
	c.await(func() bool { return c.heard >= want })
}

// fresh returns the events that are not old, and makes them old.
func (c *client) fresh() []event {
	c.mu.Lock()
	defer c.mu.Unlock()
	news := c.events[c.marks:]
	c.marks = len(c.events)
	return append([]event(nil), news...)
}

// names are those of some events, in order, separated by spaces.
func names(events []event) string {
	var b bytes.Buffer
	for i, e := range events {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(e.name)
	}
	return b.String()
}

// last returns the last event of a name that is not old.
func (c *client) last(events []event, name string) string {
	c.Helper()
	for i := len(events) - 1; i >= 0; i-- {
		if events[i].name == name {
			return events[i].arg
		}
	}
	c.Errorf("%s got no %s, but %v", c.name, name, events)
	return "{}"
}

func (c *client) close() { _ = c.ws.CloseNow() }
