package own_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"expresschat/socketio"
	"expresschat/socketio/own"
)

// crowd is how many are in a room where one does not read.
const crowd = 200

// padding makes an event large.
var padding = strings.Repeat("x", 4000)

// One of many in a room stops reading. It is cut, and the others get everything in order,
// each event before the next one is sent.
func TestStall(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]socketio.Engine{
		"by size": own.NewBounded(own.Options{}, 32<<10, 64<<10, patience),
		"by age":  own.NewBounded(own.Options{}, 16<<10, 8<<20, 100*time.Millisecond),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stall(t, e)
		})
	}
}

func stall(t *testing.T, e socketio.Engine) {
	over := make(chan string, crowd)
	to := e.Open(socketio.Namespace{
		Name:         "/",
		Authorise:    func(context.Context, socketio.Handshake) (any, error) { return nil, nil },
		Connected:    func(_ context.Context, s socketio.Socket) { s.Join("room"); _ = s.Emit("in", 0) },
		Disconnected: func(_ socketio.Socket, reason string) { over <- reason },
	})
	address, end := serve(t, e, true)
	defer end()
	var readers sync.WaitGroup
	got, steps := make(chan error, crowd), make([]chan int, crowd)
	for i := range crowd {
		c, err := enter(address, "", false)
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		if in, err := c.next(); err != nil || in != `42["in",0]` {
			t.Fatal(in, err)
		}
		if i == 0 {
			continue // this one reads no more
		}
		steps[i] = make(chan int)
		readers.Go(func() {
			for n := range steps[i] {
				event, err := c.next()
				if err == nil && event != fmt.Sprintf(`42["hit","%d%s"]`, n, padding) {
					err = fmt.Errorf("event %d: %.40q", n, event)
				}
				got <- err
			}
		})
	}
	for n := 0; len(over) == 0; n++ {
		if n == 10000 {
			t.Fatal("it is not cut")
		}
		if err := to.Emit(socketio.Audience{Rooms: []string{"room"}}, "hit", fmt.Sprintf("%d%s", n, padding)); err != nil {
			t.Fatal(err)
		}
		for _, step := range steps[1:] {
			step <- n
		}
		for range steps[1:] {
			if err := wait(t, got); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, step := range steps[1:] {
		close(step)
	}
	readers.Wait()
	if reason := <-over; reason != socketio.ReasonSlow || len(over) > 0 {
		t.Errorf("%q, and %d others", reason, len(over))
	}
}
