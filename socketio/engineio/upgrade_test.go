package engineio_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"expresschat/socketio/engineio"
)

// probe opens a websocket for a session that polls.
func (p poller) probe() *wire {
	p.t.Helper()
	w := p.attach()
	w.send("2probe")
	w.expect("3probe")
	return w
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	for revision, noop := range map[string]string{"4": "6", "3": "1:6"} {
		p := start(t, engineio.Options{}).open(revision)
		answer := p.background()
		w := p.probe()
		p.is(<-answer, noop)
		p.gets(noop) // whenever it asks again before it has changed over
		w.send("5", "4hello")
		w.expect("4hello")

		refused(t, p.get(), 3)
		refused(t, p.post("4a"), 3)
		second := p.dial("EIO=4&sid=" + p.session.ID())
		second.expect("EOF")
		w.send("4still there")
		w.expect("4still there")
		w.close()
		p.peer.ended(t, engineio.ReasonTransport)
	}
}

// What is queued while the client changes over reaches it, in order.
func TestUpgradeKeepsOrder(t *testing.T) {
	t.Parallel()
	p := start(t, engineio.Options{}).open("4")
	p.session.Send(message("1"))
	w := p.probe()
	p.session.Send(message("2"))
	p.gets("41\x1e42")
	p.session.Send(message("3"))
	w.send("5")
	w.expect("43")
	p.session.Send(message("4"))
	w.expect("44")
}

// Only one websocket may probe, and the session goes on whatever becomes of it.
func TestProbes(t *testing.T) {
	t.Parallel()
	p := start(t, engineio.Options{}).open("4")
	for name, text := range map[string]string{
		"another ping": "2", "another probe": "2other", "message": "4a", "close": "1", "noop": "6", "nonsense": "abc", "nothing": "",
	} {
		w := p.attach()
		w.send(text)
		if a, b := w.read(), w.read(); a != "close" || b != "EOF" {
			t.Errorf("%s: %q %q", name, a, b)
		}
		p.exchange("4still there", "4still there")
	}
	w := p.probe()
	p.dial("EIO=4&sid=" + p.session.ID()).expect("EOF")
	w.write(frame(fin|ping, "a"))
	w.expect("pong a")
	w.write(frame(fin|bytes_, "5"))
	w.expect("close", "EOF")
	p.exchange("4still there", "4still there")
	p.probe().reset()
	w = p.attach()
	answer := p.background() // no noop: this one has said nothing
	p.posts("4still there")
	p.is(<-answer, "4still there")
	w.send("2probe")
	w.expect("3probe")
	w.send("5", "4moved")
	w.expect("4moved")
}

// attach opens a websocket beside a session that polls, again and again until the server
// has noticed that the one before is over.
func (p poller) attach() *wire {
	p.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		w := p.dial("EIO=4&sid=" + p.session.ID())
		if _, err := w.conn.Write(frame(fin|ping, "here")); err == nil && w.read() == "pong here" {
			return w
		}
		w.close()
	}
	p.t.Fatal("the probe does not end")
	return nil
}

// A probe that does not become an upgrade ends, and polling goes on.
func TestUpgradeTimeout(t *testing.T) {
	t.Parallel()
	p := start(t, engineio.Options{UpgradeTimeout: time.Second}).open("4")
	p.probe().expect("EOF")
	p.attach().expect("EOF") // one that says nothing
	p.exchange("4still there", "4still there")
	w := p.probe()
	w.send("5", "4moved")
	w.expect("4moved")
}

// The end of a session ends its probe.
func TestCloseWhileProbing(t *testing.T) {
	t.Parallel()
	p := start(t, engineio.Options{}).open("4")
	w := p.probe()
	p.posts("1")
	w.expect("EOF")
	p.peer.ended(t, engineio.ReasonTransport)
}

// A client that changes over while it still polls gets what is sent once, over the
// websocket, and the poll's answer is a noop. Both used to take it.
func TestUpgradeDuringPoll(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	for range 50 {
		p := e.open("4")
		answer := p.background()
		w := p.dial("EIO=4&sid=" + p.session.ID())
		w.write(frames(frame(fin|text, "5"), frame(fin|text, "4one"), frame(fin|text, "4two")))
		w.expect("4one", "4two")
		p.is(<-answer, "6")
		w.close()
		p.peer.ended(t, engineio.ReasonTransport)
	}
}

// broken is the connection of a poll that has gone away.
type broken struct{ *httptest.ResponseRecorder }

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// A poll that breaks off does not end a session that has left polling.
func TestPollBreaksOffDuringUpgrade(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	p := e.open("4")
	over, told := make(chan struct{}), make(chan struct{}, 1)
	go func() {
		defer close(over)
		r := httptest.NewRequestWithContext(awaited{t.Context(), told}, http.MethodGet, "/?"+p.query, nil)
		e.srv.ServeHTTP(broken{httptest.NewRecorder()}, r)
	}()
	wait(t, told)
	w := p.dial("EIO=4&sid=" + p.session.ID())
	w.send("5")
	wait(t, over)
	w.send("4moved")
	w.expect("4moved")
}

// A client that still posts can't change over: what it says would have no order.
func TestUpgradeDuringPost(t *testing.T) {
	t.Parallel()
	p := start(t, engineio.Options{}).open("4")
	post := p.halfPost("4pos")
	w := p.probe()
	w.send("5")
	w.expect("close", "EOF")
	post.write([]byte("t"))
	if got := post.answer(); got.body != "ok" {
		t.Errorf("%+v", got)
	}
	p.gets("4post")
	w = p.probe()
	w.send("5", "4moved")
	w.expect("4moved")
}
