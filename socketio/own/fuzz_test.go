package own_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"expresschat/socketio"
	"expresschat/socketio/own"
	"expresschat/socketio/payload"
)

// told is how often the hooks of one socket were told what.
type told struct{ connected, disconnected, late int }

// witness is the owner of namespaces that sees what happens to all sockets.
type witness struct {
	mu    sync.Mutex
	lives map[string]*told
}

func (w *witness) note(s socketio.Socket, what func(l *told)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lives[s.ID()] == nil {
		w.lives[s.ID()] = new(told)
	}
	what(w.lives[s.ID()])
}

func (w *witness) namespace(name string) socketio.Namespace {
	handle := func(f func(s socketio.Socket, args socketio.Args)) socketio.Handler {
		return socketio.HandleArgs(func(_ context.Context, s socketio.Socket, args socketio.Args) (any, error) {
			w.note(s, func(l *told) {
				if l.connected != 1 || l.disconnected != 0 {
					l.late++
				}
			})
			f(s, args)
			return args, nil
		})
	}
	return socketio.Namespace{
		Name: name,
		Authorise: func(_ context.Context, h socketio.Handshake) (any, error) {
			if bytes.Contains(h.Auth, []byte("farewell")) {
				return nil, &socketio.Farewell{Event: "bye"}
			}
			if bytes.Contains(h.Auth, []byte("refuse")) || h.Query.Has("refuse") {
				return nil, http.ErrNoCookie
			}
			return nil, nil
		},
		Connected:    func(_ context.Context, s socketio.Socket) { w.note(s, func(l *told) { l.connected++ }); s.Join("all") },
		Disconnected: func(s socketio.Socket, _ string) { w.note(s, func(l *told) { l.disconnected++ }) },
		Handlers: map[string]socketio.Handler{
			"echo":       handle(func(s socketio.Socket, args socketio.Args) { _ = s.Emit("echo", args) }),
			"drop":       handle(func(s socketio.Socket, _ socketio.Args) { s.Drop("dropped") }),
			"disconnect": handle(func(s socketio.Socket, _ socketio.Args) { s.Disconnect() }),
			"typed":      socketio.Handle(func(context.Context, socketio.Socket, map[string]any) (any, error) { return nil, nil }),
		},
		Respond: func(_ context.Context, _ socketio.Socket, c socketio.Call, result any, _ error) { c.Ack(result) },
	}
}

// caller is a polling client without a network.
type caller struct {
	engine http.Handler
	url    string
}

func (c *caller) do(method string, body []byte) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	c.engine.ServeHTTP(w, httptest.NewRequest(method, c.url, bytes.NewReader(body)))
	return w
}

// post sends one message, and is false when the session has ended.
func (c *caller) post(legacy, isBytes bool, data []byte) bool {
	var body []byte
	switch {
	case legacy && isBytes:
		body = payload.AppendBinary3(nil, payload.Message, data)
	case legacy:
		body = payload.Append3(nil, append([]byte{'4'}, data...))
	case isBytes:
		body = base64.StdEncoding.AppendEncode([]byte{'b'}, data)
	default:
		body = append([]byte{'4'}, data...)
	}
	return c.do(http.MethodPost, body).Code == http.StatusOK
}

// FuzzMessages sends a line for each message; what begins with a * is binary. Hooks are
// awaited after each one that ends with a space.
func FuzzMessages(f *testing.F) {
	for _, seed := range []string{
		"",
		"0 \n2[\"echo\",1,\"2\"]\n21[\"echo\"] \n1 \n0 \n2[\"typed\",{\"a\":1}]",
		"0 \n52-[\"echo\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]\n*abc\n*\n51-7[\"echo\"]\n*x ",
		"0 \n51-[\"echo\",{\"_placeholder\":true,\"num\":1}]\n*a",
		"0 \n52-[\"typed\",[{\"\\u005fplaceholder\":true,\"num\":0}]]\n*a\n2[\"echo\"]",
		"0/other,{\"a\":[]} \n0 \n1/other,\n2[\"echo\"] \n0/other, \n2/other,3[\"disconnect\"] \n2[\"echo\"]",
		"0 \n2[\"drop\"] \n2[\"echo\"]",
		"0 \n2[\"disconnect\"]\n2[\"echo\"]\n1\n0",
		"0{\"refuse\":1} \n0{\"farewell\":1} \n0 ",
		"0/other?refuse=1, \n0/other?a=b, \n0/nowhere \n1",
		"0\n1\n0\n1", "0\n2[\"echo\"]", "0 \n0", "0 \n1\n1\n2[\"echo\"]", "4{}", "0 \n3[]\n31[1]\n61-1[]\n*a\n6",
		"0 \n510-[\"echo\"]\n*\n*\n*\n*\n*\n*\n*\n*\n*\n*", "*a", "0 \n51-[\"echo\"]\n1",
		"0 \n51-[\"echo\"]\n*" + strings.Repeat("x", 3000), "0 \n52-[\"echo\"]\n*" + strings.Repeat("x", 1200) + "\n*" + strings.Repeat("x", 1200),
	} {
		f.Add([]byte(seed), false, false)
		f.Add([]byte(seed), true, false)
		f.Add([]byte(seed), false, true)
	}
	f.Fuzz(func(t *testing.T, script []byte, legacy, stop bool) {
		w := &witness{lives: map[string]*told{}}
		// A short timeout has the engine's clock tick often, and so stop soon.
		e := own.New(own.Options{MaxPayload: 4 << 10, PingInterval: time.Minute, PingTimeout: 10 * time.Millisecond})
		e.Open(w.namespace("/"))
		e.Open(w.namespace("/other"))
		c := call(t, e, legacy)
		alive := true
		for _, line := range bytes.SplitN(script, []byte("\n"), 50) {
			data, isBytes := bytes.CutPrefix(line, []byte("*"))
			if !alive {
				break
			}
			alive = c.post(legacy, isBytes, data)
			if bytes.HasSuffix(line, []byte(" ")) {
				if err := own.Settle(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
		}
		if !stop { // the client says goodbye
			if goodbye := c.do(http.MethodPost, map[bool][]byte{false: []byte("1"), true: []byte("1:1")}[legacy]); alive && goodbye.Code > 400 {
				t.Errorf("goodbye: status %d", goodbye.Code)
			}
		} else { // all that waits is fetched
			var poll sync.WaitGroup
			defer poll.Wait()
			poll.Go(func() {
				for c.do(http.MethodGet, nil).Code == http.StatusOK {
				}
			})
		}
		if err := e.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		for id, l := range w.lives {
			if *l != (told{1, 1, 0}) {
				t.Errorf("socket %s: %+v", id, *l)
			}
		}
	})
}

// call opens a session.
func call(t *testing.T, e http.Handler, legacy bool) *caller {
	t.Helper()
	c := &caller{engine: e, url: fmt.Sprintf("/?transport=polling&EIO=%d", map[bool]int{false: 4, true: 3}[legacy])}
	answer := c.do(http.MethodGet, nil).Body.Bytes()
	var open struct{ SID string }
	begin, end := bytes.IndexByte(answer, '{'), bytes.IndexByte(answer, '}')
	if begin < 0 || json.Unmarshal(answer[begin:end+1], &open) != nil {
		t.Fatalf("handshake: %s", answer)
	}
	c.url += "&sid=" + open.SID
	return c
}
