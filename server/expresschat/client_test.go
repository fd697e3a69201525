package expresschat_test

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

// client is the least that speaks Socket.IO over a websocket. It keeps every event in the
// order of arrival.
type client struct {
	T
	ws *websocket.Conn

	mu     sync.Mutex
	news   *sync.Cond
	events []event
	acks   map[int]json.RawMessage
	// ackedAt is how many events had come before an ack.
	ackedAt map[int]int
	nextID  int
	closed  bool
	joined  bool // the server has let it into the namespace
	away    bool // and has disconnected it

	reached bool // see overheard
	late    bool // what somebody awaited did not happen within patience
}

// patience is how long a client waits for what has to come, before its test fails.
const patience = time.Minute

type event struct {
	name string
	arg  map[string]any
	raw  string
}

func (h *house) connect(p person) *client {
	h.Helper()
	c := h.dial(p)
	c.join()
	return c
}

// dial opens a connection that has said nothing yet.
func (h *house) dial(p person) *client {
	h.Helper()
	return h.dialWith(url.Values{"accessToken": {p.tokens.Access}, "refreshToken": {p.tokens.Refresh}}, http.Header{})
}

// dialWith does so with a query and headers of the caller's.
func (h *house) dialWith(q url.Values, header http.Header) *client {
	h.Helper()
	q.Set("EIO", "4")
	q.Set("transport", "websocket")
	address := strings.Replace(h.url, "http", "ws", 1) + "/socket.io/?" + q.Encode()
	ws, _, err := websocket.Dial(h.Context(), address, &websocket.DialOptions{HTTPHeader: header})
	h.must(err)
	ws.SetReadLimit(8 << 20)
	c := &client{T: h.T, ws: ws, acks: map[int]json.RawMessage{}, ackedAt: map[int]int{}}
	c.news = sync.NewCond(&c.mu)
	go c.read()
	h.Cleanup(func() { _ = ws.CloseNow() })
	return c
}

// join asks to come in, and waits until the client may speak.
func (c *client) join() {
	c.write("40")
	c.await(func() bool { return c.joined })
}

func (c *client) write(frame string) {
	if err := c.ws.Write(c.Context(), websocket.MessageText, []byte(frame)); err != nil {
		c.Logf("write: %v", err)
	}
}

func (c *client) read() {
	for {
		_, frame, err := c.ws.Read(c.Context())
		if err != nil {
			c.mu.Lock()
			c.closed = true
			c.news.Broadcast()
			c.mu.Unlock()
			return
		}
		c.take(frame)
	}
}

func (c *client) take(frame []byte) {
	switch {
	case string(frame) == "2":
		c.write("3")
	case bytes.HasPrefix(frame, []byte("40")):
		c.mu.Lock()
		c.joined = true
		c.news.Broadcast()
		c.mu.Unlock()
	case string(frame) == "41":
		c.mu.Lock()
		c.away = true
		c.mu.Unlock()
	case bytes.HasPrefix(frame, []byte("44/overheard,")):
		c.mu.Lock()
		c.reached = true
		c.news.Broadcast()
		c.mu.Unlock()
	case bytes.HasPrefix(frame, []byte("42")):
		var parts []json.RawMessage
		e := event{raw: string(frame)}
		if json.Unmarshal(frame[2:], &parts) != nil || len(parts) != 2 ||
			json.Unmarshal(parts[0], &e.name) != nil || json.Unmarshal(parts[1], &e.arg) != nil {
			c.Errorf("odd event %s", frame)
		}
		c.mu.Lock()
		c.events = append(c.events, e)
		c.news.Broadcast()
		c.mu.Unlock()
	case bytes.HasPrefix(frame, []byte("43")):
		i := bytes.IndexByte(frame, '[')
		id, _ := strconv.Atoi(string(frame[2:i]))
		c.mu.Lock()
		c.acks[id], c.ackedAt[id] = frame[i+1:len(frame)-1], len(c.events)
		c.news.Broadcast()
		c.mu.Unlock()
	}
}

// emit sends an event and returns how to wait for its ack.
func (c *client) emit(name string, arg any) (ack func() map[string]any) {
	c.Helper()
	payload, err := json.Marshal([]any{name, arg})
	if err != nil {
		c.Fatal(err)
	}
	c.mu.Lock()
	id := c.nextID
	c.nextID++
	c.mu.Unlock()
	c.write(fmt.Sprintf("42%d%s", id, payload))
	return func() (out map[string]any) {
		c.await(func() bool { return c.acks[id] != nil })
		c.mu.Lock()
		defer c.mu.Unlock()
		if err := json.Unmarshal(c.acks[id], &out); err != nil {
			c.Errorf("odd ack %s", c.acks[id])
		}
		return out
	}
}

// await waits for news until ok, or for the end of the connection.
func (c *client) await(ok func() bool) {
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
			c.Errorf("nothing came for %v", patience)
			return
		}
		c.news.Wait()
	}
}

// first waits for the first event of a name.
func (c *client) first(name string) (found event) {
	c.Helper()
	c.await(func() bool {
		for _, e := range c.events {
			if e.name == name {
				found = e
				return true
			}
		}
		return false
	})
	if found.name == "" {
		c.Fatalf("the connection ended without %s", name)
	}
	return found
}

// sentAway reports whether the server has told the client to leave.
func (c *client) sentAway() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.away
}

func (c *client) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

func (c *client) all() []event {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]event(nil), c.events...)
}
