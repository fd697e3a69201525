package store_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/store"
)

// ears hear what a store tells, as words.
type ears chan string

func (e ears) Listening(context.Context) error {
	e <- "listening"
	return nil
}

func (e ears) SessionEnded(u auth.UserID, s auth.SessionID) {
	e <- "ended " + string(u+" ") + string(s)
}
func (e ears) UserChanged(u auth.UserID) { e <- "changed " + string(u) }
func (e ears) Deaf()                     { e <- "deaf" }

// listen has ears that listen until the test ends.
func listen(t *testing.T, s *store.Store) ears {
	t.Helper()
	e := make(ears, 100)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Listen(ctx, e)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	e.hears(t, "listening")
	return e
}

func (e ears) hears(t *testing.T, want ...string) {
	t.Helper()
	for _, w := range want {
		select {
		case got := <-e:
			if got != w {
				t.Fatalf("heard %q, want %q", got, w)
			}
		case <-time.After(time.Minute):
			t.Fatalf("heard nothing, want %q", w)
		}
	}
}

// sessionsOf are all that somebody has from now on.
func (w *world) sessionsOf(u auth.UserID, n int) (ids []auth.SessionID) {
	w.Helper()
	w.must(w.Execute(w.Context(), `DELETE FROM sessions WHERE user_id = $1`, u))
	for range n {
		ids = append(ids, w.pairSession(u, time.Now()).ID)
	}
	return ids
}

// Whoever ends a session or changes a user, those who listen hear it once, of their own
// schema alone, and of nothing else that happens to a session.
func TestEndsAreHeard(t *testing.T) {
	t.Parallel()
	w, elsewhere := worldOf(t), worldOf(t)
	ana, ben, stranger, now := w.person("Ana"), w.person("Ben"), elsewhere.person("Ana"), time.Now()
	s := w.sessionsOf(ana, 5)
	heard, other := listen(t, w.Store), listen(t, elsewhere.Store)
	said := "ended " + string(ana) + " "
	quiet := func() { // behind all that was done before
		t.Helper()
		w.must(w.Execute(t.Context(), `UPDATE users SET picture = picture || 'x' WHERE id = $1`, ben))
		heard.hears(t, "changed "+string(ben))
	}

	_, err := w.ProlongSession(t.Context(), s[0], now, now.Add(1000*time.Hour), now.Add(2000*time.Hour))
	w.must(err)
	w.must(w.TouchSession(t.Context(), s[0], now, now.Add(time.Hour)))
	w.must(w.Execute(t.Context(), `UPDATE sessions SET revoked_at = NULL`))
	w.must(w.Execute(t.Context(), `UPDATE users SET password_hash = 'other', name = name`))
	quiet()

	for range 2 { // the second time it is over
		_, err = w.RevokeSession(t.Context(), ana, s[0], now)
		w.must(err)
	}
	heard.hears(t, said+string(s[0]))
	w.must(w.Execute(t.Context(), `UPDATE sessions SET revoked_at = now() WHERE id = $1`, s[1]))
	heard.hears(t, said+string(s[1]))
	w.must(w.Execute(t.Context(), `DELETE FROM sessions WHERE id = $1`, s[2]))
	heard.hears(t, said+string(s[2]))
	_, err = w.Rename(t.Context(), ana, "Anna")
	w.must(err)
	heard.hears(t, "changed "+string(ana))
	_, err = w.ChangePassword(t.Context(), auth.PasswordChange{User: ana, Hash: "another", At: now}, "other", s[3])
	w.must(err)
	heard.hears(t, said+string(s[4]))

	w.must(w.Execute(t.Context(), `UPDATE sessions SET expires_at = now() - interval '1 hour'`))
	w.must(w.Sweep(t.Context()))
	w.must(w.Execute(t.Context(), `SELECT pg_notify('sessions_ended', word) FROM unnest($1::text[]) word`, []string{"nonsense", "{}", `{"schema":5}`}))
	quiet()
	_, err = elsewhere.Rename(t.Context(), stranger, "Anna")
	w.must(err)
	other.hears(t, "changed "+string(stranger))
	quiet()
}

// What is rolled back was no end.
func TestEndsThatWereNone(t *testing.T) {
	w := newWorld(t)
	ana := w.person("Ana")
	s := w.sessionsOf(ana, 1)
	heard := listen(t, w.Store)
	_ = w.Execute(t.Context(), `WITH ended AS (UPDATE sessions SET revoked_at = now() RETURNING id) SELECT 1 / (count(*) - 1) FROM ended`)
	w.must(w.Execute(t.Context(), `UPDATE sessions SET revoked_at = now()`))
	heard.hears(t, "ended "+string(ana)+" "+string(s[0]))
	if len(heard) > 0 {
		t.Errorf("heard %q too", <-heard)
	}
}

// A connection that is ended is known to be, and another one takes its place.
func TestListeningGoesOn(t *testing.T) {
	w := newWorld(t)
	ana := w.person("Ana")
	s := w.sessionsOf(ana, 2)
	heard := listen(t, w.Store)
	for _, id := range s {
		w.must(w.Execute(t.Context(), endListeners))
		heard.hears(t, "deaf", "listening")
		w.must(w.Execute(t.Context(), `UPDATE sessions SET revoked_at = now() WHERE id = $1`, id))
		heard.hears(t, "ended "+string(ana)+" "+string(id))
	}
}

// endListeners ends those who listen in this schema.
const endListeners = `
	SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	WHERE application_name = 'expresschat listens in ' || current_schema()`

// A connection may go silent: it is noticed, and costs no more than the patience of a ping.
func TestListeningToSilence(t *testing.T) {
	t.Parallel()
	log := &lines{}
	s, wire := overACable(t, store.Conns{Lanes: 1, Others: 2}, slog.New(slog.NewTextHandler(log, nil)))
	s.PingEvery(10 * time.Millisecond)
	heard := listen(t, s)
	wire.Silence()
	heard.hears(t, "deaf", "listening")
	log.mu.Lock()
	defer log.mu.Unlock()
	got := slices.DeleteFunc(strings.Split(log.text.String(), "\n"), func(l string) bool { return !strings.Contains(l, "heard") })
	if len(got) > 2 {
		t.Errorf("%d lines in the log:\n%s", len(got), log.text.String())
	}
}

type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}
