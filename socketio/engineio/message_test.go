package engineio_test

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"expresschat/socketio/engineio"
)

func TestMessagesOverPolling(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	p := e.open("4")
	p.exchange("4hello", "4hello")
	p.exchange("4", "4")
	p.exchange("4€€€ 😀 \"\\n", "4€€€ 😀 \"\\n")
	p.exchange("4test1\x1e4test2\x1e4test3", "4test1\x1e4test2\x1e4test3")
	p.exchange("4hello\x1ebAQIDBA==", "4hello\x1ebAQIDBA==")
	p.exchange("6\x1e4after a noop", "4after a noop")
	p.posts("4one")
	p.posts("bAQ==")
	p.gets("4one\x1ebAQ==")
	answer := p.background()
	p.posts("4late")
	p.is(<-answer, "4late")
}

func TestMessagesOverWebsocket(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	w, _ := e.enter("4")
	for _, m := range []string{"4hello", "4", "4€€€ 😀", "4two\x1e4in one"} {
		w.send(m)
		w.expect(m)
	}
	w.write(frame(fin|bytes_, "\x01\x02\x03\x04"))
	w.expect("bytes 01020304")
	w.write(frame(fin|bytes_, ""))
	w.expect("bytes ")
	w.write(frame(fin|bytes_, "1\xff")) // is not the packet that ends it
	w.expect("bytes 31ff")
}

// "A packet that can't be parsed" ends the session on both transports.
func TestInvalidPackets(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	for _, body := range []string{"abc", "", "7", "4a\x1e", "4a\x1e\x1e4b", "4a\x1ex", "0{}", "bAQ", "b!", "5:4hello\x1e"} {
		t.Run(fmt.Sprintf("post %q", body), func(t *testing.T) {
			t.Parallel()
			p := e.open("4")
			refused(t, p.post(body), 3)
			p.gone()
			p.peer.ended(t, engineio.ReasonTransport)
		})
	}
	for _, text := range []string{"abc", "", "7", "0{}", "b!"} {
		t.Run(fmt.Sprintf("send %q", text), func(t *testing.T) {
			t.Parallel()
			w, p := e.enter("4")
			w.send(text)
			w.expect("close", "EOF")
			p.ended(t, engineio.ReasonTransport)
		})
	}
}

// What comes before the fault has been said.
func TestPacketsBeforeAFault(t *testing.T) {
	t.Parallel()
	heard := make(chan string, 2)
	e := startWith(t, engineio.Options{}, func(_ *peer, data []byte, _ bool) (<-chan struct{}, error) {
		heard <- string(data)
		return nil, nil
	})
	p := e.open("4")
	refused(t, p.post("4one\x1e4two\x1ex"), 3)
	if one, two := wait(t, heard), wait(t, heard); one != "one" || two != "two" {
		t.Error(one, two)
	}
}

// An error of the receiver ends the session as nonsense does.
func TestReceiverRefuses(t *testing.T) {
	t.Parallel()
	e := startWith(t, engineio.Options{}, func(*peer, []byte, bool) (<-chan struct{}, error) {
		return nil, fmt.Errorf("no")
	})
	p := e.open("4")
	refused(t, p.post("4a"), 3)
	p.gone()
	w, q := e.enter("4")
	w.send("4a")
	w.expect("close", "EOF")
	q.ended(t, engineio.ReasonTransport)
}

func TestMaxPayload(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{MaxPayload: 1000})
	most := "4" + strings.Repeat("x", 999)
	p := e.open("4")
	p.exchange(most, most)
	if got := p.post(most + "x"); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("%+v", got)
	}
	p.peer.ended(t, engineio.ReasonTransport)
	p.gone()

	// The same without a length.
	p = e.open("4")
	w := e.connect()
	w.write([]byte("POST /engine.io/?" + p.query + " HTTP/1.1\r\nHost: chat\r\nTransfer-Encoding: chunked\r\n\r\n" +
		"3e8\r\n" + most + "\r\n1\r\nx\r\n0\r\n\r\n"))
	if got := w.answer(); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("%+v", got)
	}
	p.peer.ended(t, engineio.ReasonTransport)

	w, q := e.enter("4")
	w.send(most)
	w.expect(most)
	w.write(frame(fin|text, most+"x")[:8]) // the head is enough
	w.expect("close 1009", "EOF")
	q.ended(t, engineio.ReasonTransport)

	w, q = e.enter("4")
	w.write(frames(frame(text, most[:600]), frame(0, most[600:]), frame(fin, "")))
	w.expect(most)
	w.write(frames(frame(text, most[:600]), frame(fin, most[599:])[:8]))
	w.expect("close 1009", "EOF")
	q.ended(t, engineio.ReasonTransport)
}

// Two posts at once have no order.
func TestDuplicatePost(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	p := e.open("4")
	w := p.halfPost("4a")
	refused(t, p.post("4b"), 3)
	p.peer.ended(t, engineio.ReasonTransport)
	if got := w.answer(); got.status != http.StatusBadRequest {
		t.Errorf("%+v", got)
	}
	p.gone()
}

// halfPost posts body, one byte of which is missing, and waits until the server reads it.
func (p poller) halfPost(body string) *wire {
	p.t.Helper()
	w := p.connect()
	w.write(fmt.Appendf(nil, "POST /engine.io/?%s HTTP/1.1\r\nHost: chat\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n",
		p.query, len(body)+1))
	if line, err := w.in.ReadString('\n'); err != nil || !strings.Contains(line, " 100 ") {
		p.t.Fatal(line, err)
	}
	skipLine(p.t, w.in)
	w.write([]byte(body))
	return w
}

func skipLine(t testing.TB, in *bufio.Reader) {
	t.Helper()
	if _, err := in.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
}

func TestPostThatBreaksOff(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	p := e.open("4")
	p.halfPost("4a").close()
	p.peer.ended(t, engineio.ReasonTransport)
	p.gone()
}

func TestDuplicatePoll(t *testing.T) {
	t.Parallel()
	for revision, farewell := range map[string]string{"4": "1", "3": "1:1"} {
		e := start(t, engineio.Options{})
		p := e.open(revision)
		answer := p.background()
		refused(t, p.get(), 3)
		p.is(<-answer, farewell)
		p.peer.ended(t, engineio.ReasonTransport)
		p.gone()
	}
}

func TestCancelledPoll(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	p := e.open("4")
	w := e.connect()
	w.write([]byte("GET /engine.io/?" + p.query + " HTTP/1.1\r\nHost: chat\r\n\r\n"))
	wait(t, e.waiting)
	w.close()
	p.peer.ended(t, engineio.ReasonTransport)
	p.gone()
}

// While the receiver is full nothing more is read from a post, and its answer waits.
func TestFullReceiver(t *testing.T) {
	t.Parallel()
	full, heard := make(chan struct{}), make(chan string, 8)
	e := startWith(t, engineio.Options{}, func(_ *peer, data []byte, _ bool) (<-chan struct{}, error) {
		heard <- string(data)
		return full, nil
	})
	p := e.open("4")
	answer := make(chan response, 1)
	go func() { answer <- p.post("4one\x1e4two") }()
	w, _ := e.enter("4")
	w.write(frames(frame(fin|text, "4one"), frame(fin|ping, ""), frame(fin|text, "4two")))
	if a, b := wait(t, heard), wait(t, heard); a != "one" || b != "one" || len(heard) > 0 || len(answer) > 0 {
		t.Error(a, b, len(heard), len(answer))
	}
	close(full)
	if a, b := wait(t, heard), wait(t, heard); a != "two" || b != "two" {
		t.Error(a, b)
	}
	w.expect("pong ")
	if got := wait(t, answer); got.body != "ok" {
		t.Errorf("%+v", got)
	}
}
