package e2e

import (
	"net"
	"net/http"
	"path/filepath"
	"testing"
)

// The server as most people reach it: nginx is in front, and tells who asks.
func TestBehindNginx(t *testing.T) {
	t.Parallel()
	s, err := startServer(shared.binary, filepath.Join(shared.dir, "nginx"), "CHAT_TRUSTED_PROXIES=127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.discard)
	proxy := startNginx(t, s)
	t.Run("clients chat", func(t *testing.T) { chatBehind(t, s, proxy) })
	t.Run("clients have limits of their own", func(t *testing.T) { limitsBehind(t, s, proxy) })
	t.Run("development mail stays on this machine", func(t *testing.T) {
		a := restOf(t, s.from(t, "127.0.0.1", proxy)).get("/dev/mailbox")
		if a.status != http.StatusNotFound {
			t.Errorf("status %d", a.status)
		}
	})
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}

func chatBehind(t *testing.T, s *server, proxy string) {
	t.Helper()
	w := newWorldOn(t, s, "")
	others := []string{"ben", "cem", "dan", "eve", "fay", "gus"}
	w.signUp(append(others, "ana")...)
	w.s = s.from(t, "127.0.0.1", proxy)
	ana := w.openAs("ana", style{nodeNewest, pollingOnly, inCookies})
	ben := w.openAs("ben", style{node4, pollingFirst, inQuery})
	w.openAs("cem", style{nodeNewest, websocketOnly, inAuth})
	w.openAs("dan", style{goNewest, websocketOnly, inCookies})
	eve := w.openAs("eve", style{node2, pollingFirst, inCookies})
	w.openAs("fay", style{node3, pollingOnly, inQuery})
	gus := w.openAs("gus", style{python, pollingFirst, inAuth})
	for _, c := range []*tab{ben, eve, gus} {
		if s := c.upgraded(); s.Text != "websocket" {
			t.Errorf("%s upgraded to %q", c, s.Text)
		}
	}
	group := w.group(ana, "Behind", others...)
	for _, by := range w.tabs {
		content := by.label + " " + longText(15<<10)
		w.say(by, "send-group-message", group, content)
		what := want{}
		for _, other := range w.tabs {
			if other != by {
				what[other] = []received{got("receive-group-message", obj{"Sender": by.user.name, "Content": content})}
			}
		}
		w.expect(what)
	}
}

// limitsBehind spends the tries of one client, and looks at who has some left.
func limitsBehind(t *testing.T, s *server, proxy string) {
	t.Helper()
	// A burst is 60 tries, and one comes back each second. So somebody who has spent
	// theirs is refused soon, and somebody who has not is not within so few.
	const spendable, within = 400, 50
	try := func(from *server, changes ...change) int {
		t.Helper()
		return restOf(t, from).post("/resend", obj{"email": addressOf(unique("Nobody"))}, changes...).status
	}
	refusedWithin := func(tries int, from *server, changes ...change) bool {
		t.Helper()
		for range tries {
			if try(from, changes...) == http.StatusTooManyRequests {
				return true
			}
		}
		return false
	}
	greedy := s.from(t, "127.0.0.2", proxy)
	if !refusedWithin(spendable, greedy) {
		t.Fatal("a client behind the proxy has no limit")
	}
	for _, forged := range []string{"192.0.2.7", "127.0.0.1", "127.0.0.2, 192.0.2.7, 127.0.0.1", "nonsense"} {
		if !refusedWithin(within, greedy, header("X-Forwarded-For", forged)) {
			t.Errorf("%q helps a client behind the proxy", forged)
		}
	}
	if !refusedWithin(within, s.from(t, "127.0.0.2", s.url), header("X-Forwarded-For", "192.0.2.7")) {
		t.Error("a made-up address helps a client without a proxy")
	}
	if refusedWithin(within, s.from(t, "127.0.0.3", proxy)) {
		t.Error("a client has to pay for another")
	}
}

// from is the server as reached at url by somebody with the given address.
func (s *server) from(t *testing.T, address, url string) *server {
	t.Helper()
	transport := &http.Transport{
		DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}).DialContext,
	}
	t.Cleanup(transport.CloseIdleConnections)
	there := *s
	there.url = url
	there.http = &http.Client{Timeout: patience, CheckRedirect: s.http.CheckRedirect, Transport: transport}
	return &there
}
