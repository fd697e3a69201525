package enginetest

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"expresschat/socketio"
)

func testArgsThatCannotBeSent(t *testing.T, make Make) {
	here, failed := newSignal[struct{}](), newSignal[error]()
	raw := func(texts ...string) (list []json.RawMessage) {
		for _, text := range texts {
			list = append(list, json.RawMessage(text))
		}
		return list
	}
	wrong := []socketio.Args{
		{JSON: raw(``)},
		{JSON: raw(`1`, `{`)},
		{JSON: raw(`1,2`)},
		{JSON: raw("\"\xff\"")},
		{JSON: raw(`{"_placeholder":true,"num":1}`), Attachments: [][]byte{{1}}},
		{JSON: raw(`1`), Attachments: slices.Repeat([][]byte{{1}}, 11)},
	}
	s := start(t, make, Config{}, socketio.Namespace{
		Connected: func(context.Context, socketio.Socket) { here <- struct{}{} },
		Handlers: handlers{"go": do(func(s socketio.Socket, _ struct{}) {
			for _, args := range wrong {
				failed <- s.Emit("wrong", args)
			}
			failed <- s.Emit("right", socketio.Args{JSON: []json.RawMessage{nil, []byte(" [1, 2] ")}})
		})},
		Respond: func(_ context.Context, _ socketio.Socket, c socketio.Call, _ any, _ error) {
			c.Ack(wrong[0])
			c.Ack(socketio.Args{})
		},
	})
	c, id := s.enter()
	here.wait(t) // nothing is encoded for nobody
	for _, args := range wrong {
		if err := s.to.Emit(socketio.Audience{Rooms: []string{id}}, "wrong", args); err == nil {
			t.Errorf("%s with %d attachments was sent", args.JSON, len(args.Attachments))
		}
	}
	c.send(`421["go"]`)
	for range wrong {
		if err := failed.wait(t); err == nil {
			t.Error("no error")
		}
	}
	if err := failed.wait(t); err != nil {
		t.Error(err)
	}
	c.expect(`42["right",null, [1, 2] ]`, `431[]`)
}

func testMalformedAttachments(t *testing.T, make Make) {
	ns := repeater()
	ended := newSignal[string]()
	ns.Disconnected = func(_ socketio.Socket, reason string) { ended <- reason }
	const limit = 64 << 10
	s := start(t, make, Config{MaxPayload: limit}, ns)
	half := bytesMark + strings.Repeat("x", limit/2)
	text := `452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`
	for _, packets := range [][]string{
		{bytesMark},
		{text, half, `42["message"]`},
		{text, half, `43[]`},
		{text, half, half + "x"},
		{`4511-["message"]`},
		{`451-["message",{"_placeholder":true,"num":1}]`, bytesMark},
		{`451-["message",{"_placeholder":true,"num":-1}]`, bytesMark},
		{`451-["message",{"_placeholder":true,"num":0.5}]`, bytesMark},
		{`451-["message",{"_placeholder":true,"num":"0"}]`, bytesMark},
		{`451-["message",[{"a":{"_placeholder":true}}]]`, bytesMark},
		{`451-["message",{"_placeholder":true,"num":99999999999999999999}]`, bytesMark},
		{`450-["message",{"_placeholder":true,"num":0}]`},
		{`451-[{"_placeholder":true,"num":0}]`, bytesMark},
		{`451-{"_placeholder":true,"num":0}`, bytesMark},
		{`461-1{"_placeholder":true,"num":0}`, bytesMark},
		{`461-1[{"_placeholder":true,"num":1}]`, bytesMark},
		{`4611-1[]`},
		{`43/nowhere,1[]`},
		{`451-["message"`, bytesMark},
		{`451-["message"]`, bytesMark, bytesMark},
		{`43{}`},
		{`43`},
		{`41{}`},
	} {
		c, _ := s.enter()
		c.send(`421["message-with-ack"]`) // once it is answered, Connected has run
		c.expect(`431[]`)
		for _, p := range packets {
			c.send(p)
		}
		for _, p := range c.rest() {
			if p != `451-["message-back"]` && p != bytesMark {
				t.Errorf("%.100q: got %.100q", packets, p)
			}
		}
		ended.wait(t)
	}
	c, _ := s.enter()
	c.send(text, half, half) // just not too large
	c.expect(strings.Replace(text, "message", "message-back", 1), half, half)
}
