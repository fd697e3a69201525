package enginetest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"expresschat/socketio"
)

// testBounds has clients say what is just small enough, and then what is not: that ends
// their connection, and nobody else's.
func testBounds(t *testing.T, make Make) {
	const mostBytes, mostAttachments, mostLevels = 1 << 20, 10, 32
	s := start(t, make, Config{}, joiner(nil))
	witness, _ := s.enter()
	nested := func(levels int) string { // the arguments are one of them
		return `421["join",` + strings.Repeat("[", levels-1) + strings.Repeat("]", levels-1) + `]`
	}
	long := func(size int) string {
		const head, tail = `421["join",["`, `"]]`
		return head + strings.Repeat("x", size-len(head)-len(tail)) + tail
	}
	attached := func(n int) []string {
		packets := []string{fmt.Sprintf(`45%d-1["join",[]]`, n)}
		for range n {
			packets = append(packets, bytesMark+"x")
		}
		return packets
	}
	for name, test := range map[string]struct{ good, bad []string }{
		"bytes":               {[]string{long(mostBytes)}, []string{long(mostBytes + 1)}},
		"levels":              {[]string{`421["join",[]]`}, []string{nested(mostLevels + 1)}},
		"levels of a CONNECT": {[]string{`421["join",[]]`}, []string{`40/other,` + strings.Repeat(`{"a":`, mostLevels+1) + "1" + strings.Repeat("}", mostLevels+1)}},
		"levels of an ack":    {[]string{`421["join",[]]`}, []string{`431[` + strings.Repeat("[", mostLevels) + strings.Repeat("]", mostLevels) + `]`}},
		"attachments":         {attached(mostAttachments), attached(mostAttachments + 1)[:1]},
	} {
		fresh(t, s, name, func(t *testing.T, c connecter) {
			c.join("/", "")
			c.send(test.good...)
			c.expect(`431[null]`)
			if ws, ok := c.(*client); ok && name == "bytes" { // which may end before it is all written
				_ = ws.ws.Write(ws.ctx, websocket.MessageText, []byte(test.bad[0]))
				ws.rest()
				return
			}
			c.ruin(test.bad...)
		})
	}
	witness.send(`421["join",["all"]]`)
	witness.expect(`431[null]`)
}

// testConnects has a client come and go in turn while nobody who came is done with: it is
// ended at the bound, and as many hooks wait as it has come times. So is one that asks for
// one namespace after another.
func testConnects(t *testing.T, make Make) {
	g := newGate(t)
	var greeted atomic.Int32
	// Who asks for one namespace after another is in none all the while.
	s := start(t, make, Config{ConnectTimeout: patience}, socketio.Namespace{
		Connected: func(context.Context, socketio.Socket) { greeted.Add(1); g.pass() },
	})
	c := s.dial("", nil)
	for range socketio.MaxConnects {
		c.join("/", "")
		c.send(`41`)
	}
	c.send(`40`)
	c.expectEnd()
	g.open()
	fresh(t, s, "namespaces", func(t *testing.T, c connecter) {
		for i := range socketio.MaxConnects {
			c.send(fmt.Sprintf(`40/%d,`, i))
			c.expect(fmt.Sprintf(`44/%d,{"message":"Invalid namespace"}`, i))
		}
		c.ruin(`40`)
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.engine.Stop(ctx); err != nil {
		t.Error(err)
	}
	if n := greeted.Load(); n != socketio.MaxConnects {
		t.Errorf("%d came in, want %d", n, socketio.MaxConnects)
	}
}

// testTrickle has a client send its body byte by byte, and no end in sight.
func testTrickle(t *testing.T, make Make) {
	ended := newSignal[string]()
	ns := joiner(nil)
	ns.Disconnected = func(_ socketio.Socket, reason string) { ended <- reason }
	s := start(t, make, Config{BodyTimeout: time.Second}, ns)
	p := s.poll("")
	p.enter()
	tcp, host, path := p.tcp()
	fmt.Fprintf(tcp, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 1000000\r\n\r\n", path, host)
	go func() {
		for range 900_000 { // never all of it
			if _, err := tcp.Write([]byte("x")); err != nil {
				return
			}
		}
	}()
	if got := ended.wait(t); got != socketio.ReasonTransport {
		t.Errorf("ended: %s", got)
	}
	answer, err := http.ReadResponse(bufio.NewReader(tcp), nil)
	if err == nil {
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusBadRequest {
			t.Errorf("answered by %d", answer.StatusCode)
		}
	}
}

// testStalledUpgrade has websockets begin to take over and go no further, one with a probe and
// one without: they end, and the session goes on without them.
func testStalledUpgrade(t *testing.T, make Make) {
	s := start(t, make, Config{UpgradeTimeout: time.Second}, joiner(nil))
	p := s.poll("")
	p.enter()
	for _, probes := range []bool{true, false} {
		ws := s.raw("sid="+p.id, nil)
		if probes {
			ws.send("2probe")
			ws.expect("3probe")
		}
		ws.expectEnd()
	}
	p.send(`421["join",[]]`)
	p.expect(`431[null]`)
}

// testAdmit has an engine ask who may come, and tell what became of those that came.
func testAdmit(t *testing.T, make Make) {
	var pending atomic.Int32
	settled := newSignal[struct{}]()
	e := make(Config{})
	e.Admit(func(r *http.Request) (func(), time.Duration) {
		if r.URL.Query().Has("later") {
			return nil, 1500 * time.Millisecond
		}
		pending.Add(1)
		return func() { pending.Add(-1); settled <- struct{}{} }, 0
	})
	ns := joiner(nil)
	ns.Authorise = func(_ context.Context, h socketio.Handshake) (any, error) {
		if h.Query.Has("nobody") {
			return nil, &socketio.Farewell{Event: "no", Arg: 1}
		}
		return 1, nil
	}
	s := start(t, func(Config) socketio.Engine { return e }, Config{}, ns)

	for _, query := range []string{"transport=polling&later=1", "transport=websocket&later=1"} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.address(query), nil)
		if strings.Contains(query, "websocket") {
			r.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"AAAAAAAAAAAAAAAAAAAAAA=="}}
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") != "2" {
			t.Errorf("%s: %d, retry after %q", query, answer.StatusCode, answer.Header.Get("Retry-After"))
		}
	}
	bad, err := http.Get(s.address("transport=carrier"))
	if err != nil {
		t.Fatal(err)
	}
	_ = bad.Body.Close()

	// The one comes in, one leaves before, and one may not stay. What never became a connection
	// is no more pending than they are then.
	await := func(n int32) {
		for pending.Load() != n {
			settled.wait(t)
		}
	}
	await(0)
	c := s.dial("", nil)
	await(1)
	c.join("/", "")
	await(0)
	gone := s.poll("")
	await(1)
	gone.post("1")
	await(0)
	nobody := s.dial("nobody=1", nil)
	await(1)
	nobody.send(`40`)
	nobody.rest()
	await(0)
	c.send(`421["join",[]]`) // those that came in can say what they like
	c.expect(`431[null]`)
}
