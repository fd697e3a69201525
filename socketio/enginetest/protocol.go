package enginetest

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"expresschat/socketio"
)

// The tests in this file follow the Socket.IO protocol, revision 5, sentence by sentence,
// and the cases of its own test suite, https://github.com/socketio/socket.io-protocol.

// official are the namespaces that the suite of the protocol wants of a server: "/" and
// "/custom", both of which say what they were told.
func official(seen signal[socketio.Handshake]) []socketio.Namespace {
	main := repeater()
	main.Authorise = func(_ context.Context, h socketio.Handshake) (any, error) {
		seen <- h
		if h.Auth == nil {
			h.Auth = json.RawMessage(`{}`)
		}
		return h.Auth, nil
	}
	main.Connected = func(_ context.Context, s socketio.Socket) { _ = s.Emit("auth", s.Identity()) }
	custom := main
	custom.Name = "/custom"
	return []socketio.Namespace{main, custom}
}

// connecter is a client that has not joined anything.
type connecter interface {
	talker
	join(namespace, auth string) string
	ruin(packets ...string) // and the connection ends
}

func (c *client) ruin(packets ...string) {
	c.t.Helper()
	c.send(packets...)
	c.expectEnd()
}

func (p *poller) ruin(packets ...string) {
	p.t.Helper()
	if len(packets) > 0 {
		p.post(packets...)
	}
	if got := p.next(); got != "end" {
		p.t.Errorf("got %.100q, not the end", got)
	}
}

// fresh runs a test over both transports with a new client.
func fresh(t *testing.T, s *server, name string, test func(t *testing.T, c connecter)) {
	t.Helper()
	part := *s
	t.Run(name+" over a websocket", func(t *testing.T) { part.t = t; test(t, part.dial("", nil)) })
	t.Run(name+" over polling", func(t *testing.T) { part.t = t; test(t, part.poll("")) })
}

func testProtocolConnect(t *testing.T, make Make) {
	s := start(t, make, Config{}, official(newSignal[socketio.Handshake]())...)
	for _, test := range []struct{ namespace, auth, told string }{
		{"/", ``, `42["auth",{}]`},
		{"/", `{"token":"123"}`, `42["auth",{"token":"123"}]`},
		{"/custom", ``, `42/custom,["auth",{}]`},
		{"/custom", `{"token":"abc"}`, `42/custom,["auth",{"token":"abc"}]`},
	} {
		fresh(t, s, test.namespace+test.auth, func(t *testing.T, c connecter) {
			c.join(test.namespace, test.auth)
			c.expect(test.told)
		})
	}
	// The comma behind a namespace may be left out where nothing follows.
	fresh(t, s, "no comma", func(t *testing.T, c connecter) {
		c.send(`40/custom`)
		sid(t, c.next(), `40/custom,`)
		c.expect(`42/custom,["auth",{}]`)
	})
	fresh(t, s, "unknown", func(t *testing.T, c connecter) {
		c.send(`40/random`)
		c.expect(`44/random,{"message":"Invalid namespace"}`)
		c.send(`40/custom?token=abc,`) // a query is part of the name
		c.expect(`44/custom?token=abc,{"message":"Invalid namespace"}`)
		c.join("/", "") // and it may still join another one
		c.expect(`42["auth",{}]`)
	})
	// Several at the same time, each with an id of its own and not the transport's.
	fresh(t, s, "two", func(t *testing.T, c connecter) {
		a := c.join("/", "")
		c.expect(`42["auth",{}]`)
		b := c.join("/custom", "")
		c.expect(`42/custom,["auth",{}]`)
		if p, ok := c.(*poller); a == b || ok && (p.id == a || p.id == b) {
			t.Errorf("ids %s and %s", a, b)
		}
		c.send(`42["message",1]`)
		c.expect(`42["message-back",1]`)
	})
	for _, packet := range []string{
		`4abc`, `4`, `47`, `40abc`, `40[]`, `40"token"`, `40{"a":1`, `40{}{}`, `40/custom,[]`, // no CONNECT at all
		`42["message",1]`, `42/custom,["message"]`, `41`, `43[]x`, `431[]`, `44{"message":"no"}`, // something else first
	} {
		fresh(t, s, packet, func(t *testing.T, c connecter) { c.ruin(packet) })
	}
	fresh(t, s, "attachment", func(t *testing.T, c connecter) { c.ruin(bytesMark) })
	fresh(t, s, "event with attachment", func(t *testing.T, c connecter) { c.ruin(`451-["message"]`, bytesMark) })
	fresh(t, s, "twice", func(t *testing.T, c connecter) {
		c.join("/", "")
		c.expect(`42["auth",{}]`)
		c.ruin(`40`)
	})
}

// testConnectTimeout has clients come that never say what for, or only what is no good. The
// timeout leaves those that do say something the time to, on a slow machine too.
func testConnectTimeout(t *testing.T, make Make) {
	s := start(t, make, Config{ConnectTimeout: 2 * time.Second}, official(newSignal[socketio.Handshake]())...)
	member := s.dial("", nil)
	member.join("/custom", "")
	member.expect(`42/custom,["auth",{}]`)
	silent, refused := []connecter{s.dial("", nil), s.poll("")}, []connecter{s.dial("", nil), s.poll("")}
	for _, c := range refused {
		c.send(`40/random`)
		c.expect(`44/random,{"message":"Invalid namespace"}`)
	}
	for _, c := range append(silent, refused...) {
		c.ruin()
	}
	// Who has left all namespaces has as long again, and may come again.
	s.dial("", nil).expectEnd()
	member.send(`41/custom,`, `40`)
	sid(t, member.next(), `40`)
	member.expect(`42["auth",{}]`)
	s.dial("", nil).expectEnd()
	member.send(`42["message",1]`)
	member.expect(`42["message-back",1]`)
	member.send(`41`)
	member.expectEnd()
}

func testProtocolDisconnect(t *testing.T, make Make) {
	namespaces := official(newSignal[socketio.Handshake]())
	ended := newSignal[string]()
	for i := range namespaces {
		namespaces[i].Disconnected = func(s socketio.Socket, reason string) { ended <- s.ID() + " " + reason }
		namespaces[i].Handlers["leave"] = do(func(s socketio.Socket, _ struct{}) { s.Disconnect() })
	}
	s := start(t, make, Config{}, namespaces...)
	endOf := func(t *testing.T, id, reason string) {
		t.Helper()
		for { // that of clients from before comes in between
			if got, ok := strings.CutPrefix(ended.wait(t), id+" "); ok {
				if got != reason {
					t.Errorf("reason: %s, want %s", got, reason)
				}
				return
			}
		}
	}
	// Nothing answers, and the other namespace stays.
	fresh(t, s, "client leaves", func(t *testing.T, c connecter) {
		c.join("/", "")
		c.expect(`42["auth",{}]`)
		custom := c.join("/custom", "")
		c.expect(`42/custom,["auth",{}]`)
		c.send(`41/custom,`)
		endOf(t, custom, socketio.ReasonClientLeft)
		c.send(`42["message","message to main namespace"]`)
		c.expect(`42["message-back","message to main namespace"]`)
		c.send(`41/custom`, `42["message"]`) // the farewells have crossed
		c.expect(`42["message-back"]`)
	})
	fresh(t, s, "server disconnects", func(t *testing.T, c connecter) {
		main := c.join("/", "")
		c.expect(`42["auth",{}]`)
		custom := c.join("/custom", "")
		c.expect(`42/custom,["auth",{}]`)
		c.send(`42/custom,["leave"]`)
		c.expect(`41/custom,`)
		endOf(t, custom, socketio.ReasonServerLeft)
		c.send(`42["message",1]`)
		c.expect(`42["message-back",1]`)
		c.send(`42["leave"]`) // the last one, and the connection with it
		c.expect(`41`)
		c.ruin()
		endOf(t, main, socketio.ReasonServerLeft)
	})
	// Who left the main namespace still has its connection.
	fresh(t, s, "comes back", func(t *testing.T, c connecter) {
		id := c.join("/", "")
		c.expect(`42["auth",{}]`)
		c.send(`41`)
		endOf(t, id, socketio.ReasonClientLeft)
		c.join("/", "")
		c.expect(`42["auth",{}]`)
	})
}

func testProtocolMalformed(t *testing.T, make Make) {
	s := start(t, make, Config{}, official(newSignal[socketio.Handshake]())...)
	for _, packet := range []string{
		`4abc`, `48`, `42{}`, `42[]`, `42"message"`, `42["message",]`, `42[null]`, `42[{}]`, `42`, `42/custom,["message"]`,
		`42abc["message-with-ack",1,"2",{"3":[false]}]`, `421.5["message-with-ack"]`, `42-1["message-with-ack"]`,
		`43{}`, `431`, `41[]`, `41/custom`, `44{"message":"x"}`, `45["message"]`, `45-["message"]`, `451["message"]`,
	} {
		fresh(t, s, packet, func(t *testing.T, c connecter) {
			c.join("/", "")
			c.expect(`42["auth",{}]`)
			c.ruin(packet)
		})
	}
}

// testHeaders has each namespace see the headers that it named, whenever it is joined.
func testHeaders(t *testing.T, make Make) {
	type sight struct {
		namespace string
		header    http.Header
	}
	seen := newSignal[sight]()
	door := func(name string, headers []string) socketio.Namespace {
		return socketio.Namespace{
			Name: name, Headers: headers,
			Authorise: func(_ context.Context, h socketio.Handshake) (any, error) {
				seen <- sight{name, h.Header.Clone()}
				for _, values := range h.Header { // it is the hook's own
					values[0] = "changed"
				}
				return nil, nil
			},
		}
	}
	some := []socketio.Namespace{
		door("/a", []string{"x-a", "X-Both", "X-Missing"}), door("/b", []string{"X-Both", "X-B"}), door("/none", []string{}),
	}
	given := http.Header{"X-A": {"a"}, "X-B": {"b", "c"}, "X-Both": {"d"}, "X-More": {"e"}}
	want := map[string]http.Header{
		"/a": {"X-A": {"a"}, "X-Both": {"d"}}, "/b": {"X-Both": {"d"}, "X-B": {"b", "c"}}, "/none": {}, "/all": given,
	}
	for _, namespaces := range [][]socketio.Namespace{some, append(some[:3:3], door("/all", nil))} {
		s := start(t, make, Config{}, namespaces...)
		c := s.dial("", given)
		for range 2 { // and again on the same connection
			for _, ns := range namespaces {
				c.join(ns.Name, "")
				got := seen.wait(t)
				for name, values := range want[ns.Name] {
					if strings.Join(got.header[name], ",") != strings.Join(values, ",") {
						t.Errorf("%s: %s is %q", ns.Name, name, got.header[name])
					}
				}
				if ns.Name != "/all" && len(got.header) != len(want[ns.Name]) {
					t.Errorf("%s gets %v", ns.Name, got.header)
				}
				c.send("41" + ns.Name)
			}
		}
	}
}
