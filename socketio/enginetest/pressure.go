package enginetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"expresschat/socketio"
)

// impatient gives up soon. Who has not answered a ping gets no second one, only the
// end; so each further ping proves that an unread client was spared.
func impatient() Config {
	return Config{PingInterval: 50 * time.Millisecond, PingTimeout: time.Second}
}

// stuck is a namespace whose handlers wait for g, and its ends.
func stuck(g *gate) (socketio.Namespace, signal[string]) {
	happened := newSignal[string]()
	return socketio.Namespace{
		Handlers: handlers{"n": do(func(_ socketio.Socket, n int) {
			g.pass()
			happened <- fmt.Sprint(n)
		})},
		Disconnected: func(_ socketio.Socket, reason string) { happened <- reason },
	}, happened
}

// pings is how many heartbeats a client whose own are not read must survive.
const pings = 4

func testPressure(t *testing.T, make Make) {
	const count = 2000
	g := newGate(t)
	ns, happened := stuck(g)
	s := start(t, make, impatient(), ns)
	c, _ := s.enter()
	for i := range count {
		c.send(event("n", i))
	}
	// The websocket's own ping is answered by whoever reads it.
	heard := newSignal[error]()
	go func() { heard <- c.ws.Ping(c.ctx) }()
	for range pings {
		if got := c.read(); got != "2" {
			t.Fatalf("got %q, want a ping", got)
		}
	}
	heard.none(t)
	happened.none(t)
	g.open()
	done := newSignal[[]string]()
	go func() { done <- c.rest() }()
	if err := heard.wait(t); err != nil {
		t.Errorf("the sender was cut: %v", err)
	}
	for i := range count {
		if got := happened.wait(t); got != fmt.Sprint(i) {
			t.Fatalf("got %s, want %d", got, i)
		}
	}
	c.close()
	done.wait(t)
	happened.wait(t)
}

func testPressurePolling(t *testing.T, make Make) {
	const count = 600
	g := newGate(t)
	ns, happened := stuck(g)
	s := start(t, make, impatient(), ns)
	p := s.poll("")
	p.enter()
	var packets []string
	for i := range count {
		packets = append(packets, event("n", i))
	}
	posted := newSignal[int]()
	sender := *p
	go func() { posted <- sender.post(packets...) }()
	for n := 0; n < pings; {
		switch got := p.read(); got {
		case "2":
			n++
		case "6":
		default:
			t.Fatalf("got %q, want a ping", got)
		}
	}
	posted.none(t)
	happened.none(t)
	g.open()
	if status := posted.wait(t); status != 200 {
		t.Errorf("status of the post: %d", status)
	}
	for i := range count {
		if got := happened.wait(t); got != fmt.Sprint(i) {
			t.Fatalf("got %s, want %d", got, i)
		}
	}
}

// flood sends until somebody has ended, and no more than some times what may wait for one
// client, in steps of what takes part in it. A step is less than what may wait for however long:
// those who take part are not cut, however busy the machine is.
func flood(t *testing.T, s *server, ended signal[string], step func(packets ...string)) {
	t.Helper()
	arg := strings.Repeat("x", 256<<10)
	for n := 0; n < 60 && len(ended) == 0; n++ {
		var want []string
		for i := range 3 {
			if err := s.to.Emit(socketio.Audience{Rooms: []string{"all"}}, fmt.Sprint(i), arg); err != nil {
				t.Fatal(err)
			}
			want = append(want, event(fmt.Sprint(i), arg))
		}
		step(want...)
	}
}

func testSlow(t *testing.T, make Make) {
	ended := newSignal[string]()
	s := start(t, make, Config{}, socketio.Namespace{
		Connected:    func(_ context.Context, s socketio.Socket) { s.Join("all"); _ = s.Emit("in", nil) },
		Disconnected: func(s socketio.Socket, reason string) { ended <- s.ID() + " " + reason },
	})
	slow, slowID := s.enter()
	slow.expect(event("in", nil))
	fast, _ := s.enter()
	fast.expect(event("in", nil))
	polls := s.poll("")
	polls.enter()
	polls.expect(event("in", nil))
	flood(t, s, ended, func(packets ...string) {
		fast.expect(packets...)
		polls.expect(packets...)
	})
	if got, want := ended.wait(t), slowID+" "+socketio.ReasonSlow; got != want {
		t.Errorf("ended: %s, want %s", got, want)
	}
	if err := s.to.Emit(socketio.Audience{Rooms: []string{"all"}}, "still here", nil); err != nil {
		t.Fatal(err)
	}
	fast.expect(event("still here", nil))
	polls.expect(event("still here", nil))
	ended.none(t)
	for _, p := range slow.rest() { // what was under way when it ended
		if p == `41` {
			t.Error("a slow reader was disconnected, not dropped")
		}
	}
}

func testSlowPolling(t *testing.T, make Make) {
	ended := newSignal[string]()
	s := start(t, make, Config{}, socketio.Namespace{
		Connected:    func(_ context.Context, s socketio.Socket) { s.Join("all"); _ = s.Emit("in", nil) },
		Disconnected: func(s socketio.Socket, reason string) { ended <- reason },
	})
	p := s.poll("")
	p.enter()
	p.expect(event("in", nil))
	flood(t, s, ended, func(...string) {})
	if got := ended.wait(t); got != socketio.ReasonSlow {
		t.Errorf("reason: %s", got)
	}
	if got := p.next(); got != "end" {
		t.Errorf("poll after the end: %.100s", got)
	}
}

// testStuckPoll has a client ask for packets and then not read them.
func testStuckPoll(t *testing.T, make Make) {
	ended := newSignal[string]()
	s := start(t, make, Config{}, socketio.Namespace{
		Connected:    func(_ context.Context, s socketio.Socket) { s.Join("all"); _ = s.Emit("in", nil) },
		Disconnected: func(s socketio.Socket, reason string) { ended <- reason },
	})
	p := s.poll("")
	p.enter()
	p.expect(event("in", nil))
	tcp, host, path := p.tcp()
	fmt.Fprintf(tcp, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host)
	flood(t, s, ended, func(...string) {})
	if got := ended.wait(t); got != socketio.ReasonSlow {
		t.Errorf("reason: %s", got)
	}
	if err := s.engine.Stop(t.Context()); err != nil { // which waits for whoever writes
		t.Errorf("stop: %v", err)
	}
}
