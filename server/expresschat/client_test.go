package expresschat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// client is the least that speaks Socket.IO over a websocket. It keeps every event in the
// order of arrival.
type client struct {
	*testing.T
	ws *websocket.Conn

	mu     sync.Mutex
	news   *sync.Cond
	events []event
	acks   map[int]json.RawMessage
	nextID int
	closed bool
}

type event struct {
	name string
	arg  map[string]any
}

func (h *house) connect(p person) *client {
	h.Helper()
	q := url.Values{
		"EIO": {"4"}, "transport": {"websocket"},
		"accessToken": {p.tokens.Access}, "refreshToken": {p.tokens.Refresh},
	}
	ws, _, err := websocket.Dial(h.Context(), strings.Replace(h.url, "http", "ws", 1)+"/socket.io/?"+q.Encode(), nil)
	h.must(err)
	ws.SetReadLimit(8 << 20)
	c := &client{T: h.T, ws: ws, acks: map[int]json.RawMessage{}}
	c.news = sync.NewCond(&c.mu)
	go c.read()
	h.Cleanup(func() { _ = ws.CloseNow() })
	c.write("40")
	return c
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
	case bytes.HasPrefix(frame, []byte("42")):
		var parts []json.RawMessage
		e := event{}
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
		c.acks[id] = frame[i+1 : len(frame)-1]
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
	for !ok() && !c.closed {
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

func (c *client) all() []event {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]event(nil), c.events...)
}
