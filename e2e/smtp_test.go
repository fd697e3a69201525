package e2e

import (
	"net/http"
	"testing"
	"time"
)

// With a mail server set, mail goes there, encrypted unless the operator wants it plain,
// and nobody can read it on the server.
func TestMailGoesToTheMailServer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		query     string
		encrypted bool
	}{
		"starttls": {"", true},
		"plain":    {"?tls=none", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			office := newPostOffice(t)
			s := newServer(t, "mail-"+name, office.settings(tt.query)...)
			r, ana := restOf(t, s), newApplicant("Ana")
			r.post("/signup", ana.form("")).says(t, http.StatusOK, 1)
			m := office.next(t)
			if m.To != ana.email || m.tls != tt.encrypted {
				t.Errorf("a mail to %s, encrypted: %v", m.To, m.tls)
			}
			canFollow(t, s, m)
			for _, accept := range []string{"text/html", "application/json"} {
				if a := r.get("/dev/mailbox", header("Accept", accept)); a.status != http.StatusNotFound {
					t.Errorf("the mailbox is there for all to see: status %d", a.status)
				}
			}
		})
	}
}

// A mail server may be away. Nobody waits for it, and the mail comes when it is back.
func TestMailWaitsForItsServer(t *testing.T) {
	t.Parallel()
	office := newPostOffice(t)
	office.closed.Store(true)
	s := newServer(t, "mail-waits", office.settings("")...)
	ana := newApplicant("Ana")
	restOf(t, s).post("/signup", ana.form("")).says(t, http.StatusOK, 1)
	<-office.turnedAway
	office.closed.Store(false)
	canFollow(t, s, office.next(t))
	comesOnce(t, s, office)
}

// A sign-up that was answered is committed, and its mail with it: the server may be
// killed before the mail is out, or while a mail server thinks about it.
func TestAKillKeepsMailThatIsNotOut(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"away", "stuck"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			office := newPostOffice(t)
			office.closed.Store(name == "away")
			office.stuck.Store(name == "stuck")
			s := newServer(t, "mail-kept-"+name, office.settings("")...)
			ana := newApplicant("Ana")
			restOf(t, s).post("/signup", ana.form("")).says(t, http.StatusOK, 1)
			if name == "stuck" {
				<-office.reading
			}
			s.kill()
			office.closed.Store(false)
			office.stuck.Store(false)
			begun := time.Now()
			if err := s.restart(); err != nil {
				t.Fatal(err)
			}
			m := office.next(t)
			if m.To != ana.email || time.Since(begun) > patience {
				t.Errorf("a mail to %s after %v", m.To, time.Since(begun))
			}
			canFollow(t, s, m)
			comesOnce(t, s, office)
		})
	}
}

// What a mail server has accepted, and the database knows of, is never sent again.
func TestAKillRepeatsNoMail(t *testing.T) {
	t.Parallel()
	office, pg := newPostOffice(t), newPostgres(t, nil)
	s := newServer(t, "mail-once", append(office.settings(""), "CHAT_DATABASE_URL="+pg.url())...)
	restOf(t, s).post("/signup", newApplicant("Ana").form("")).says(t, http.StatusOK, 1)
	office.next(t)
	err := poll(t.Context(), "an empty outbox", func() (bool, error) {
		var waiting int
		err := pg.ask(t.Context(), "SELECT count(*) FROM outbox", &waiting)
		return waiting == 0, err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.kill()
	if err := s.restart(); err != nil {
		t.Fatal(err)
	}
	comesOnce(t, s, office)
}

// canFollow presents the code of a mail.
func canFollow(t testing.TB, s *server, m delivered) {
	t.Helper()
	link, err := m.link()
	if err != nil {
		t.Fatal(err)
	}
	restOf(t, s).get(link, asBrowser()).isPage(t, http.StatusOK)
}

// comesOnce checks that no other mail comes than that of somebody who signs up now: mail
// that is due goes out in the order in which it became due.
func comesOnce(t testing.TB, s *server, office *postOffice) {
	t.Helper()
	last := newApplicant("Last")
	restOf(t, s).post("/signup", last.form("")).says(t, http.StatusOK, 1)
	if m := office.next(t); m.To != last.email {
		t.Errorf("a mail came twice: the second one to %s", m.To)
	}
}
