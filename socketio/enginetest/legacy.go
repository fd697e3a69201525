package enginetest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"expresschat/socketio"
)

// gatekeeper is a namespace that wants a token.
func gatekeeper(name string, seen signal[socketio.Handshake]) socketio.Namespace {
	return socketio.Namespace{
		Name: name,
		Authorise: func(_ context.Context, h socketio.Handshake) (any, error) {
			seen <- h
			if h.Header.Get("Authorization") == "" {
				return nil, errors.New("no token")
			}
			return nil, nil
		},
		Handlers: handlers{"echo": socketio.Handle(func(_ context.Context, s socketio.Socket, in any) (any, error) {
			_ = s.Emit("echo", in)
			return in, nil
		})},
		Respond: answer,
	}
}

func testRevision3(t *testing.T, make Make) {
	seen := newSignal[socketio.Handshake]()
	s := start(t, make, Config{}, gatekeeper("/", seen), gatekeeper("/message", seen))
	c := s.dial("EIO=3", http.Header{"Authorization": {"token"}})
	c.expect(`40`) // unasked
	if h := seen.wait(t); h.Revision != 3 || h.Auth != nil {
		t.Errorf("handshake: %+v", h)
	}
	c.send(`421["echo",{"a":"ü"}]`)
	c.expect(`42["echo",{"a":"ü"}]`, `431[{"a":"ü"}]`)
	c.send(`2`)
	c.expect(`3`)
	c.send(`40/message?peer=x%20y`)
	c.expect(`40/message,`)
	if h := seen.wait(t); h.Query.Get("peer") != "x y" || h.Query.Get("EIO") != "3" {
		t.Errorf("handshake: %+v", h)
	}
	c.send(`42/message,["echo",1]`)
	c.expect(`42/message,["echo",1]`)
	c.send(`41/message`, `42["echo",2]`)
	c.expect(`42["echo",2]`)

	c = s.dial("EIO=3", nil) // is told, and the connection ends
	// The original server sends the message alone, the library an object.
	told := c.rest()
	if len(told) != 1 || (told[0] != `44"not authorised"` && told[0] != `44{"message":"not authorised"}`) {
		t.Errorf("a client that may not come in is told %q", told)
	}
}

func testRevision3Polling(t *testing.T, make Make) {
	seen := newSignal[socketio.Handshake]()
	s := start(t, make, Config{}, gatekeeper("/message", seen))
	ask := func(method, query, body string) string {
		t.Helper()
		req, _ := http.NewRequest(method, s.address("EIO=3&transport=polling"+query), strings.NewReader(body))
		req.Header.Set("Authorization", "token")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		answer, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("status %d: %s", resp.StatusCode, answer)
		}
		return string(answer)
	}
	_, rest, _ := strings.Cut(ask(http.MethodGet, "", ""), `"sid":"`)
	id, rest, _ := strings.Cut(rest, `"`)
	sid := "&sid=" + id
	// The default namespace is there though nobody opened it, and ignores everything.
	if !strings.HasSuffix(rest, `2:40`) {
		if got := ask(http.MethodGet, sid, ""); got != `2:40` {
			t.Fatalf("got %s", got)
		}
	}
	ask(http.MethodPost, sid, `10:42["echo"]10:40/message`)
	if got := ask(http.MethodGet, sid, ""); got != `11:40/message,` {
		t.Fatalf("got %s", got)
	}
	ask(http.MethodPost, sid, `25:42/message,["echo","ü😀"]`)
	if got := ask(http.MethodGet, sid, ""); got != `25:42/message,["echo","ü😀"]` {
		t.Fatalf("got %s", got)
	}
	ask(http.MethodPost, sid, `1:2`)
	if got := ask(http.MethodGet, sid, ""); got != `1:3` {
		t.Fatalf("got %s", got)
	}
	ask(http.MethodPost, sid, `1:1`)
}

// testRevision3Protocol has what Socket.IO did before its revision 5 that it does not do
// any more.
func testRevision3Protocol(t *testing.T, make Make) {
	seen := newSignal[socketio.Handshake]()
	s := start(t, make, Config{}, official(seen)...)
	for name, dial := range map[string]func() connecter{
		"websocket": func() connecter { return s.dial("EIO=3&token=a", nil) },
		"polling":   func() connecter { return s.poll("EIO=3&token=a") },
	} {
		t.Run(name, func(t *testing.T) {
			c := dial()
			// The default namespace comes unasked and first. CONNECT has no payload, in
			// neither direction.
			c.expect(`40`, `42["auth",{}]`)
			if h := seen.wait(t); h.Revision != 3 || h.Auth != nil || h.Query.Get("token") != "a" {
				t.Errorf("handshake: %+v", h)
			}
			c.send(`40/random`)
			if got := c.next(); got != `44/random,"Invalid namespace"` && got != `44/random,{"message":"Invalid namespace"}` {
				t.Errorf("unknown namespace: %s", got)
			}
			// A namespace's query is added to that of the connection, for it alone.
			c.send(`40/custom?token=b&more=c`)
			c.expect(`40/custom,`, `42/custom,["auth",{}]`)
			if q := seen.wait(t).Query; q.Get("token") != "b" || q.Get("more") != "c" || q.Get("EIO") != "3" {
				t.Errorf("query: %v", q)
			}
			c.send(`41/custom`, `40/custom`)
			c.expect(`40/custom,`, `42/custom,["auth",{}]`)
			if q := seen.wait(t).Query; q.Get("token") != "a" || q.Has("more") {
				t.Errorf("query: %v", q)
			}
			c.send(`451-/custom,7["message-with-ack",{"_placeholder":true,"num":0}]`, bytesMark+all())
			c.expect(`461-/custom,7[{"_placeholder":true,"num":0}]`, bytesMark+all())
			c.ruin(`42{}`)
		})
	}
}

// testRevision3Unasked has nobody open the default namespace. Clients are in it all the
// same, and may leave it.
func testRevision3Unasked(t *testing.T, make Make) {
	custom := official(newSignal[socketio.Handshake]())[1]
	s := start(t, make, Config{}, custom)
	c := s.dial("EIO=3", nil)
	c.expect(`40`)
	c.send(`42["message",1]`, `421["message-with-ack"]`, `41`, `40/custom`)
	c.expect(`40/custom,`, `42/custom,["auth",{}]`)
}
