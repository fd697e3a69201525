package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"expresschat/socketio"
)

// talker is a client over any transport and of either revision.
type talker interface {
	send(packets ...string)
	next() string
	expect(packets ...string)
}

// everywhere runs test for every kind of client. All are in the default namespace.
func everywhere(t *testing.T, s *server, test func(t *testing.T, c talker)) {
	t.Helper()
	for name, enter := range map[string]func() talker{
		"websocket":             func() talker { c, _ := s.enter(); return c },
		"polling":               func() talker { p := s.poll(""); p.enter(); return p },
		"websocket, revision 3": func() talker { c := s.dial("EIO=3", nil); c.expect("40"); return c },
		"polling, revision 3":   func() talker { p := s.poll("EIO=3"); p.expect("40"); return p },
	} {
		c := enter()
		t.Run(name, func(t *testing.T) { test(t, c) })
	}
}

// repeater is a namespace that gives back what it gets.
func repeater() socketio.Namespace {
	return socketio.Namespace{
		Handlers: handlers{
			"message": socketio.HandleArgs(func(_ context.Context, s socketio.Socket, args socketio.Args) (any, error) {
				return nil, s.Emit("message-back", args)
			}),
			"message-with-ack": socketio.Handle(func(_ context.Context, _ socketio.Socket, args socketio.Args) (any, error) {
				return args, nil
			}),
			"first": socketio.Handle(func(_ context.Context, _ socketio.Socket, first json.RawMessage) (any, error) {
				return first, nil
			}),
		},
		Respond: func(_ context.Context, _ socketio.Socket, c socketio.Call, result any, err error) {
			if errors.Is(err, socketio.ErrDecode) {
				result = "another shape"
			}
			c.Ack(result)
		},
	}
}

// all are the values that a byte has.
func all() string {
	var b []byte
	for i := range 256 {
		b = append(b, byte(i))
	}
	return string(b)
}

func testArgs(t *testing.T, make Make) {
	s := start(t, make, Config{}, repeater())
	two := []string{bytesMark + "\x01\x02\x03", bytesMark + "\x04\x05\x06"}
	one := two[:1]
	var ten []string
	for i := range 10 {
		ten = append(ten, fmt.Sprint(bytesMark, i))
	}
	tests := []struct {
		send, attached, want, follow []string
	}{
		{send: []string{`42["message",1,"2",{"3":[true]}]`}, want: []string{`42["message-back",1,"2",{"3":[true]}]`}},
		{send: []string{`42["message"]`}, want: []string{`42["message-back"]`}},
		{send: []string{`42["message",null,[]]`}, want: []string{`42["message-back",null,[]]`}},
		{send: []string{`42456["message-with-ack",1,"2",{"3":[false]}]`}, want: []string{`43456[1,"2",{"3":[false]}]`}},
		{send: []string{`420["message-with-ack"]`}, want: []string{`430[]`}},
		{
			send: []string{`452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`}, attached: two,
			want: []string{`452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`}, follow: two,
		},
		{
			send: []string{`452-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`}, attached: two,
			want: []string{`462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`}, follow: two,
		},
		{
			send: []string{`452-["message",{"a":[{"num":1,"_placeholder":true}]},"ü",{"_placeholder":true,"num":1}]`}, attached: two,
			want: []string{`452-["message-back",{"a":[{"num":1,"_placeholder":true}]},"ü",{"_placeholder":true,"num":1}]`}, follow: two,
		},
		{
			send: []string{`451-0["message-with-ack",{"_placeholder":true,"num":0}]`}, attached: []string{bytesMark + all()},
			want: []string{`461-0[{"_placeholder":true,"num":0}]`}, follow: []string{bytesMark + all()},
		},
		{send: []string{`451-["message",1]`}, attached: []string{bytesMark}, want: []string{`451-["message-back",1]`}, follow: []string{bytesMark}},
		{send: []string{`4510-["message"]`}, attached: ten, want: []string{`4510-["message-back"]`}, follow: ten},
		{send: []string{`450-["message",1]`}, want: []string{`42["message-back",1]`}},
		{send: []string{`42["message",{"_placeholder":true}]`}, want: []string{`42["message-back",{"_placeholder":true}]`}},
		// Handlers of other types get the first argument, if they can.
		{send: []string{`421["first",[2],"3"]`}, want: []string{`431[[2]]`}},
		{send: []string{`451-1["first",2,{"_placeholder":true,"num":0}]`}, attached: one, want: []string{`431[2]`}},
		{send: []string{`451-1["first",[{"_placeholder":true,"num":0}]]`}, attached: one, want: []string{`431["another shape"]`}},
		// Nobody answers these.
		{send: []string{`451-["nobody",{"_placeholder":true,"num":0}]`}, attached: one},
		{send: []string{`462-1[{"_placeholder":true,"num":0},1]`}, attached: two},
		{send: []string{`431[]`}},
		{send: []string{`421["first",1]`}, want: []string{`431[1]`}},
	}
	everywhere(t, s, func(t *testing.T, c talker) {
		for _, test := range tests {
			c.send(append(slices.Clone(test.send), test.attached...)...)
			c.expect(append(slices.Clone(test.want), test.follow...)...)
		}
		for _, test := range tests { // one after the other
			c.send(test.send...)
			for _, a := range test.attached {
				c.send(a)
			}
		}
		for _, test := range tests {
			c.expect(append(slices.Clone(test.want), test.follow...)...)
		}
	})
}

// testArgsStay has handlers keep what they got, and those who emit use theirs again.
func testArgsStay(t *testing.T, make Make) {
	const count = 50
	kept := newSignal[socketio.Args]()
	s := start(t, make, Config{}, socketio.Namespace{
		Handlers: handlers{
			"keep": socketio.HandleArgs(func(_ context.Context, s socketio.Socket, args socketio.Args) (any, error) {
				kept <- args
				mine := socketio.Args{
					JSON:        []json.RawMessage{slices.Clone(args.JSON[0]), json.RawMessage(`{"_placeholder":true,"num":0}`)},
					Attachments: [][]byte{slices.Clone(args.Attachments[0])},
				}
				err := s.Emit("kept", mine)
				clear(mine.JSON[0])
				clear(mine.JSON[1])
				clear(mine.Attachments[0])
				return nil, err
			}),
		},
	})
	everywhere(t, s, func(t *testing.T, c talker) {
		for i := range count {
			c.send(fmt.Sprintf(`451-["keep",%d]`, i), bytesMark+strings.Repeat(fmt.Sprint(i), 2000))
		}
		for i := range count {
			c.expect(fmt.Sprintf(`451-["kept",%d,{"_placeholder":true,"num":0}]`, i), bytesMark+strings.Repeat(fmt.Sprint(i), 2000))
		}
		for i := range count {
			args := kept.wait(t)
			if n := fmt.Sprint(i); string(args.JSON[0]) != n || string(args.Attachments[0]) != strings.Repeat(n, 2000) {
				t.Errorf("%d: kept %s and %.20s", i, args.JSON[0], args.Attachments[0])
			}
		}
	})
}

// testArgsTogether has nothing come between an event and its attachments, whoever else
// sends to the same clients.
func testArgsTogether(t *testing.T, make Make) {
	const senders, count = 4, 100
	s := start(t, make, Config{}, socketio.Namespace{
		Connected: func(_ context.Context, s socketio.Socket) { s.Join("all"); _ = s.Emit("in", nil) },
	})
	var receivers []talker
	everywhere(t, s, func(t *testing.T, c talker) {
		c.expect(event("in", nil))
		receivers = append(receivers, c)
	})
	everyone := socketio.Audience{Rooms: []string{"all"}}
	var load, ends sync.WaitGroup
	for n := range senders {
		load.Go(func() {
			for i := range count {
				id := fmt.Sprint(n, ".", i)
				var arg any = "plain"
				if n%2 == 0 {
					arg = socketio.Args{
						JSON:        []json.RawMessage{json.RawMessage(`"` + id + `"`)},
						Attachments: [][]byte{[]byte(id + "a"), []byte(id + "b")},
					}
				}
				if err := s.to.Emit(everyone, "e", arg); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, c := range receivers {
		ends.Go(func() {
			for range senders * count {
				packet := c.next()
				id, ok := strings.CutPrefix(packet, `452-["e","`)
				if !ok {
					if packet != event("e", "plain") {
						t.Errorf("got %q", packet)
					}
					continue
				}
				id = strings.TrimSuffix(id, `"]`)
				for _, half := range []string{"a", "b"} {
					if got := c.next(); got != bytesMark+id+half {
						t.Errorf("after %s came %q", id, got)
					}
				}
			}
		})
	}
	load.Wait()
	ends.Wait()
}
