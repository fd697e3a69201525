package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"expresschat/socketio"
)

// handlers is short for the type of Namespace.Handlers.
type handlers = map[string]socketio.Handler

func testOrder(t *testing.T, make Make) {
	var s *server
	s = start(t, make, Config{}, socketio.Namespace{
		Handlers: handlers{"n": do(func(sock socketio.Socket, n int) {
			// In turns: to itself, to its own room, to a room.
			switch n % 3 {
			case 0:
				_ = sock.Emit("n", n)
			case 1:
				_ = s.to.Emit(socketio.Audience{Rooms: []string{sock.ID()}}, "n", n)
			case 2:
				_ = s.to.Emit(socketio.Audience{Rooms: []string{"all"}}, "n", n)
			}
		})},
		Connected: func(_ context.Context, sock socketio.Socket) { sock.Join("all") },
		Respond:   answer,
	})
	c, _ := s.enter()
	const count = 600
	for i := range count {
		c.send(fmt.Sprintf(`42%d["n",%d]`, i, i))
	}
	for i := range count {
		c.expect(event("n", i), fmt.Sprintf(`43%d[null]`, i))
	}
}

func testAcks(t *testing.T, make Make) {
	acks := newSignal[bool]()
	s := start(t, make, Config{}, socketio.Namespace{
		Handlers: handlers{"echo": socketio.Handle(func(_ context.Context, _ socketio.Socket, in any) (any, error) {
			return in, nil
		})},
		Respond: func(_ context.Context, _ socketio.Socket, c socketio.Call, result any, _ error) {
			acks <- c.WantsAck()
			c.Ack(result)
		},
	}, socketio.Namespace{
		Name:     "/other",
		Handlers: handlers{"fail": do(func(socketio.Socket, struct{}) {})},
		Respond: func(_ context.Context, _ socketio.Socket, c socketio.Call, _ any, _ error) {
			c.Ack(c.Event + " <&>")
		},
	})
	c, _ := s.enter()
	c.send(`42["echo","nobody asks"]`)
	if acks.wait(t) {
		t.Error("ack for an event whose sender wants none")
	}
	c.send(`4212["echo",{"a":[1,"<b>&"]},"second","third"]`, `420["echo"]`, `421["echo",12345678901234567890]`)
	c.expect(`4312[{"a":[1,"<b>&"]}]`, `430[null]`, `431[12345678901234567000]`)
	c.join("/other", "")
	c.send(`42/other,7["fail"]`)
	c.expect(`43/other,7["fail <&>"]`)
}

func testUnknown(t *testing.T, make Make) {
	s := start(t, make, Config{}, socketio.Namespace{
		Handlers: handlers{"known": do(func(s socketio.Socket, _ struct{}) { _ = s.Emit("heard", nil) })},
		Respond:  answer,
	})
	c, _ := s.enter()
	c.send(`42["unknown",{"a":1}]`, `421["unknown"]`, `42["connect"]`, `42[7]`, `451-["unknown",{"_placeholder":true,"num":0}]`)
	c.sendBinary([]byte{1, 2, 3})
	c.send(`431["an ack that nobody asked for"]`, `42["known"]`)
	c.expect(event("heard", nil))
}

func testDecode(t *testing.T, make Make) {
	type point struct{ X, Y int }
	type outcome struct {
		in  point
		err error
	}
	outcomes := newSignal[outcome]()
	s := start(t, make, Config{}, socketio.Namespace{
		Handlers: handlers{"move": socketio.Handle(func(_ context.Context, _ socketio.Socket, in point) (any, error) {
			return in, nil
		}), "raw": socketio.Handle(func(_ context.Context, _ socketio.Socket, in json.RawMessage) (any, error) {
			return point{X: len(in)}, nil
		})},
		Respond: func(_ context.Context, _ socketio.Socket, _ socketio.Call, result any, err error) {
			in, _ := result.(point)
			outcomes <- outcome{in, err}
		},
	})
	c, _ := s.enter()
	fits := func(packet string, want point) {
		t.Helper()
		c.send(packet)
		if got := outcomes.wait(t); got.err != nil || got.in != want {
			t.Errorf("%s: got %+v, want %+v", packet, got, want)
		}
	}
	fits(`42["move",{"X":3,"y":4,"z":"more"}]`, point{3, 4})
	fits(`42["move"]`, point{})
	fits(`42["move",null]`, point{})
	fits(`42["raw",[1,2, 3]]`, point{X: 8})
	for _, packet := range []string{`42["move","east"]`, `42["move",[1,2]]`, `42["move",{"X":"3"}]`, `42["move",1e400]`} {
		c.send(packet)
		if got := outcomes.wait(t); !errors.Is(got.err, socketio.ErrDecode) {
			t.Errorf("%s: got %v, want ErrDecode", packet, got.err)
		}
	}
	for _, name := range []string{"move", "raw"} {
		c.send(`452-["` + name + `",{"X":{"_placeholder":true,"num":0},"Y":{"_placeholder":true,"num":1}}]`)
		c.sendBinary([]byte("one"))
		c.sendBinary(nil)
		if got := outcomes.wait(t); !errors.Is(got.err, socketio.ErrDecode) {
			t.Errorf("%s with attachment: got %v, want ErrDecode", name, got.err)
		}
	}
	fits(`42["move",{"X":1}]`, point{X: 1})
}

func testParallel(t *testing.T, make Make) {
	g := newGate(t)
	s := start(t, make, Config{}, socketio.Namespace{
		Handlers: handlers{
			"wait": do(func(socketio.Socket, struct{}) { g.pass() }),
			"go":   do(func(socketio.Socket, struct{}) {}),
		},
		Respond: answer,
	})
	a, _ := s.enter()
	b, _ := s.enter()
	a.send(`421["wait"]`, `422["go"]`)
	b.send(`421["go"]`)
	b.expect(`431[null]`)
	g.open()
	a.expect(`431[null]`, `432[null]`)
}
