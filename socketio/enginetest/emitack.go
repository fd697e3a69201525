package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"expresschat/socketio"
)

// asker is a namespace whose handler "ask" asks its own client the same, and then tells it
// what it answered, and whose handler "n" counts.
func asker(ctx func(hook context.Context) context.Context) (socketio.Namespace, signal[string]) {
	happened := newSignal[string]()
	return socketio.Namespace{
		Handlers: handlers{
			"ask": socketio.HandleArgs(func(hook context.Context, s socketio.Socket, args socketio.Args) (any, error) {
				answer, err := s.EmitAck(ctx(hook), "question", args)
				if err != nil {
					happened <- err.Error()
					return nil, err
				}
				return nil, s.Emit("answered", answer)
			}),
			"n": do(func(_ socketio.Socket, n int) { happened <- fmt.Sprint(n) }),
		},
		Disconnected: func(_ socketio.Socket, reason string) { happened <- reason },
	}, happened
}

func withHook(hook context.Context) context.Context { return hook }

var question = regexp.MustCompile(`^(4(?:2|5\d+-)(?:/[a-z]+,)?)(\d+)(\["question".*)$`)

// asked returns the id of a question, which is as its client wants to see it but for that.
func asked(t *testing.T, got, want string) (id string) {
	t.Helper()
	parts := question.FindStringSubmatch(got)
	if parts == nil || parts[1]+parts[3] != want {
		t.Fatalf("got %.200q, want %.200q with an id", got, want)
	}
	return parts[2]
}

// testEmitAck has handlers wait for their own clients.
func testEmitAck(t *testing.T, make Make) {
	ns, _ := asker(withHook)
	s := start(t, make, Config{}, ns)
	two := []string{bytesMark + "\x01\x02\x03", bytesMark + all()}
	tests := []struct {
		ask, question, answer, answered string
		there, back                     []string
	}{
		{`42["ask",1]`, `42["question",1]`, `43%s[2]`, `42["answered",2]`, nil, nil},
		{`42["ask"]`, `42["question"]`, `43%s[]`, `42["answered"]`, nil, nil},
		{`42["ask","a",[1]]`, `42["question","a",[1]]`, `43%s["ü",{"b":null},null]`, `42["answered","ü",{"b":null},null]`, nil, nil},
		{
			`452-["ask",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`,
			`452-["question",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`,
			`461-%s[{"_placeholder":true,"num":0}]`, `451-["answered",{"_placeholder":true,"num":0}]`, two, two[:1],
		},
		{`42["ask"]`, `42["question"]`, `4610-%s[]`, `4510-["answered"]`, nil, slices.Repeat(two, 5)},
	}
	everywhere(t, s, func(t *testing.T, c talker) {
		seen := map[string]bool{}
		for _, test := range tests {
			c.send(append([]string{test.ask}, test.there...)...)
			id := asked(t, c.next(), test.question)
			c.expect(test.there...)
			if seen[id] {
				t.Errorf("id %s for the second time", id)
			}
			seen[id] = true
			answer := fmt.Sprintf(test.answer, id)
			c.send(`43[0]`, `43999999999[0]`, `43`+id+`99[0]`) // for nobody
			c.send(append([]string{answer}, test.back...)...)
			c.send(append([]string{answer}, test.back...)...) // which is one too many
			c.expect(append([]string{test.answered}, test.back...)...)
		}
	})
}

// testEmitAckNamespace asks in another namespace than the default one.
func testEmitAckNamespace(t *testing.T, make Make) {
	main, _ := asker(withHook)
	other, _ := asker(withHook)
	other.Name = "/other"
	s := start(t, make, Config{}, main, other)
	c, _ := s.enter()
	c.join("/other", "")
	c.send(`42["ask"]`)
	a := asked(t, c.next(), `42["question"]`)
	c.send(`42/other,["ask"]`)
	b := asked(t, c.next(), `42/other,["question"]`)
	c.send(`43/other,` + b + `["other"]`)
	c.expect(`42/other,["answered","other"]`)
	c.send(`43` + a + `["main"]`)
	c.expect(`42["answered","main"]`)
}

// testEmitAckBehindEvents has a client send much between the question and its answer:
// the answer arrives while the handler that waits keeps all that from being handled.
func testEmitAckBehindEvents(t *testing.T, make Make) {
	const count = 200
	ns, happened := asker(withHook)
	s := start(t, make, Config{}, ns)
	everywhere(t, s, func(t *testing.T, c talker) {
		c.send(`42["ask"]`)
		id := asked(t, c.next(), `42["question"]`)
		for i := range count {
			c.send(event("n", i))
		}
		c.send(`40/nowhere,`)
		if got := c.next(); !strings.HasPrefix(got, `44/nowhere,`) { // so all before it was read
			t.Fatalf("got %s", got)
		}
		happened.none(t)
		c.send(`43` + id + `[1]`)
		c.expect(`42["answered",1]`)
		for i := range count {
			if got := happened.wait(t); got != fmt.Sprint(i) {
				t.Fatalf("got %s, want %d", got, i)
			}
		}
	})
}

// testEmitAckPastBound has it send so much that nothing more is read. Then the handler
// waits until its context ends, and all goes on.
func testEmitAckPastBound(t *testing.T, make Make) {
	const count = 600
	ctx, cancel := context.WithCancel(t.Context())
	ns, happened := asker(func(context.Context) context.Context { return ctx })
	s := start(t, make, Config{}, ns)
	c, _ := s.enter()
	c.send(`42["ask"]`)
	id := asked(t, c.next(), `42["question"]`)
	for i := range count {
		c.send(event("n", i))
	}
	c.send(`43` + id + `[1]`)
	cancel()
	if got := happened.wait(t); got != context.Canceled.Error() {
		t.Errorf("got %s, want the end of the context", got)
	}
	for i := range count {
		if got := happened.wait(t); got != fmt.Sprint(i) {
			t.Fatalf("got %s, want %d", got, i)
		}
	}
	c.send(event("n", count))
	if got := happened.wait(t); got != fmt.Sprint(count) {
		t.Errorf("got %s after the answer that came too late", got)
	}
}

// entrance is a namespace that tells of the sockets that come in.
func entrance() (socketio.Namespace, signal[socketio.Socket]) {
	sockets := newSignal[socketio.Socket]()
	return socketio.Namespace{
		Connected: func(_ context.Context, s socketio.Socket) { sockets <- s },
	}, sockets
}

// testEmitAckEnds has sockets end in all ways while answers are awaited from outside of
// handlers, and whoever waits give up.
func testEmitAckEnds(t *testing.T, make Make) {
	ns, sockets := entrance()
	s := start(t, make, Config{}, ns)
	for name, end := range map[string]func(c *client, sock socketio.Socket){
		"client leaves": func(c *client, _ socketio.Socket) { c.send(`41`) },
		"connection":    func(c *client, _ socketio.Socket) { c.close() },
		"malformed":     func(c *client, _ socketio.Socket) { c.send(`43{}`) },
		"disconnect":    func(_ *client, sock socketio.Socket) { sock.Disconnect() },
		"drop":          func(_ *client, sock socketio.Socket) { sock.Drop("for a test") },
	} {
		c, _ := s.enter()
		sock, errs := sockets.wait(t), newSignal[error]()
		for range socketio.MaxAwaited {
			go func() {
				_, err := sock.EmitAck(t.Context(), "question", nil)
				errs <- err
			}()
		}
		for range socketio.MaxAwaited {
			asked(t, c.next(), `42["question",null]`)
		}
		if _, err := sock.EmitAck(t.Context(), "question", nil); !errors.Is(err, socketio.ErrTooManyAcks) {
			t.Errorf("%s: one too many: %v", name, err)
		}
		end(c, sock)
		for range socketio.MaxAwaited {
			if err := errs.wait(t); !errors.Is(err, socketio.ErrEnded) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := sock.EmitAck(t.Context(), "question", nil); !errors.Is(err, socketio.ErrEnded) {
			t.Errorf("%s: afterwards: %v", name, err)
		}
	}
	c, _ := s.enter()
	sock := sockets.wait(t)
	over, cancel := context.WithCancel(t.Context())
	errs := newSignal[error]()
	go func() {
		_, err := sock.EmitAck(over, "question", nil)
		errs <- err
	}()
	id := asked(t, c.next(), `42["question",null]`)
	cancel()
	if err := errs.wait(t); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	c.send(`43` + id + `["too late"]`)
	for _, arg := range []any{func() {}, socketio.Args{JSON: []json.RawMessage{[]byte("{")}}} {
		if _, err := sock.EmitAck(t.Context(), "question", arg); err == nil {
			t.Errorf("%T was sent", arg)
		}
	}
}

// testEmitAckStop stops the server while a handler and somebody else wait for answers.
func testEmitAckStop(t *testing.T, make Make) {
	asks, happened := asker(withHook)
	sockets := newSignal[socketio.Socket]()
	asks.Connected = func(_ context.Context, s socketio.Socket) { sockets <- s }
	s := start(t, make, Config{}, asks)
	c, _ := s.enter()
	c.send(`42["ask"]`)
	sock, errs := sockets.wait(t), newSignal[error]()
	asked(t, c.next(), `42["question"]`)
	go func() {
		_, err := sock.EmitAck(t.Context(), "question", 1)
		errs <- err
	}()
	asked(t, c.next(), `42["question",1]`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.engine.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("stop: %v", err)
	}
	if got := happened.wait(t); got != context.Canceled.Error() && got != socketio.ErrEnded.Error() {
		t.Errorf("the handler got %s", got)
	}
	if err := errs.wait(t); !errors.Is(err, socketio.ErrEnded) {
		t.Error(err)
	}
	if _, err := sock.EmitAck(t.Context(), "question", 2); !errors.Is(err, socketio.ErrEnded) {
		t.Errorf("afterwards: %v", err)
	}
}
