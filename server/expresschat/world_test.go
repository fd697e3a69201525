package expresschat_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"expresschat/server/doortest"
	"expresschat/server/expresschat"
)

// world is a house in which people are connected and everyone listens: what an event
// does not tell is checked on every socket of it.
type world struct {
	*house
	db      doortest.Database
	sockets map[string]*client // by a name that says whose they are
	marks   map[string]int     // how many events of each are old
}

func newWorld(t *testing.T, changes ...func(*expresschat.Parts)) *world {
	t.Helper()
	h := newHouse(t, changes...)
	return &world{house: h, db: doortest.Connect(t, h.database), sockets: map[string]*client{}, marks: map[string]int{}}
}

// enter connects somebody and waits until they hear live events.
func (w *world) enter(name string, p person) *client {
	w.Helper()
	c := w.connect(p)
	c.roundtrip()
	w.sockets[name] = c
	return c
}

// settle returns when everything that was acked before has arrived at every socket: what
// was handed over is delivered, and behind it every socket has got an answer of its own.
func (w *world) settle() {
	w.Helper()
	for part := range w.bus.Parts() {
		w.bus.Await(part, func() {})
	}
	var wg sync.WaitGroup
	for _, c := range w.sockets {
		wg.Go(c.roundtrip)
	}
	wg.Wait()
}

// forget makes all that was heard until now old.
func (w *world) forget() {
	w.Helper()
	w.settle()
	for name, c := range w.sockets {
		w.marks[name] = len(c.all())
	}
}

// news returns what every socket has heard that is not old, and makes it old. Who has
// heard nothing is not in it.
func (w *world) news() map[string][]event {
	w.Helper()
	w.settle()
	heard := map[string][]event{}
	for name, c := range w.sockets {
		all := c.all()
		if fresh := all[w.marks[name]:]; len(fresh) > 0 {
			heard[name] = fresh
		}
		w.marks[name] = len(all)
	}
	return heard
}

// rows is a digest of all rows of every table.
func (w *world) rows() map[string]string {
	w.Helper()
	return w.db.Rows()
}

// roundtrip returns when the server has answered all that the client said before. It
// asks for what is answered by an ack alone.
func (c *client) roundtrip() {
	c.Helper()
	if got := c.ping()().ack; got != `{"success":true}` {
		c.Errorf("a roundtrip was answered by %q", got)
	}
}

func (c *client) ping() func() reply {
	c.Helper()
	return c.ask("search-user", `{"Type":"none"}`)
}

// reply is an ack as the server wrote it, and how many events had come before it.
type reply struct {
	ack string
	at  int
}

// say sends an event with an argument that is written as it is, none if it is empty. It
// returns how to wait for the ack: empty if the connection ends without, or if none was
// asked for.
func (c *client) say(name, arg string, withAck bool) (ack func() string) {
	c.Helper()
	if withAck {
		wait := c.ask(name, arg)
		return func() string { return wait().ack }
	}
	c.write(packet("", name, arg))
	return func() string { return "" }
}

func (c *client) ask(name, arg string) func() reply {
	c.Helper()
	c.mu.Lock()
	id := c.nextID
	c.nextID++
	c.mu.Unlock()
	c.write(packet(strconv.Itoa(id), name, arg))
	return func() reply {
		c.await(func() bool { return c.acks[id] != nil })
		c.mu.Lock()
		defer c.mu.Unlock()
		return reply{string(c.acks[id]), c.ackedAt[id]}
	}
}

// packet is an event as it goes over the wire.
func packet(id, name, arg string) string {
	if arg != "" {
		arg = "," + arg
	}
	return fmt.Sprintf("42%s[%q%s]", id, name, arg)
}

// overheard returns when the server has read all that the client said before, and needs
// no handler for that.
func (c *client) overheard() {
	c.Helper()
	c.write("40/overheard,") // there is no such namespace, and it says so
	c.await(func() bool { return c.reached })
}

// ended waits for the end of the connection.
func (c *client) ended() {
	c.Helper()
	c.await(func() bool { return false })
}

func toJSON(t T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// answer is a refusal, by an ack or an event.
type answer struct {
	Success *bool  `json:"success"`
	Event   string `json:"event"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Text    string `json:"Message"`
}
