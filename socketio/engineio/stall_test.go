package engineio_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"expresschat/socketio/engineio"
)

// crowd is how many get what one of them does not read.
const crowd = 200

// narrow has every connection of a server and its clients keep only a little.
func narrow(t *testing.T, e *echo) *httptest.Server {
	t.Helper()
	web := httptest.NewUnstartedServer(e.srv)
	web.Config.ConnState = func(c net.Conn, s http.ConnState) {
		if s == http.StateNew {
			_ = c.(*net.TCPConn).SetWriteBuffer(4096)
		}
	}
	web.Start()
	t.Cleanup(web.Close)
	return web
}

// dialNarrow opens a connection that keeps only a little of what is not read.
func dialNarrow(t *testing.T, address string) net.Conn {
	t.Helper()
	d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) (err error) {
		_ = c.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
		return err
	}}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// stall opens a crowd and has it told of messages, each when all but one have read the
// one before, until more returns false. The one that does not read is returned.
func stall(t *testing.T, opts engineio.Options, more func(sent int, slow *peer) bool) *peer {
	t.Helper()
	e := start(t, opts)
	web := narrow(t, e)
	var (
		batch   engineio.Batch
		readers sync.WaitGroup
		wires   []*wire
		peers   []*peer
	)
	for range crowd {
		w := e.wrap(dialNarrow(t, web.Listener.Addr().String()))
		w.write([]byte(request("transport=websocket&EIO=4")))
		w.upgraded()
		wires, peers = append(wires, w), append(peers, e.greeted(w.read()))
	}
	text := func(n int) string { return strings.Repeat(string(rune('a'+n%26)), 4000) }
	step := make([]chan string, crowd)
	read := make(chan bool, crowd)
	for i, w := range wires[1:] {
		step[i+1] = make(chan string)
		readers.Go(func() {
			for want := range step[i+1] {
				read <- w.read() == want
			}
		})
	}
	sent := 0
	for ; more(sent, peers[0]); sent++ {
		b := engineio.NewMessage()
		b.B = append(b.B, text(sent)...)
		shared := b.Shared()
		for _, p := range peers {
			batch.Add(p.session, shared)
		}
		batch.Flush()
		for i := range wires[1:] {
			step[i+1] <- "4" + text(sent)
		}
		for range wires[1:] {
			if !wait(t, read) {
				t.Fatalf("message %d did not come", sent)
			}
		}
	}
	for _, c := range step[1:] {
		close(c)
	}
	readers.Wait()
	for i, p := range peers[1:] {
		if len(p.closed) > 0 {
			t.Errorf("reader %d was cut: %s", i, <-p.closed)
		}
	}
	return peers[0]
}

// A client that stops reading is cut at MaxQueue, and the others never notice.
func TestSlowReaderIsCutBySize(t *testing.T) {
	t.Parallel()
	const most, message = 64 << 10, 4000 + 1 + 10
	slow := stall(t, engineio.Options{MaxBehind: 32 << 10, MaxQueue: most, MaxStall: patience}, func(sent int, slow *peer) bool {
		if n := slow.session.Waiting(); n > most+message {
			t.Errorf("%d bytes wait", n)
		}
		if sent > 10000 {
			t.Fatal("it is not cut")
		}
		return len(slow.closed) == 0
	})
	slow.ended(t, engineio.ReasonSlow)
	if n := slow.session.Waiting(); n != 0 {
		t.Errorf("%d bytes still wait", n)
	}
}

// A client that stops reading is cut after MaxStall, even if nothing more is sent.
func TestSlowReaderIsCutByAge(t *testing.T) {
	t.Parallel()
	const behind = 16 << 10
	slow := stall(t, engineio.Options{MaxBehind: behind, MaxStall: 100 * time.Millisecond}, func(sent int, slow *peer) bool {
		// Far more, as the kernel may still take some.
		return slow.session.Waiting() <= 4*behind && sent < 10000 && len(slow.closed) == 0
	})
	slow.ended(t, engineio.ReasonSlow)
}

// A client that does not poll is cut as well, one that has only a little waiting is not.
func TestSlowPollerIsCut(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{MaxBehind: 1000, MaxStall: 50 * time.Millisecond})
	p := e.open("4")
	p.session.Send(message(strings.Repeat("x", 2000)))
	p.peer.ended(t, engineio.ReasonSlow)
	p.gone()
	p = e.open("4")
	p.session.Send(message(strings.Repeat("x", 900)))
	_, other := e.enter("4")
	other.session.CloseAfter(150*time.Millisecond, "later")
	other.ended(t, "later")
	p.gets("4" + strings.Repeat("x", 900))
}
