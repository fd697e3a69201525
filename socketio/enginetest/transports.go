package enginetest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"expresschat/socketio"
)

func testPolling(t *testing.T, make Make) {
	ended := newSignal[string]()
	s := start(t, make, Config{}, socketio.Namespace{
		Handlers: handlers{"echo": socketio.Handle(func(_ context.Context, s socketio.Socket, in any) (any, error) {
			_ = s.Emit("echo", in)
			return in, nil
		})},
		Respond:      answer,
		Disconnected: func(_ socketio.Socket, reason string) { ended <- reason },
	})
	p := s.poll("")
	p.enter()
	if got := p.header.Get("Content-Type"); got != "text/plain; charset=UTF-8" {
		t.Errorf("content type: %s", got)
	}
	for _, name := range []string{"Access-Control-Allow-Origin", "Content-Encoding", "Set-Cookie"} {
		if got := p.header.Get(name); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	for i := range 50 {
		p.send(fmt.Sprintf(`42%d["echo","ü<&>"]`, i), `42["echo",2]`)
		p.expect(`42["echo","ü<&>"]`, fmt.Sprintf(`43%d["ü<&>"]`, i), `42["echo",2]`)
	}
	p.send(`42["echo",3]`, `1`) // the transport's own goodbye
	if got := ended.wait(t); got != socketio.ReasonTransport {
		t.Errorf("reason: %s", got)
	}
	q := s.poll("")
	q.enter()
	q.send(`42["echo",3]`)
	q.expect(`42["echo",3]`)
	q.send(`41`)
	if got := ended.wait(t); got != socketio.ReasonClientLeft {
		t.Errorf("reason: %s", got)
	}
	// A client that leaves its poll is gone, whether the server has seen the poll yet
	// or not; only in the second case it has to be told.
	r := s.poll("")
	r.enter()
	ctx, cancel := context.WithCancel(r.ctx)
	left := newSignal[error]()
	go func() {
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, r.url, nil)
		resp, err := r.http.Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		left <- err
	}()
	cancel()
	if err := left.wait(t); err == nil {
		t.Error("poll was answered")
	}
	r.post(`1`)
	if got := ended.wait(t); got != socketio.ReasonTransport {
		t.Errorf("reason: %s", got)
	}
}

// testUpgrade changes to a websocket while events pour in both directions. None may
// be lost, doubled or overtaken.
func testUpgrade(t *testing.T, make Make) {
	const count = 400
	for range 5 {
		heard, ended := newSignal[int](), newSignal[string]()
		s := start(t, make, Config{}, socketio.Namespace{
			Connected:    func(_ context.Context, s socketio.Socket) { s.Join("all") },
			Handlers:     handlers{"n": do(func(_ socketio.Socket, n int) { heard <- n })},
			Disconnected: func(_ socketio.Socket, reason string) { ended <- reason },
		})
		p := s.poll("")
		p.enter()
		p.send(event("n", -1))
		heard.wait(t)
		var load sync.WaitGroup
		load.Go(func() {
			for i := range count {
				if err := s.to.Emit(socketio.Audience{Rooms: []string{"all"}}, "n", i); err != nil {
					t.Error(err)
				}
			}
		})
		got := 0
		take := func(packet string) {
			t.Helper()
			if packet != event("n", got) {
				t.Fatalf("got %s, want %d", packet, got)
			}
			got++
		}
		for range 3 {
			p.send(event("n", got))
			take(p.next())
		}
		ws := s.raw("sid="+p.id, nil)
		ws.send("2probe")
		ws.expect("3probe")
		p.send(event("n", 1000))
		for _, packet := range append(p.queue, p.lastPoll()...) {
			if packet != "6" {
				take(packet)
			}
		}
		ws.send("5", event("n", 1001))
		for got < count {
			if packet := ws.next(); packet != "6" {
				take(packet)
			}
		}
		load.Wait()
		for range 3 {
			heard.wait(t)
		}
		for _, want := range []int{1000, 1001} {
			if n := heard.wait(t); n != want {
				t.Fatalf("heard %d, want %d", n, want)
			}
		}
		if status, _ := p.do(http.MethodGet, ""); status != http.StatusBadRequest {
			t.Errorf("poll after the upgrade: status %d", status)
		}
		ws.send("41")
		if reason := ended.wait(t); reason != socketio.ReasonClientLeft {
			t.Errorf("reason: %s", reason)
		}
	}
}

// lastPoll is the poll that a client lets end before it upgrades.
func (p *poller) lastPoll() []string {
	status, answer := p.do(http.MethodGet, "")
	if status != http.StatusOK {
		p.t.Fatalf("last poll: status %d", status)
	}
	return strings.Split(answer, "\x1e")
}

func testMalformed(t *testing.T, make Make) {
	ended := newSignal[string]()
	ns := joiner(nil)
	ns.Disconnected = func(_ socketio.Socket, reason string) { ended <- reason }
	s := start(t, make, Config{}, ns)
	other, _ := s.enter()
	for _, packets := range [][]string{
		{``},
		{`x`},
		{`4`},
		{`49`},
		{`4x`},
		{`42`},
		{`42{}`},
		{`42[]`},
		{`42[null]`},
		{`42[{}]`},
		{`42["a"`},
		{`42["join",[]`},
		{`42/nowhere,["join"]`},
		{`40`},
		{`40{}`},
		{`44{}`},
		{`4299999999999999999999["join"]`},
		{`451-["join",{"_placeholder":true,"num":0}]`, `42["join",[]]`},
		{`4599-["join"]`},
		{`45["join"]`},
		{`41`, `42["join",[]]`, `x`},
		{`2`},
		{`42/` + strings.Repeat("n", 1000) + `,["join"]`},
	} {
		c, _ := s.enter()
		c.send(`421["join",[]]`)
		c.expect(`431[null]`)
		for _, p := range packets {
			_ = c.ws.Write(c.ctx, 1, []byte(p))
		}
		c.expectEnd()
		ended.wait(t)
	}
	c, _ := s.enter()
	c.send(`421["join",[]]`)
	c.expect(`431[null]`)
	c.sendBinary([]byte{0, 1, 2})
	c.expectEnd()
	ended.wait(t)
	for _, packets := range []string{`40[]`, `40"x"`, `40{`, `42["join",[]]`, `41`} { // before it is in
		c := s.dial("", nil)
		c.send(packets)
		c.expectEnd()
	}
	other.send(`421["join",["red"]]`)
	other.expect(`431[null]`)
	other.close()
	if reason := ended.wait(t); reason != socketio.ReasonTransport {
		t.Errorf("reason of the other one: %s", reason)
	}
	ended.noMore(t, s)
}

func testMalformedPosts(t *testing.T, make Make) {
	ended := newSignal[string]()
	ns := joiner(nil)
	ns.Disconnected = func(_ socketio.Socket, reason string) { ended <- reason }
	s := start(t, make, Config{}, ns)
	for _, body := range []string{"", "x", "4", "42", "49\x1e", "42[\"a\"", "42[\"join\",[]]\x1ex", "b!!!", "bAAAA", "\x1e\x1e"} {
		p := s.poll("")
		p.enter()
		p.send(`421["join",[]]`)
		p.expect(`431[null]`)
		p.post(body)
		for p.next() != "end" {
		}
		ended.wait(t)
	}
	for _, q := range []string{"", "transport=polling&sid=unknown", "transport=carrier", "transport=websocket", "transport=polling&EIO=2"} {
		resp, err := http.Get(s.address(q))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest && !strings.Contains(q, "EIO") {
			t.Errorf("%s: status %d", q, resp.StatusCode)
		}
	}
}

func testOrigins(t *testing.T, make Make) {
	s := start(t, make, Config{}, joiner(nil))
	c := s.dial("", http.Header{"Origin": {"https://elsewhere.example"}})
	c.join("/", "")
	req, _ := http.NewRequest(http.MethodGet, s.address("transport=polling"), nil)
	req.Header.Set("Origin", "https://elsewhere.example")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("poll from elsewhere: %d %v", resp.StatusCode, resp.Header)
	}
}

// testAllow has the server turn away whoever comes from one place, and nobody else.
func testAllow(t *testing.T, make Make) {
	s := start(t, make, Config{}, repeater())
	s.engine.Allow(func(r *http.Request) bool { return r.Header.Get("Origin") != "https://evil.example" })
	welcome := http.Header{"Origin": {"https://app.example"}}
	c := s.dial("", welcome)
	c.join("/", "")
	p := s.poll("")
	p.enter()
	for name, req := range map[string]struct{ method, query, connection string }{
		"poll":                        {http.MethodGet, "transport=polling", ""},
		"poll of revision 3":          {http.MethodGet, "EIO=3&transport=polling", ""},
		"poll of a session":           {http.MethodGet, "transport=polling&sid=" + p.id, ""},
		"post to a session":           {http.MethodPost, "transport=polling&sid=" + p.id, ""},
		"preflight":                   {http.MethodOptions, "transport=polling", ""},
		"websocket":                   {http.MethodGet, "transport=websocket", "Upgrade"},
		"websocket of revision 3":     {http.MethodGet, "EIO=3&transport=websocket", "Upgrade"},
		"websocket for a session":     {http.MethodGet, "transport=websocket&sid=" + p.id, "Upgrade"},
		"what is none of all of that": {http.MethodPut, "transport=carrier", ""},
	} {
		r, _ := http.NewRequest(req.method, s.address(req.query), strings.NewReader(""))
		r.Header.Set("Origin", "https://evil.example")
		if req.connection != "" {
			r.Header.Set("Connection", req.connection)
			r.Header.Set("Upgrade", "websocket")
			r.Header.Set("Sec-WebSocket-Version", "13")
			r.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden || string(body) != `{"code":4,"message":"Forbidden"}` ||
			resp.Header.Get("Content-Type") != "application/json" || resp.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %s %v", name, resp.StatusCode, body, resp.Header)
		}
	}
	c.send(`42["message"]`)
	c.expect(`42["message-back"]`)
	p.send(`42["message"]`)
	p.expect(`42["message-back"]`)
}

func testPath(t *testing.T, make Make) {
	s := start(t, make, Config{}, joiner(nil))
	web := httptest.NewServer(s.engine)
	t.Cleanup(web.Close)
	for _, path := range []string{"/", "/socket.io", "/a/b/c/"} {
		s.url = web.URL + path
		s.enter()
		s.poll("").enter()
	}
}
