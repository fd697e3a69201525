package enginetest

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"expresschat/socketio"
)

func testBlockingHooks(t *testing.T, make Make) {
	g := newGate(t)
	asked, greeted := newSignal[string](), newSignal[string]()
	s := start(t, make, Config{}, socketio.Namespace{
		Authorise: func(_ context.Context, h socketio.Handshake) (any, error) {
			who := h.Query.Get("who")
			asked <- who
			if who == "asked" {
				g.pass()
			}
			return who, nil
		},
		Connected: func(_ context.Context, s socketio.Socket) {
			who := s.Identity().(string)
			greeted <- who
			if who == "greeted" {
				g.pass()
				_ = s.Emit("welcome", who)
			}
		},
		Handlers: handlers{"go": do(func(socketio.Socket, struct{}) {})},
		Respond:  answer,
	})
	a := s.dial("who=asked", nil)
	a.send(`40`)
	asked.wait(t)
	b := s.dial("who=greeted", nil)
	b.join("/", "")
	greeted.wait(t)
	b.send(`421["go"]`)
	c := s.dial("who=free", nil)
	c.join("/", "")
	c.send(`421["go"]`)
	c.expect(`431[null]`)
	g.open()
	sid(t, a.next(), "40")
	b.expect(event("welcome", "greeted"), `431[null]`)
}

func testPanics(t *testing.T, make Make) {
	var log logged
	responses, ended := newSignal[error](), newSignal[string]()
	s := start(t, make, Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}, socketio.Namespace{
		Authorise: func(_ context.Context, h socketio.Handshake) (any, error) {
			if h.Query.Has("authorise") {
				panic("boom in authorise")
			}
			return h.Query.Encode(), nil
		},
		Connected: func(_ context.Context, s socketio.Socket) { panic("boom in connected") },
		Handlers: handlers{
			"panic": do(func(socketio.Socket, struct{}) { panic("boom in handler") }),
			"go":    do(func(socketio.Socket, struct{}) {}),
		},
		Respond: func(ctx context.Context, s socketio.Socket, c socketio.Call, result any, err error) {
			responses <- err
			answer(ctx, s, c, result, err)
			panic("boom in respond")
		},
		Disconnected: func(_ socketio.Socket, reason string) {
			ended <- reason
			panic("boom in disconnected")
		},
	})
	c := s.dial("authorise=1", nil)
	c.send(`40`)
	c.expect(`44{"message":"not authorised"}`)

	c, _ = s.enter()
	c.send(`421["panic"]`, `422["go"]`)
	if err := responses.wait(t); !errors.Is(err, socketio.ErrPanic) {
		t.Errorf("response to a panic: %v", err)
	}
	if got := c.next(); !strings.HasPrefix(got, `431["socketio: handler panicked`) {
		t.Errorf("ack of a panic: %s", got)
	}
	c.expect(`432[null]`)
	c.close()
	ended.wait(t)

	c, _ = s.enter() // all goes on
	c.send(`422["go"]`)
	c.expect(`432[null]`)
	if err := s.engine.Stop(t.Context()); err != nil { // all hooks are over, and their logs written
		t.Error(err)
	}
	for _, hook := range []string{"authorise", "connected", "handler", "respond", "disconnected"} {
		if !strings.Contains(log.String(), "boom in "+hook) {
			t.Errorf("panic in %s was not logged", hook)
		}
	}
	if !strings.Contains(log.String(), "enginetest/hooks.go") {
		t.Error("no stack was logged")
	}
}

func testHandshake(t *testing.T, make Make) {
	seen := newSignal[socketio.Handshake]()
	s := start(t, make, Config{}, socketio.Namespace{
		Authorise: func(_ context.Context, h socketio.Handshake) (any, error) {
			seen <- h
			return nil, nil
		},
	})
	c := s.dial(query("token", "a b&c"), http.Header{"X-Token": {"t"}, "Cookie": {"k=v"}})
	c.join("/", `{"big":12345678901234567890,"nested":{"a":[]}}`)
	h := seen.wait(t)
	if got := string(h.Auth); got != `{"big":12345678901234567890,"nested":{"a":[]}}` {
		t.Errorf("auth: %s", got)
	}
	if h.Query.Get("token") != "a b&c" || h.Header.Get("X-Token") != "t" || h.Header.Get("Cookie") != "k=v" || h.Revision != 4 {
		t.Errorf("handshake: %+v", h)
	}
	if _, _, err := net.SplitHostPort(h.RemoteAddr); err != nil {
		t.Errorf("remote address: %v", err)
	}
	s.enter()
	if h := seen.wait(t); h.Auth != nil {
		t.Errorf("auth without payload: %s", h.Auth)
	}
	s.poll(query("token", "p")).enter()
	if h := seen.wait(t); h.Query.Get("token") != "p" {
		t.Errorf("handshake over polling: %+v", h)
	}
}

func testRefusal(t *testing.T, make Make) {
	happened := newSignal[string]()
	s := start(t, make, Config{}, socketio.Namespace{
		Authorise: func(_ context.Context, h socketio.Handshake) (any, error) {
			if string(h.Auth) != `{"token":"good"}` {
				return nil, errors.New("a secret reason")
			}
			return "ana", nil
		},
		Connected:    func(_ context.Context, s socketio.Socket) { happened <- s.Identity().(string) },
		Disconnected: func(_ socketio.Socket, reason string) { happened <- reason },
		Handlers:     handlers{"go": do(func(socketio.Socket, struct{}) { happened <- "handler" })},
	})
	c := s.dial("", nil)
	for range 3 { // and once more, on the same connection
		c.send(`40{"token":"bad"}`)
		c.expect(`44{"message":"not authorised"}`)
	}
	c.join("/", `{"token":"good"}`)
	if got := happened.wait(t); got != "ana" { // and nothing before that
		t.Errorf("connected as %s", got)
	}
	d := s.dial("", nil)
	d.send(`40{"token":"bad"}`)
	d.expect(`44{"message":"not authorised"}`)
	d.send(`42["go"]`) // from outside
	d.expectEnd()
	c.close()
	if got := happened.wait(t); got != socketio.ReasonTransport {
		t.Errorf("then %s", got)
	}
	happened.noMore(t, s)
}

func testFarewell(t *testing.T, make Make) {
	happened := newSignal[string]()
	s := start(t, make, Config{}, socketio.Namespace{
		Authorise: func(_ context.Context, h socketio.Handshake) (any, error) {
			return "x", &socketio.Farewell{Event: "auth-failure", Arg: map[string]string{"reason": "Authentication failed"}}
		},
		Connected:    func(context.Context, socketio.Socket) { happened <- "connected" },
		Disconnected: func(socketio.Socket, string) { happened <- "disconnected" },
		Handlers:     handlers{"go": do(func(socketio.Socket, struct{}) { happened <- "handler" })},
	})
	farewell := `42["auth-failure",{"reason":"Authentication failed"}]`
	for range 3 {
		c := s.dial("", nil)
		c.join("/", "")
		c.send(`42["go"]`)
		c.expectEnd(farewell, `41`)
		p := s.poll("")
		p.enter()
		p.expect(farewell, `41`, "end")
	}
	happened.noMore(t, s)
}

func testNamespaces(t *testing.T, make Make) {
	s := start(t, make, Config{}, socketio.Namespace{
		Name:     "/a",
		Handlers: handlers{"where": do(func(s socketio.Socket, _ struct{}) { _ = s.Emit("here", "a") })},
	}, socketio.Namespace{
		Name:     "/b",
		Handlers: handlers{"where": do(func(s socketio.Socket, _ struct{}) { _ = s.Emit("here", "b"); s.Disconnect() })},
	})
	c := s.dial("", nil)
	c.send(`40`)
	c.expect(`44{"message":"Invalid namespace"}`)
	c.send(`40/nowhere,`)
	c.expect(`44/nowhere,{"message":"Invalid namespace"}`)
	if a, b := c.join("/a", ""), c.join("/b", ""); a == b {
		t.Error("two sockets have one id")
	}
	c.send(`42/b,["where"]`)
	c.expect(`42/b,["here","b"]`, `41/b,`)
	c.send(`42/b,["where"]`, `42/a,["where"]`) // the one that is gone is ignored
	c.expect(`42/a,["here","a"]`)
	c.join("/b", "")
}
