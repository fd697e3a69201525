package own_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"expresschat/socketio"
	"expresschat/socketio/own"
)

// endings are all ways for a connection to end.
var endings = map[string]func(*client) error{
	"close": func(c *client) error {
		if c.polls {
			return c.send("1")
		}
		if err := c.frame(0x88, "\x03\xe8"); err != nil {
			return err
		}
		if _, err := c.next(); err == nil {
			return fmt.Errorf("close was not answered")
		}
		return nil
	},
	"reset": func(c *client) error {
		if c.polls {
			_, _ = fmt.Fprintf(c.conn, "GET /?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: chat\r\n\r\n", c.sid)
		}
		c.reset()
		return nil
	},
	"goodbye": func(c *client) error {
		if err := c.send("41"); err != nil || !c.polls {
			return err
		}
		return c.send("1")
	},
	"disconnect": func(c *client) error {
		if err := c.send(`42["disconnect"]`); err != nil {
			return err
		}
		return c.until("41")
	},
	"drop": func(c *client) error {
		if c.polls {
			return c.send(`42["drop"]`)
		}
		if err := c.send(`42["drop"]`); err != nil {
			return err
		}
		_, err := c.next()
		if err == nil {
			return fmt.Errorf("it was not dropped")
		}
		return nil
	},
	"half open": nil, // nothing more is ever heard of it
}

// until reads until a packet comes.
func (c *client) until(want string) error {
	for {
		if got, err := c.next(); err != nil || got == want {
			return err
		}
	}
}

// churned is an engine whose connections come and go.
type churned struct {
	t       *testing.T
	address string
	over    chan string // why each socket ended

	mu   sync.Mutex
	idle []*client
}

func newChurned(t *testing.T) (*churned, func()) {
	c := &churned{t: t, over: make(chan string, 1<<15)}
	e := own.New(own.Options{PingInterval: time.Second, PingTimeout: 3 * time.Second})
	e.Open(socketio.Namespace{
		Name: "/", Headers: []string{},
		Authorise: func(context.Context, socketio.Handshake) (any, error) { return nil, nil },
		Connected: func(_ context.Context, s socketio.Socket) { s.Join("all", "some") },
		Disconnected: func(_ socketio.Socket, reason string) {
			c.over <- reason
		},
		Handlers: map[string]socketio.Handler{
			"disconnect": socketio.Handle(func(_ context.Context, s socketio.Socket, _ struct{}) (any, error) {
				s.Disconnect()
				return nil, nil
			}),
			"drop": socketio.Handle(func(_ context.Context, s socketio.Socket, _ struct{}) (any, error) {
				s.Drop("dropped")
				return nil, nil
			}),
		},
		Respond: func(context.Context, socketio.Socket, socketio.Call, any, error) {},
	})
	var end func()
	c.address, end = serve(t, e, false)
	return c, end
}

// one is one connection from its beginning to its end: half of them are websockets,
// the others upgrade or poll.
func (c *churned) one(n int, ways []string) error {
	kind, way := n%4, ways[n/4%len(ways)]
	client, err := enter(c.address, "", kind >= 2)
	if err == nil && kind == 2 {
		client, _, err = client.upgrade()
	}
	if err != nil {
		return fmt.Errorf("%d: %w", kind, err)
	}
	end := endings[way]
	if end == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.idle = append(c.idle, client)
		return nil
	}
	defer client.close()
	if err := end(client); err != nil {
		return fmt.Errorf("%s of %d: %w", way, kind, err)
	}
	return nil
}

// round opens and ends n connections, and waits until the server knows of every end.
func (c *churned) round(n int) {
	c.t.Helper()
	ways := make([]string, 0, len(endings))
	for way := range endings {
		ways = append(ways, way)
	}
	const workers = 16
	var crew sync.WaitGroup
	for worker := range workers {
		crew.Go(func() {
			for i := worker; i < n; i += workers {
				if err := c.one(i, ways); err != nil {
					c.t.Error(err)
				}
			}
		})
	}
	crew.Wait()
	if c.t.Failed() {
		c.t.FailNow()
	}
	for range n {
		wait(c.t, c.over)
	}
	for _, client := range c.idle {
		client.close()
	}
	c.idle = nil
}

// parked is how many goroutines a hooks.Runner keeps for each processor, to use them
// again, at most.
const parked = 16

// held is what a process has of everything.
type held struct {
	goroutines, files int
	heap              uint64
}

func hold(t *testing.T) (h held) {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return held{runtime.NumGoroutine(), len(files), m.HeapAlloc}
}

// settled waits until there are as few goroutines, but for spare ones, and files as at
// the start, and no more than most of the heap.
func settled(t *testing.T, start held, spare int, most uint64) held {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		now := hold(t)
		if now.goroutines >= start.goroutines && now.goroutines <= start.goroutines+spare && now.files == start.files && now.heap <= most {
			return now
		}
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%+v at the start, now %+v, at most %d of the heap\n%s", start, now, most, stacks[:runtime.Stack(stacks, true)])
		}
		<-time.After(10 * time.Millisecond)
	}
}

// Nothing is left of connections that have ended, however they did. What it counts is
// all of the process's, so no other test runs beside it.
func TestChurn(t *testing.T) {
	n := 2000
	if text := os.Getenv("EXPRESSCHAT_CHURN"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	before := hold(t)
	c, stop := newChurned(t)
	end := sync.OnceFunc(stop)
	defer end()
	start, spare := hold(t), parked*runtime.GOMAXPROCS(0)
	c.round(n)
	warm := settled(t, start, spare, math.MaxUint64)
	c.round(n)
	// What is let go of may take a while to be free; what is not never is. Tables and the runtime's
	// own goroutines grow with how many came at once, but by less than the least that each could leave.
	settled(t, start, spare, warm.heap+warm.heap/20+16*uint64(n))
	end()
	settled(t, before, 0, math.MaxUint64)
}
