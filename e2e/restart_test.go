package e2e

import (
	"fmt"
	"path/filepath"
	"testing"
)

// A server that dies or stops loses nothing that was acked, and its clients come back
// by themselves: what they see is a lost transport, never a server's disconnect.
func TestClientsComeBack(t *testing.T) {
	t.Parallel()
	s, err := startServer(shared.binary, filepath.Join(shared.dir, "restart"), "CHAT_LIMITS=off")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.discard)
	w := newWorldOn(t, s, "")
	others := []string{"ben", "cem", "dan", "eve", "fay", "gus", "hal", "ida"}
	w.signUp(append(others, "ana")...)
	ana := w.openAs("ana", style{nodeNewest, pollingFirst, inCookies})
	w.openAs("ben", style{node4, websocketOnly, inQuery})
	w.openAs("cem", style{goNewest, websocketOnly, inAuth})
	w.openAs("dan", style{node3, pollingFirst, inAuth})
	w.openAs("eve", style{node2, pollingFirst, inQuery})
	w.openAs("fay", style{node2, pollingOnly, inCookies})
	w.openAs("gus", style{python, websocketOnly, inCookies})
	w.openAs("hal", style{python, pollingFirst, inAuth})
	w.openAs("ida", style{python, pollingOnly, inQuery})
	everybody := w.tabs
	group := w.group(ana, "Survivors", others...)
	var said []string
	talk := func(what string) {
		t.Helper()
		for _, c := range everybody {
			content := fmt.Sprintf("%s %s", c.label, what)
			w.say(c, "send-group-message", group, content)
			said = append([]string{content}, said...)
		}
	}
	back := func(what string) {
		t.Helper()
		if err := s.restart(); err != nil {
			t.Fatal(err)
		}
		for _, c := range everybody {
			if reason := c.awaitKind(sawDisconnect).Text; reason == "io server disconnect" {
				t.Errorf("%s: %s is a disconnect by the server", c, what)
			}
			c.awaitKind(sawConnect)
			c.await("group-chat-list")
			c.must("fetch-group-chat", obj{"GroupId": group})
			if contents := contentsOf(t, c.await("group-chat")); fmt.Sprint(contents) != fmt.Sprint(said) {
				t.Errorf("%s after %s: the group says %q, want %q", c, what, contents, said)
			}
		}
	}

	talk("before the kill")
	w.settle()
	w.forget()
	s.kill()
	back("a kill")

	talk("before the stop")
	w.settle()
	w.forget()
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	for _, c := range everybody {
		// All say it in these words. To one that polls the next poll may fail instead.
		reason := c.awaitKind(sawDisconnect).Text
		if reason != "transport close" && (c.style.transport != pollingOnly || reason != "transport error") {
			t.Errorf("%s: a stop is seen as %q", c, reason)
		}
	}
	back("a stop")

	talk("after all")
	w.settle()
	for _, c := range everybody {
		for _, other := range everybody {
			content := other.label + " after all"
			if n := c.count("receive-group-message", content); c != other && n != 1 {
				t.Errorf("%s received %q %d times", c, content, n)
			}
		}
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}
