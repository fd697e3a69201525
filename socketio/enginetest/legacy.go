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
