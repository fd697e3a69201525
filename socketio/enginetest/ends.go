package enginetest

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"expresschat/socketio"
)

// leaver is a namespace whose sockets end as their clients tell them, and its ends.
func leaver() (socketio.Namespace, signal[string]) {
	ended := newSignal[string]()
	return socketio.Namespace{
		Handlers: handlers{
			"drop": do(func(s socketio.Socket, reason string) {
				_ = s.Emit("last", nil)
				s.Drop(reason)
				s.Drop("not again")
				s.Disconnect()
			}),
			"disconnect": do(func(s socketio.Socket, n int) {
				for i := range n {
					_ = s.Emit("queued", i)
				}
				s.Disconnect()
				s.Disconnect()
				s.Drop("too late")
				_ = s.Emit("too late", nil)
			}),
		},
		Disconnected: func(s socketio.Socket, reason string) { ended <- reason },
	}, ended
}

func testDrop(t *testing.T, make Make) {
	ns, ended := leaver()
	s := start(t, make, Config{}, ns)
	c, _ := s.enter()
	c.send(`42["drop","too many frames"]`)
	for _, p := range c.rest() {
		if p != event("last", nil) { // which may or may not have made it
			t.Errorf("got %s", p)
		}
	}
	if got := ended.wait(t); got != "too many frames" {
		t.Errorf("reason: %s", got)
	}
	p := s.poll("")
	p.enter()
	p.send(`42["drop","again"]`)
	for got := p.next(); got != "end"; got = p.next() {
		if got != event("last", nil) {
			t.Errorf("got %s", got)
		}
	}
	if status := p.post("3"); status != http.StatusBadRequest {
		t.Errorf("post after the end: status %d", status)
	}
	if got := ended.wait(t); got != "again" {
		t.Errorf("reason: %s", got)
	}
	// A poll that waits is ended, not left.
	q := s.poll("")
	q.enter()
	over := newSignal[string]()
	go func() { over <- q.next() }()
	q2 := *q
	q2.send(`42["drop","while it waits"]`)
	for got := over.wait(t); got != "end"; got = q.next() {
		if got != event("last", nil) {
			t.Errorf("got %s", got)
		}
	}
	ended.wait(t)
	ended.noMore(t, s)
}

func testDisconnect(t *testing.T, make Make) {
	ns, ended := leaver()
	s := start(t, make, Config{}, ns)
	const count = 200
	want := []string{}
	for i := range count {
		want = append(want, event("queued", i))
	}
	want = append(want, `41`)
	for range 3 {
		c, _ := s.enter()
		c.send(fmt.Sprintf(`42["disconnect",%d]`, count))
		c.expectEnd(want...)
		if got := ended.wait(t); got != socketio.ReasonServerLeft {
			t.Errorf("reason: %s", got)
		}
		p := s.poll("")
		p.enter()
		p.send(fmt.Sprintf(`42["disconnect",%d]`, count))
		p.expect(append(want, "end")...)
		if got := ended.wait(t); got != socketio.ReasonServerLeft {
			t.Errorf("reason: %s", got)
		}
	}
	ended.noMore(t, s)
}

func testPingTimeout(t *testing.T, make Make) {
	ns, ended := leaver()
	cfg := impatient()
	s := start(t, make, cfg, ns)
	c, _ := s.enter()
	for range 2 + cfg.PingTimeout/cfg.PingInterval { // as long as it answers it stays
		if got := c.read(); got != "2" {
			t.Fatalf("got %q, want a ping", got)
		}
		c.send("3")
	}
	c.expectEnd()
	if got := ended.wait(t); got != socketio.ReasonPingTimeout {
		t.Errorf("reason: %s", got)
	}
}

func testLastEvents(t *testing.T, make Make) {
	const count = 200
	for name, leave := range map[string]struct {
		reason string
		how    func(c *client)
	}{
		"goodbye":                {socketio.ReasonClientLeft, func(c *client) { c.send(`41`) }},
		"goodbye and close":      {socketio.ReasonClientLeft, func(c *client) { c.send(`41`); c.close() }},
		"close":                  {socketio.ReasonTransport, func(c *client) { c.close() }},
		"close of the websocket": {socketio.ReasonTransport, func(c *client) { _ = c.ws.Close(1000, "") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t)
			here, happened := newSignal[struct{}](), newSignal[string]()
			s := start(t, make, Config{}, socketio.Namespace{
				Connected:    func(context.Context, socketio.Socket) { here <- struct{}{}; g.pass() },
				Handlers:     handlers{"n": do(func(_ socketio.Socket, n int) { happened <- fmt.Sprint(n) })},
				Disconnected: func(_ socketio.Socket, reason string) { happened <- reason },
			})
			c, _ := s.enter()
			for i := range count {
				c.send(event("n", i))
			}
			here.wait(t) // who has gone by then need not have been there for the hooks
			leave.how(c)
			g.open()
			for i := range count {
				if got := happened.wait(t); got != fmt.Sprint(i) {
					t.Fatalf("got %s, want %d", got, i)
				}
			}
			if got := happened.wait(t); got != leave.reason {
				t.Errorf("reason: %s", got)
			}
		})
	}
}

func testRejoin(t *testing.T, make Make) {
	type step struct{ id, what string }
	steps := newSignal[step]()
	s := start(t, make, Config{}, socketio.Namespace{
		Connected:    func(_ context.Context, s socketio.Socket) { steps <- step{s.ID(), "connected"} },
		Disconnected: func(s socketio.Socket, _ string) { steps <- step{s.ID(), "disconnected"} },
	})
	const count = 50
	c, id := s.enter()
	for range count - 1 {
		c.send(`41`)
		id = c.join("/", "")
	}
	last := map[string]string{}
	for range 2 * count {
		now := steps.wait(t)
		if now == (step{id, "connected"}) {
			c.close() // not before, as above
		}
		if before := last[now.id]; (now.what == "connected") != (before == "") {
			t.Errorf("socket %s: %s after %q", now.id, now.what, before)
		}
		last[now.id] = now.what
	}
	if len(last) != count {
		t.Errorf("%d ids for %d sockets", len(last), count)
	}
	steps.noMore(t, s)
}

// testRejoinAfterDisconnect has a client that was told to leave one namespace, but not the
// other, come back at once.
func testRejoinAfterDisconnect(t *testing.T, make Make) {
	ns, ended := leaver()
	other := ns
	other.Name = "/other"
	s := start(t, make, Config{}, ns, other)
	c, _ := s.enter()
	const count = 60
	for range count {
		c.join("/other", "")
		c.send(`42/other,["disconnect",0]`)
		c.expect(`41/other,`)
	}
	for range count {
		if got := ended.wait(t); got != socketio.ReasonServerLeft {
			t.Errorf("reason: %s", got)
		}
	}
}
