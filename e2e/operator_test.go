package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// operator runs a command of the binary beside the server, as its operator does.
func (s *server) operator(t testing.TB, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), s.binary, args...)
	cmd.Env = append(withoutServerVariables(os.Environ()), "CHAT_DATA_DIR="+s.dataDir())
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != code {
		t.Fatalf("%v: %v, want exit code %d: %s", args, err, code, errs.String())
	}
	return out.String(), errs.String()
}

// sessionID is the id of the session that somebody's tokens are of.
func (u *user) sessionID(t testing.TB, s *server) string {
	t.Helper()
	a, err := s.request(t.Context(), http.MethodGet, "/sessions", nil, header("Authorization", "Bearer "+u.access))
	if err != nil {
		t.Fatal(err)
	}
	all, _ := a.json["sessions"].([]any)
	for _, one := range all {
		if o, _ := one.(map[string]any); o["current"] == true {
			return fmt.Sprint(o["id"])
		}
	}
	t.Fatalf("no session of one's own: %s", a.short())
	return ""
}

// Beside a server that runs, its operator sees who is signed in where, and signs them out.
func TestAnOperatorEndsSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ana ben")
	ana, ben := w.users["ana"], w.users["ben"]
	w.users["phone"] = ana.signIn(t, w.s)
	phone := w.open("phone")
	sentAway := func(c *tab) {
		t.Helper()
		check(t, c.String(), c.await("auth-failure"), obj{"reason": someText})
		if s := c.awaitKind(sawDisconnect); s.Text != "io server disconnect" {
			t.Errorf("%s: disconnected with %q, so that it comes back", c, s.Text)
		}
		c.close()
	}

	table, _ := w.s.operator(t, 0, "sessions", "list", strings.ToUpper(ana.email))
	byID, _ := w.s.operator(t, 0, "sessions", "list", ana.id)
	lines := strings.Split(strings.TrimSpace(table), "\n")
	if len(lines) != 3 || byID != table || strings.Contains(table, "@") {
		t.Errorf("listed\n%s\nand by id\n%s", table, byID)
	}
	for _, u := range []*user{ana, w.users["phone"]} {
		if id := u.sessionID(t, w.s); !strings.Contains(table, id+"  pair  ") {
			t.Errorf("the list lacks %s:\n%s", id, table)
		}
	}

	id := w.users["phone"].sessionID(t, w.s)
	if _, why := w.s.operator(t, 1, "sessions", "end", ben.email, id); why != "expresschat: end sessions: no such session\n" {
		t.Errorf("a session of somebody else's: %q", why)
	}
	if said, _ := w.s.operator(t, 0, "sessions", "end", ana.email, id); said != "1 session ended\n" {
		t.Errorf("said %q", said)
	}
	sentAway(phone)
	w.expect(want{})
	w.of("ana")[0].must("send-self-message", obj{"Content": "still here?"})
	if said, _ := w.s.operator(t, 0, "sessions", "end", ana.id); said != "1 session ended\n" {
		t.Errorf("said %q", said)
	}
	sentAway(w.of("ana")[0])
	if said, _ := w.s.operator(t, 0, "sessions", "list", ana.id); said != "no sessions\n" {
		t.Errorf("said %q", said)
	}
	how := style{nodeNewest, websocketOnly, inAuth}
	expectAuthFailure(t, w.dial("ana again", ana, how, how.options(ana.access, ana.refresh)))
	if _, why := w.s.operator(t, 1, "sessions", "end", "nobody@example.org"); why != "expresschat: look up user: no such user\n" {
		t.Errorf("nobody: %q", why)
	}
}
