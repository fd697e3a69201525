package expresschat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// world is a house in which people are connected and everyone listens: what an event
// does not tell is checked on every socket of it.
type world struct {
	*house
	db      *pgx.Conn
	sockets map[string]*client // by a name that says whose they are
	marks   map[string]int     // how many events of each are old
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{house: newHouse(t), sockets: map[string]*client{}, marks: map[string]int{}}
	var err error
	w.db, err = pgx.Connect(t.Context(), w.database)
	w.must(err)
	t.Cleanup(func() { _ = w.db.Close(context.Background()) })
	return w
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
		done := make(chan struct{})
		w.bus.Do(part, func() { close(done) })
		<-done
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

// tables are those that events and requests change.
var tables = []string{"users", "sign_ups", "sessions", "outbox", "rooms", "members", "messages", "toggles"}

// rows is a digest of all rows of every table.
func (w *world) rows() map[string]string {
	w.Helper()
	parts := make([]string, len(tables))
	for i, table := range tables {
		parts[i] = fmt.Sprintf(`SELECT '%[1]s', count(*) || ' rows ' || coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM %[1]s t`, table)
	}
	rows, err := w.db.Query(w.Context(), strings.Join(parts, " UNION ALL "))
	w.must(err)
	digests := map[string]string{}
	var table, digest string
	_, err = pgx.ForEachRow(rows, []any{&table, &digest}, func() error {
		digests[table] = digest
		return nil
	})
	w.must(err)
	return digests
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

func toJSON(t *testing.T, v any) string {
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
