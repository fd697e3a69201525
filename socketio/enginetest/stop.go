package enginetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"expresschat/socketio"
)

func testStop(t *testing.T, make Make) {
	g := newGate(t)
	running, happened := newSignal[bool](), newSignal[string]()
	s := start(t, make, Config{}, socketio.Namespace{
		Handlers: handlers{
			"wait": do(func(socketio.Socket, struct{}) { running <- true; g.pass(); happened <- "first" }),
			"next": do(func(socketio.Socket, struct{}) { happened <- "second" }),
		},
		Respond:      answer,
		Disconnected: func(_ socketio.Socket, reason string) { happened <- reason },
	})
	c, id := s.enter()
	late := s.dial("", nil)
	c.send(`421["wait"]`, `422["next"]`)
	running.wait(t)
	c.roundtrip()                                        // so both are queued
	c.send(`451-["wait",{"_placeholder":true,"num":0}]`) // will never be whole
	stopped := newSignal[error]()
	go func() { stopped <- s.engine.Stop(t.Context()) }()
	s.refuses()
	stopped.none(t)
	late.send(`40`) // not refused, which would be for good
	if err := s.to.Emit(socketio.Audience{Rooms: []string{id}}, "still", nil); err != nil {
		t.Errorf("emit while handlers are awaited: %v", err)
	}
	g.open()
	for _, want := range []string{"first", "second", socketio.ReasonShuttingDown} {
		if got := happened.wait(t); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	c.expectEnd(`42["still",null]`, `431[null]`, `432[null]`) // and no 41
	late.expectEnd()
	if err := stopped.wait(t); err != nil {
		t.Errorf("stop: %v", err)
	}
	if err := s.to.Emit(socketio.Audience{Rooms: []string{id}}, "late", nil); !errors.Is(err, socketio.ErrStopped) {
		t.Errorf("emit after stop: %v", err)
	}
	if err := s.engine.Stop(t.Context()); err != nil {
		t.Errorf("second stop: %v", err)
	}
}

// refuses returns when a stop has begun: until then handshakes may still pass.
func (s *server) refuses() {
	s.t.Helper()
	for {
		resp, err := http.Get(s.address("transport=polling"))
		if err != nil {
			s.t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusServiceUnavailable {
			return
		}
	}
}

func testStopGivesUp(t *testing.T, make Make) {
	running, ended := newSignal[bool](), newSignal[string]()
	s := start(t, make, Config{}, socketio.Namespace{
		Handlers: handlers{"wait": socketio.Handle(func(ctx context.Context, _ socketio.Socket, _ struct{}) (any, error) {
			running <- true
			<-ctx.Done()
			return nil, ctx.Err()
		})},
		Disconnected: func(_ socketio.Socket, reason string) { ended <- reason },
	})
	c, _ := s.enter()
	c.send(`42["wait"]`)
	running.wait(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.engine.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("stop: %v", err)
	}
	if got := ended.wait(t); got != socketio.ReasonShuttingDown {
		t.Errorf("reason: %s", got)
	}
	c.expectEnd()
}

func testStopPolling(t *testing.T, make Make) {
	ended := newSignal[string]()
	s := start(t, make, Config{}, socketio.Namespace{
		Disconnected: func(_ socketio.Socket, reason string) { ended <- reason },
	})
	waits, away := s.poll(""), s.poll("")
	waits.enter()
	away.enter()
	over := newSignal[string]()
	go func() { over <- waits.next() }()
	if err := s.engine.Stop(t.Context()); err != nil {
		t.Errorf("stop: %v", err)
	}
	if got := over.wait(t); got != "end" {
		t.Errorf("got %s", got)
	}
	if got := away.next(); got != "end" {
		t.Errorf("got %s", got)
	}
	for range 2 {
		if got := ended.wait(t); got != socketio.ReasonShuttingDown {
			t.Errorf("reason: %s", got)
		}
	}
}

func testStopIdle(t *testing.T, make Make) {
	s := start(t, make, Config{}, joiner(nil))
	if err := s.engine.Stop(t.Context()); err != nil {
		t.Errorf("stop: %v", err)
	}
	resp, err := http.Get(s.address("transport=polling"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status: %d", resp.StatusCode)
	}
}

// testStopStuckPost has a client begin a request that it never finishes.
func testStopStuckPost(t *testing.T, make Make) {
	s := start(t, make, Config{}, joiner(nil))
	p := s.poll("")
	p.enter()
	tcp, host, path := p.tcp()
	fmt.Fprintf(tcp, "POST %s HTTP/1.1\r\nHost: %s\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n", path, host)
	line, err := bufio.NewReader(tcp).ReadString('\n') // comes when the body is read
	if err != nil || line != "HTTP/1.1 100 Continue\r\n" {
		t.Fatalf("got %q %v", line, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience/2)
	defer cancel()
	if err := s.engine.Stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
}
