package engineio_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"expresschat/socketio/engineio"
)

// packets takes a body of text packets apart.
func packets(t *testing.T, body, revision string) (all []string) {
	t.Helper()
	if revision == "4" {
		return strings.Split(body, "\x1e")
	}
	for body != "" {
		length, rest, _ := strings.Cut(body, ":")
		n, err := strconv.Atoi(length)
		if err != nil || n > len(rest) {
			t.Fatalf("body %.100q", body)
		}
		all, body = append(all, rest[:n]), rest[n:]
	}
	return all
}

// python-engineio leaves when a poll brings it more than 16 packets. Whatever waits for
// a client comes with several polls, in order, its end last.
func TestBurstOverPolling(t *testing.T) {
	t.Parallel()
	const most, count = 16, 100
	e := start(t, engineio.Options{})
	for _, revision := range []string{"4", "3"} {
		p := e.open(revision)
		for i := range count {
			p.session.Send(message(fmt.Sprint(i, strings.Repeat("x", i*10))))
		}
		p.session.Finish(0, "over")
		got, polls := 0, 0
		for ; got < count; polls++ {
			all := packets(t, p.get().body, revision)
			if len(all) > most {
				t.Fatalf("%d packets in a poll", len(all))
			}
			for _, packet := range all {
				if want := fmt.Sprintf("4%d%s", got, strings.Repeat("x", got*10)); packet != want {
					t.Fatalf("got %.40q, want %.40q", packet, want)
				}
				got++
			}
		}
		if polls != (count+most-1)/most {
			t.Errorf("%d polls", polls)
		}
		if got := packets(t, p.get().body, revision); len(got) != 1 || got[0] != "6" {
			t.Errorf("at the end came %q", got)
		}
		p.peer.ended(t, "over")
		p.gone()
	}
}

// What a client has not fetched when it changes to a websocket follows there.
func TestBurstThenUpgrade(t *testing.T) {
	t.Parallel()
	const count = 50
	e := start(t, engineio.Options{})
	p := e.open("4")
	for i := range count {
		p.session.Send(message(fmt.Sprint(i)))
	}
	got := packets(t, p.get().body, "4")
	w := e.dial("EIO=4&sid=" + p.session.ID())
	w.send("2probe")
	w.expect("3probe")
	w.send("5")
	for len(got) < count {
		got = append(got, w.read())
	}
	for i, packet := range got {
		if want := fmt.Sprintf("4%d", i); packet != want {
			t.Fatalf("got %q, want %q", packet, want)
		}
	}
}
