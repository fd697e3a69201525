package engineio_test

import (
	"testing"
	"time"

	"expresschat/socketio/engineio"
)

// quick has a server ping soon and wait long, hasty not wait long.
var (
	quick = engineio.Options{PingInterval: 20 * time.Millisecond, PingTimeout: patience}
	hasty = engineio.Options{PingInterval: 20 * time.Millisecond, PingTimeout: 30 * time.Millisecond}
	// brisk leaves a client enough time to do something before it is timed out.
	brisk = engineio.Options{PingInterval: 20 * time.Millisecond, PingTimeout: 2 * time.Second}
)

// "The server sends a ping, the client answers with a pong": again and again.
func TestHeartbeatOverPolling(t *testing.T) {
	t.Parallel()
	p := start(t, quick).open("4")
	for range 3 {
		p.gets("2")
		p.posts("3")
	}
}

func TestHeartbeatOverWebsocket(t *testing.T) {
	t.Parallel()
	w, _ := start(t, quick).enter("4")
	for range 3 {
		w.expect("2")
		w.send("3")
	}
	w.expect("2")
	w.send("4hello")
	w.expect("4hello")
}

// Pongs that nobody asked for change nothing, and messages are no heartbeat.
func TestPongsUnasked(t *testing.T) {
	t.Parallel()
	w, _ := start(t, quick).enter("4")
	w.send("3", "3")
	w.expect("2")
	w.send("3", "3", "3probe")
	w.expect("2")
}

func TestPingTimeout(t *testing.T) {
	t.Parallel()
	for _, revision := range []string{"4", "3"} {
		e := start(t, hasty)
		p := e.open(revision)
		p.peer.ended(t, engineio.ReasonPingTimeout)
		refused(t, p.post("3"), 1)
		p.gone()

		w, q := e.enter(revision)
		if revision == "4" {
			w.expect("2")
		}
		w.expect("EOF")
		q.ended(t, engineio.ReasonPingTimeout)
	}
}

// A poll that waits when its session times out learns of it.
func TestPingTimeoutOfAPoll(t *testing.T) {
	t.Parallel()
	p := start(t, brisk).open("4")
	p.gets("2")
	if got := p.get(); got.body != "6" {
		refused(t, got, 1) // it came too late
	}
	p.peer.ended(t, engineio.ReasonPingTimeout)
}

// A client whose pong can't be read, as its receiver is full, is not to blame.
func TestNoPingTimeoutWhileFull(t *testing.T) {
	t.Parallel()
	full := make(chan struct{})
	e := startWith(t, brisk, func(p *peer, data []byte, binary bool) (<-chan struct{}, error) {
		_, _ = sendBack(p, data, binary)
		return full, nil
	})
	w, p := e.enter("4")
	w.send("4a")
	for heard := false; !heard; {
		heard = w.read() == "4a"
	}
	w.expect("2", "2", "2") // each one would have been overdue at the next
	select {
	case reason := <-p.closed:
		t.Error(reason)
	default:
	}
	close(full)
	p.ended(t, engineio.ReasonPingTimeout)
}

// Only servers ping in revision 4, only clients in revision 3.
func TestHeartbeatInTheWrongDirection(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	for revision, packet := range map[string]string{"4": "2", "3": "3"} {
		w, q := e.enter(revision)
		w.send(packet)
		w.expect("close", "EOF")
		q.ended(t, engineio.ReasonTransport)

		p := e.open(revision)
		if revision == "3" {
			packet = "1:" + packet
		}
		refused(t, p.post(packet), 3)
		p.peer.ended(t, engineio.ReasonTransport)
		p.gone()
	}
}

func TestHeartbeatOfRevision3(t *testing.T) {
	t.Parallel()
	e := start(t, quick)
	p := e.open("3")
	w, _ := e.enter("3")
	for range 3 {
		p.exchange("1:2", "1:3")
		w.send("2")
		w.expect("3")
	}
	p.exchange("6:2probe", "6:3probe") // the same data comes back
	w.send("2€")
	w.expect("3€")
}

// A session that has ended leaves nothing in the wheel, whatever comes in late.
func TestEndedSessionsHaveNoTimer(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	p := e.open("4")
	p.session.Close("bye")
	p.session.CloseAfter(time.Hour, "later")
	p.session.Finish(time.Hour, "later")
	p.session.Tick(1)
	p.peer.ended(t, "bye")
	if n := e.srv.Timers(); n != 0 {
		t.Errorf("%d timers", n)
	}
}
