package e2e

import (
	"fmt"
	"path/filepath"
	"testing"
)

// Acked means committed: a server that is killed in the middle of everything has what
// it acked. A client that then sends all of it again says nothing twice.
func TestAKillLosesNothingThatWasAcked(t *testing.T) {
	t.Parallel()
	s, err := startServer(shared.binary, filepath.Join(shared.dir, "killed"), "CHAT_LIMITS=off")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.discard)
	w := newWorldOn(t, s, "")
	w.signUp("ana", "ben")
	ana := w.openAs("ana", style{nodeNewest, websocketOnly, inCookies})
	w.openAs("ben", style{node4, websocketOnly, inCookies})
	chat := w.personalChat(ana, "ben")
	const n = 150 // fits in one page
	request := func(i int) obj {
		return obj{"ChatId": chat, "Content": fmt.Sprint("message ", i), "ClientId": fmt.Sprint("c", i)}
	}

	var sends []pending
	for i := range n {
		sends = append(sends, ana.start("send-personal-message", request(i)))
	}
	granted(t, sends[:n/10]...)
	s.kill()
	ana.awaitKind(sawDisconnect)
	acked := map[int]obj{}
	for i, p := range sends {
		if a := p.sofar(); a["success"] == true {
			acked[i] = a
		}
	}
	ana.forget()
	if err := s.restart(); err != nil {
		t.Fatal(err)
	}
	ana.await("group-chat-list")

	for i := range n {
		a := ana.must("send-personal-message", request(i))
		if before, ok := acked[i]; ok && a["Id"] != before["Id"] {
			t.Errorf("message %d was acked as %v, and is %v after the kill", i, before["Id"], a["Id"])
		}
	}
	ana.must("fetch-personal-chat", obj{"ChatId": chat})
	times := map[string]int{}
	for _, content := range contentsOf(t, ana.await("personal-chat")) {
		times[content]++
	}
	for i := range n {
		if content := fmt.Sprint("message ", i); times[content] != 1 {
			t.Errorf("%q is there %d times", content, times[content])
		}
	}
	if len(times) != n {
		t.Errorf("there are %d messages, want %d", len(times), n)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}

// sofar is the answer if it has come already, else nil.
func (p pending) sofar() obj {
	for _, s := range p.tab.seen() {
		if s.Kind == sawAck && s.Ack == p.ack {
			a, err := onePayload(s)
			if err != nil {
				p.tab.t().Fatal(err)
			}
			return a
		}
	}
	return nil
}
