package enginetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"expresschat/socketio"
)

// joiner is a namespace whose sockets join and leave as their clients tell them.
func joiner(more handlers) socketio.Namespace {
	h := handlers{
		"join":  do(func(s socketio.Socket, rooms []string) { s.Join(rooms...) }),
		"leave": do(func(s socketio.Socket, rooms []string) { s.Leave(rooms...) }),
	}
	for name, handler := range more {
		h[name] = handler
	}
	return socketio.Namespace{Handlers: h, Respond: answer}
}

func testRooms(t *testing.T, make Make) {
	s := start(t, make, Config{}, joiner(nil))
	clients, ids := map[string]*client{}, map[string]string{}
	for _, name := range []string{"ana", "ben", "cat", "dan"} {
		clients[name], ids[name] = s.enter()
	}
	tell := func(name, packet string) {
		t.Helper()
		clients[name].send(`421` + packet)
		clients[name].expect(`431[null]`)
	}
	tell("ana", `["join",["red"]]`)
	tell("ben", `["join",["red","blue","red"]]`)
	tell("ben", `["join",["blue"]]`)
	tell("cat", `["join",["blue"]]`)
	tell("dan", `["join",["red"]]`)
	tell("dan", `["leave",["red","never","`+ids["dan"]+`"]]`)
	tests := []struct {
		to   socketio.Audience
		want string
	}{
		{socketio.Audience{Rooms: []string{"red"}}, "ana ben"},
		{socketio.Audience{Rooms: []string{"red", "blue"}}, "ana ben cat"},
		{socketio.Audience{Rooms: []string{"red", "blue", ids["ana"]}}, "ana ben cat"},
		{socketio.Audience{Rooms: []string{"red"}, Except: []string{ids["ben"]}}, "ana"},
		{socketio.Audience{Rooms: []string{"red", "blue"}, Except: []string{"red"}}, "cat"},
		{socketio.Audience{Rooms: []string{"red"}, Except: []string{"red"}}, ""},
		{socketio.Audience{Rooms: []string{ids["dan"]}}, "dan"},
		{socketio.Audience{Rooms: []string{ids["dan"], ids["cat"]}, Except: []string{"green"}}, "cat dan"},
		{socketio.Audience{Rooms: []string{"green"}}, ""},
		{socketio.Audience{}, ""},
	}
	for i, test := range tests {
		if err := s.to.Emit(test.to, "hit", i); err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Fields(test.want) {
			clients[name].expect(event("hit", i))
		}
	}
	for name, id := range ids { // nobody got more than that
		if err := s.to.Emit(socketio.Audience{Rooms: []string{id}}, "end", name); err != nil {
			t.Fatal(err)
		}
		clients[name].expect(event("end", name))
	}
	if err := s.to.Emit(socketio.Audience{Rooms: []string{"red"}}, "bad", func() {}); err == nil {
		t.Error("an argument that is not JSON was sent")
	}
}

func testJoinAfterEnd(t *testing.T, make Make) {
	ended := newSignal[socketio.Socket]()
	ns := joiner(nil)
	ns.Disconnected = func(s socketio.Socket, _ string) { ended <- s }
	s := start(t, make, Config{}, ns)
	c, id := s.enter()
	watcher, _ := s.enter()
	watcher.send(`421["join",["red"]]`)
	watcher.expect(`431[null]`)
	c.send(`421["join",["red"]]`)
	c.expect(`431[null]`)
	c.send(`41`)
	sock := ended.wait(t)
	sock.Join("red", "blue")
	sock.Leave("red")
	if err := s.to.Emit(socketio.Audience{Rooms: []string{"red", "blue", id}}, "hit", nil); err != nil {
		t.Fatal(err)
	}
	watcher.expect(event("hit", nil))
	c.send(`40`)
	sid(t, c.next(), `40`) // and nothing before it
}

// testStorm has sockets join and leave a room, and come and go, while others sit in
// it and must get every broadcast once and in order.
func testStorm(t *testing.T, make Make) {
	const residents, visitors, rounds = 4, 6, 60
	s := start(t, make, Config{}, joiner(handlers{
		"visit": do(func(s socketio.Socket, n int) {
			for range n {
				s.Join("hall", "attic")
				s.Leave("attic", "hall")
			}
		}),
	}))
	hall := socketio.Audience{Rooms: []string{"hall"}}
	var homes []*client
	for range residents {
		c, _ := s.enter()
		c.send(`421["join",["hall"]]`)
		c.expect(`431[null]`)
		homes = append(homes, c)
	}
	var storm sync.WaitGroup
	for range visitors {
		storm.Go(func() {
			for range rounds / 10 {
				c, _ := s.enter()
				c.send(`42["visit",200]`, `421["join",["hall"]]`)
				for !strings.HasPrefix(c.next(), `431`) {
				}
				c.close()
			}
		})
	}
	for i := range rounds {
		if err := s.to.Emit(hall, "tick", i); err != nil {
			t.Error(err)
		}
		for _, c := range homes {
			c.expect(event("tick", i))
		}
		if err := s.to.Emit(socketio.Audience{Rooms: []string{"attic"}}, "tock", i); err != nil {
			t.Error(err)
		}
	}
	storm.Wait()
	if err := s.to.Emit(hall, "over", nil); err != nil {
		t.Error(err)
	}
	for _, c := range homes {
		c.expect(event("over", nil))
	}
}

func testLarge(t *testing.T, make Make) {
	s := start(t, make, Config{MaxPayload: 1 << 16}, socketio.Namespace{
		Connected: func(_ context.Context, s socketio.Socket) { s.Join("all") },
		Handlers: handlers{"twice": socketio.Handle(func(_ context.Context, _ socketio.Socket, in string) (any, error) {
			return in + in, nil
		})},
		Respond: answer,
	})
	fits, tooLong := strings.Repeat("ü", 20_000), strings.Repeat("x", 1<<16)
	c, _ := s.enter()
	p := s.poll("")
	p.enter()
	c.send(fmt.Sprintf(`421["twice",%q]`, fits))
	c.expect(fmt.Sprintf(`431[%q]`, fits+fits))
	p.send(fmt.Sprintf(`421["twice",%q]`, fits))
	p.expect(fmt.Sprintf(`431[%q]`, fits+fits))
	long := strings.Repeat("long", 1<<18)
	if err := s.to.Emit(socketio.Audience{Rooms: []string{"all"}}, "long", long); err != nil {
		t.Fatal(err)
	}
	c.expect(event("long", long))
	p.expect(event("long", long))

	_ = c.ws.Write(c.ctx, websocket.MessageText, fmt.Appendf(nil, `421["twice",%q]`, tooLong)) // may be cut short
	c.expectEnd()
	if status := p.post(fmt.Sprintf(`421["twice",%q]`, tooLong)); status != 413 {
		t.Errorf("too long a post: status %d", status)
	}
	p.expect("end")
}
