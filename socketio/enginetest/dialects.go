package enginetest

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"expresschat/socketio"
)

// choosy lets in whoever has a token, and refuses others in words.
func choosy(name string) socketio.Namespace {
	return socketio.Namespace{
		Name: name,
		Authorise: func(_ context.Context, h socketio.Handshake) (any, error) {
			if h.Header.Get("Authorization") == "" && h.Auth == nil {
				return nil, &socketio.Refusal{Message: `a "token", please`}
			}
			return h.Conn, nil
		},
		Connected: func(_ context.Context, s socketio.Socket) { _ = s.Emit("conn", s.Identity()) },
	}
}

const inWords = `{"message":"a \"token\", please"}`

func testRefusalInWords(t *testing.T, make Make) {
	s := start(t, make, Config{}, choosy("/"), choosy("/message"))
	for _, namespace := range []string{"", "/message,"} {
		c := s.dial("", nil)
		c.send(`40` + namespace)
		c.expectEnd(`44` + namespace + inWords)
		p := s.poll("")
		p.send(`40` + namespace)
		p.expect(`44`+namespace+inWords, "end")
	}
	// As long as another namespace uses it, the connection stays.
	c := s.dial("", nil)
	c.join("/", `{"token":"good"}`)
	c.next() // its id
	c.send(`40/message,`)
	c.expect(`44/message,` + inWords)
	c.join("/message", `{"token":"good"}`)
}

func testRevision3RefusalInWords(t *testing.T, make Make) {
	s := start(t, make, Config{}, choosy("/"), choosy("/message"))
	s.dial("EIO=3", nil).expectEnd(`44` + inWords)
	c := s.dial("EIO=3", http.Header{"Authorization": {"token"}})
	c.expect(`40`)
	if got := c.next(); !strings.HasPrefix(got, `42["conn","`) {
		t.Errorf("got %s", got)
	}
}

// testConn has the sockets of a connection, and only those, know that they are of one.
func testConn(t *testing.T, make Make) {
	s := start(t, make, Config{}, choosy("/"), choosy("/message"))
	conn := func(c *client, namespace string) string {
		t.Helper()
		rest, ok := strings.CutPrefix(c.next(), "42"+namespace)
		if !ok || rest == `["conn",""]` {
			t.Fatalf("no connection for %s: %s", namespace, rest)
		}
		return rest
	}
	seen := map[string]bool{}
	for range 2 {
		c := s.dial("", nil)
		c.join("/", `{}`)
		main := conn(c, "")
		c.join("/message", `{}`)
		if got := conn(c, "/message,"); got != main || seen[got] {
			t.Errorf("a connection is %s and %s", main, got)
		}
		seen[main] = true

		legacy := s.dial("EIO=3", http.Header{"Authorization": {"token"}})
		legacy.expect(`40`)
		main = conn(legacy, "")
		legacy.send(`40/message`)
		legacy.expect(`40/message,`)
		if got := conn(legacy, "/message,"); got != main || seen[got] {
			t.Errorf("a connection is %s and %s", main, got)
		}
		seen[main] = true
	}
}

// testServes has two kinds of clients in one namespace. What is only for the others is
// ignored, whether it has an acknowledgement or not.
func testServes(t *testing.T, make Make) {
	hear := func(name string) socketio.Handler {
		return do(func(s socketio.Socket, _ struct{}) { _ = s.Emit("heard", name) })
	}
	s := start(t, make, Config{}, socketio.Namespace{
		Authorise: func(_ context.Context, h socketio.Handshake) (any, error) { return h.Query.Get("kind"), nil },
		Handlers:  handlers{"left": hear("left"), "right": hear("right"), "both": hear("both"), "odd": hear("odd")},
		Serves: func(identity any, event string) bool {
			if event == "odd" {
				panic("boom in serves")
			}
			return event == identity || event == "both"
		},
		Respond: answer,
	})
	for _, kind := range []string{"left", "right"} {
		c := s.dial("kind="+kind, nil)
		c.join("/", "")
		c.send(`421["left"]`, `422["right"]`, `42["left"]`, `42["odd"]`, `423["both"]`)
		own := map[string]string{"left": "1", "right": "2"}[kind]
		c.expect(event("heard", kind), `43`+own+`[null]`)
		if kind == "left" {
			c.expect(event("heard", kind))
		}
		c.expect(event("heard", "both"), `433[null]`)
	}
}

func testRevision3Pings(t *testing.T, make Make) {
	s := start(t, make, Config{LegacyPingInterval: 5 * time.Second, LegacyPingTimeout: 4 * time.Second}, choosy("/"))
	for query, want := range map[string]string{
		"EIO=3": `"pingInterval":5000,"pingTimeout":4000`,
		"":      `"pingInterval":25000,"pingTimeout":20000`,
	} {
		if got := s.raw(query, nil).next(); !strings.Contains(got, want) {
			t.Errorf("%s: told %s", query, got)
		}
	}
}
