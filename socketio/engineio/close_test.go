package engineio_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"expresschat/socketio/engineio"
)

// "1" over polling: a poll that waits is answered with a noop.
func TestClientCloses(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	for revision, packets := range map[string][2]string{"4": {"1", "6"}, "3": {"1:1", "1:6"}} {
		p := e.open(revision)
		answer := p.background()
		p.posts(packets[0])
		p.is(<-answer, packets[1])
		p.peer.ended(t, engineio.ReasonTransport)
		p.gone()

		p = e.open(revision) // nor need there be one
		p.posts(packets[0])
		p.gone()

		w, q := e.enter(revision)
		w.send("1")
		w.expect("close", "EOF")
		q.ended(t, engineio.ReasonTransport)
	}
}

// What follows a close in the same body is not heard.
func TestNothingAfterClose(t *testing.T) {
	t.Parallel()
	heard := make(chan string, 4)
	e := startWith(t, engineio.Options{}, func(_ *peer, data []byte, _ bool) (<-chan struct{}, error) {
		heard <- string(data)
		return nil, nil
	})
	p := e.open("4")
	p.posts("4one\x1e1\x1e4two")
	w, q := e.enter("4")
	w.write(frames(frame(fin|text, "4one"), frame(fin|text, "1"), frame(fin|text, "4two")))
	q.ended(t, engineio.ReasonTransport)
	if a, b := wait(t, heard), wait(t, heard); a != "one" || b != "one" || len(heard) > 0 {
		t.Error(a, b, len(heard))
	}
}

// closeMe ends a session that says anything.
func closeMe(p *peer, _ []byte, _ bool) (<-chan struct{}, error) {
	p.session.Close("enough")
	return nil, nil
}

func TestServerCloses(t *testing.T) {
	t.Parallel()
	e := startWith(t, engineio.Options{}, closeMe)
	p := e.open("4")
	answer := p.background()
	p.session.Close("enough")
	p.is(<-answer, "6")
	p.peer.ended(t, "enough")
	p.gone()

	w, q := e.enter("4")
	w.send("4close me")
	q.ended(t, "enough")
	w.expect("close", "EOF")
	w.write(frame(fin|text, "4nobody listens"))
	w.write(frame(fin|closed, "\x03\xe8"))
}

// A client that does not answer the server's close is cut off.
func TestClientThatLingers(t *testing.T) {
	t.Parallel()
	e := startWith(t, engineio.Options{}, closeMe)
	w, q := e.enter("4")
	w.send("4close me")
	w.expect("close", "EOF")
	q.ended(t, "enough")
	if n := e.srv.Timers(); n != 1 {
		t.Errorf("%d timers", n)
	}
	q.session.Tick(0) // as the wheel does
	for _, err := w.conn.Write([]byte("x")); err == nil; {
		_, err = w.conn.Write([]byte("x"))
	}
}

// busy opens a websocket whose client does not read, and has the server write to it until
// it takes no more.
func busy(t *testing.T, e *echo, web string) (*wire, *peer) {
	t.Helper()
	w := e.wrap(dialNarrow(t, web))
	w.write([]byte(request("transport=websocket&EIO=4")))
	w.upgraded()
	p := e.greeted(w.read())
	for p.session.Waiting() < 64<<10 { // far more than one message is left then
		p.session.Send(message(strings.Repeat("x", 4000)))
	}
	return w, p
}

// What ends a connection is said even while somebody else writes to it: behind the
// message that is under way, and nothing else.
func TestCloseFrameWhileFlushing(t *testing.T) {
	t.Parallel()
	e := startWith(t, engineio.Options{MaxPayload: 100000}, closeMe)
	web := narrow(t, e).Listener.Addr().String()
	for name, test := range map[string]struct {
		says []byte
		want string
	}{
		"frame without a mask": {[]byte{fin | text, 2, 'h', 'i'}, "close 1002"},
		"not UTF-8":            {frame(fin|text, "4\xff"), "close 1007"},
		"too big":              {append(head(fin|text, 64, 100001), make([]byte, 100001)...), "close 1009"},
		"malformed packet":     {frame(fin|text, "x"), "close"},
		"goodbye":              {frame(fin|closed, ""), "close"},
		"server closes":        {frame(fin|text, "4close me"), "close"},
		"and hears nothing":    {frames(frame(fin|text, "4close me"), frame(fin|ping, "p"), frame(fin|closed, "")), "close"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, p := busy(t, e, web)
			w.t = t
			w.write(test.says)
			wait(t, p.closed)
			got := w.read()
			for ; got == "4"+strings.Repeat("x", 4000); got = w.read() {
			}
			if got != test.want {
				t.Fatalf("got %.100q, want %s", got, test.want)
			}
			w.expect("EOF")
			w.close()
		})
	}
}

// A client that takes neither what is under way nor the close frame is cut off.
func TestCloseFrameThatNobodyTakes(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	w, p := busy(t, e, narrow(t, e).Listener.Addr().String())
	w.write([]byte{fin | text, 2})
	p.ended(t, engineio.ReasonTransport)
	p.session.Tick(0) // as the wheel does after a while
	for first, payload, err := w.next(); err == nil; first, payload, err = w.next() {
		if first != fin|text {
			t.Errorf("got %.100q", show(first, payload))
		}
	}
}

// Finish lets the client have what is queued.
func TestFinish(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	p := e.open("4")
	p.session.Send(message("last"))
	p.session.Finish(0, "over")
	p.posts("4not heard")
	p.gets("4last")
	p.gets("6")
	p.peer.ended(t, "over")
	p.gone()

	w, q := e.enter("4")
	q.session.Send(message("last"))
	q.session.Finish(0, "over")
	q.session.Finish(0, "once more")
	w.expect("4last", "close", "EOF")
	q.ended(t, "over")

	w, q = e.enter("4")
	q.session.Finish(time.Second, "over")
	q.session.Send(message("later"))
	w.send("4not heard")
	w.expect("4later", "close", "EOF")
	q.ended(t, "over")
}

// A client that is told to leave may do so by itself; the reason stays.
func TestClientLeavesWhileFinishing(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	w, q := e.enter("4")
	q.session.Finish(patience, "over")
	w.write(frame(fin|closed, ""))
	w.expect("close", "EOF")
	q.ended(t, "over")
}

// What CloseAfter was told does not replace the reason of a session that is finishing.
func TestCloseAfterWhileFinishing(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	w, q := e.enter("4")
	q.session.Finish(patience, "over")
	q.session.CloseAfter(-1, "")
	w.close()
	q.ended(t, "over")
}

func TestCloseAfter(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	w, q := e.enter("4")
	q.session.CloseAfter(patience*2, "much later")
	q.session.CloseAfter(20*time.Millisecond, "soon")
	q.ended(t, "soon")
	w.end()

	w, q = e.enter("4")
	q.session.CloseAfter(500*time.Millisecond, "soon")
	q.session.CloseAfter(-1, "")
	_, other := e.enter("4")
	other.session.CloseAfter(600*time.Millisecond, "soon")
	other.ended(t, "soon")
	w.send("4still there")
	w.expect("4still there")
}

func TestStop(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	p := e.open("4")
	answer := p.background()
	w, q := e.enter("4")
	q.session.Send(message("last"))
	stopped := make(chan error, 1)
	go func() { stopped <- e.srv.Stop(context.Background(), "stop") }()
	p.is(<-answer, "6")
	w.expect("4last", "close", "EOF")
	w.close()
	p.peer.ended(t, "stop")
	q.ended(t, "stop")
	if err := wait(t, stopped); err != nil {
		t.Error(err)
	}
	if n := len(e.srv.Sessions()); n != 0 {
		t.Errorf("%d sessions", n)
	}
}
