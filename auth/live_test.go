package auth_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/store/storetest"
)

// ledger counts what is asked of the store about sessions.
type ledger struct {
	auth.Store
	asked, touched, prolonged atomic.Int32

	mu   sync.Mutex
	then func() // once, after the next row was read and before it is returned
}

func (l *ledger) LiveSession(ctx context.Context, id auth.SessionID, now time.Time) (auth.Session, auth.User, error) {
	l.asked.Add(1)
	s, u, err := l.Store.LiveSession(ctx, id, now)
	l.mu.Lock()
	then := l.then
	l.then = nil
	l.mu.Unlock()
	if then != nil {
		then()
	}
	return s, u, err
}

func (l *ledger) TouchSession(ctx context.Context, id auth.SessionID, now, due time.Time) error {
	l.touched.Add(1)
	return l.Store.TouchSession(ctx, id, now, due)
}

func (l *ledger) ProlongSession(ctx context.Context, id auth.SessionID, now, due, until time.Time) (bool, error) {
	l.prolonged.Add(1)
	return l.Store.ProlongSession(ctx, id, now, due, until)
}

func newCountedDesk(t *testing.T) (*desk, *ledger) {
	t.Helper()
	l := &ledger{}
	return newDeskOn(t, testConfig, func(s auth.Store) auth.Store {
		l.Store = s
		return l
	}), l
}

// A token that was seen is checked without the database: here there is none any more.
func TestAKeptSessionAsksNothing(t *testing.T) {
	d, l := newCountedDesk(t)
	p := d.member(ana)
	bens, long := d.register("ben@example.org")
	first := d.check("the first time", p, nil)
	d.checkLong("the first time", long, nil)
	real := l.Store
	l.Store = nil // whatever is asked of it, panics
	for range 3 {
		if got := d.check("again", p, nil); got != first || got.User.Name != "Ana" {
			t.Errorf("%+v, and before %+v", got, first)
		}
		got := d.checkLong("again", long, nil)
		if got.User.ID != bens.ID || got.User.Name != bens.Name || got.User.Email != bens.Email {
			t.Errorf("%+v, want %+v", got.User, bens)
		}
		for _, id := range []auth.SessionID{first.Session, got.Session} {
			if err := d.StillLive(t.Context(), id); err != nil {
				t.Error(err)
			}
		}
		// What a session is not, it is not when it is kept either.
		d.checkLong("a token of the other kind", p.Access, auth.ErrUnauthenticated)
		d.check("a token of the other kind", auth.Pair{Access: long}, auth.ErrUnauthenticated)
	}
	l.Store = real
}

// Where ends may not be told, every check asks.
func TestNothingIsKeptByTheDeaf(t *testing.T) {
	d, l := newCountedDesk(t)
	p := d.member(ana)
	who := d.check("at first", p, nil)
	d.Deaf()
	before := l.asked.Load()
	for range 2 {
		d.check("deaf", p, nil)
	}
	if n := l.asked.Load() - before; n != 2 {
		t.Errorf("asked %d times of 2 checks", n)
	}
	d.end(who.Session)
	d.check("ended by somebody else", p, auth.ErrUnauthenticated)
}

// end is what another process does to a session.
func (d *desk) end(id auth.SessionID) {
	d.Helper()
	list, err := d.store.DeadSessions(d.Context(), []auth.SessionID{id}, d.clock())
	if err != nil || len(list) != 0 {
		d.Fatalf("the session is over: %v, %v", list, err)
	}
	_, u, err := d.store.LiveSession(d.Context(), id, d.clock())
	if err != nil {
		d.Fatal(err)
	}
	if ended, err := d.store.RevokeSession(d.Context(), u.ID, id, d.clock()); err != nil || !ended {
		d.Fatalf("ended %v, %v", ended, err)
	}
}

// A row is read, the session is ended and dropped, and then the row is there to be kept:
// however it ended, nobody gets in by that row.
func TestARowThatIsOlderThanTheEnd(t *testing.T) {
	for name, end := range map[string]func(d *desk, p auth.Pair, who auth.Identity) error{
		"signed out": func(d *desk, p auth.Pair, _ auth.Identity) error { return d.SignOut(d.Context(), p) },
		"a new password": func(d *desk, _ auth.Pair, who auth.Identity) error {
			_, other, err := d.SignIn(d.Context(), ana, password)
			if err != nil {
				return err
			}
			return d.ChangePassword(d.Context(), d.check("elsewhere", other, nil), password, "another horse")
		},
		"another process": func(d *desk, _ auth.Pair, who auth.Identity) error {
			d.end(who.Session)
			d.SessionEnded(who.User.ID, who.Session)
			return nil
		},
		"deaf for a moment": func(d *desk, _ auth.Pair, who auth.Identity) error {
			d.Deaf()
			d.end(who.Session)
			return d.Listening(d.Context())
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, l := newCountedDesk(t)
			p := d.member(ana)
			who := d.check("at first", p, nil)
			d.UserChanged(who.User.ID) // the next check reads the row
			l.mu.Lock()
			l.then = func() {
				if err := end(d, p, who); err != nil {
					t.Error(err)
				}
			}
			l.mu.Unlock()
			d.check("when the row was read", p, nil)
			if err := d.StillLive(t.Context(), who.Session); !errors.Is(err, auth.ErrUnauthenticated) {
				t.Errorf("after it: %v", err)
			}
			d.check("after it", p, auth.ErrUnauthenticated)
		})
	}
}

// Also a row that comes with a fresh refresh token.
func TestAShownRowThatIsOlderThanTheEnd(t *testing.T) {
	var end func()
	d := newDeskOn(t, testConfig, func(s auth.Store) auth.Store { return shown{s, func() { end() }} })
	p := d.member(ana)
	end = func() {}
	d.pass(time.Hour)
	minted := d.check("at first", p, nil).Renewed
	end = func() {
		if err := d.SignOut(t.Context(), p); err != nil {
			t.Error(err)
		}
	}
	d.check("when the row was read", p, nil)
	d.check("after it", auth.Pair{Access: minted}, auth.ErrUnauthenticated)
}

type shown struct {
	auth.Store
	then func()
}

func (s shown) SessionShown(ctx context.Context, id auth.SessionID, hash []byte, now, since time.Time) (auth.Session, auth.User, error) {
	session, u, err := s.Store.SessionShown(ctx, id, hash, now, since)
	s.then()
	return session, u, err
}

// A name is new at once, whoever changed it.
func TestAUserChanges(t *testing.T) {
	d := newDesk(t)
	p := d.member(ana)
	_, other, err := d.SignIn(t.Context(), ana, password)
	if err != nil {
		t.Fatal(err)
	}
	who := d.check("at first", p, nil)
	d.check("at first", other, nil)
	called := func(want string) {
		t.Helper()
		for _, pair := range []auth.Pair{p, other} {
			if got := d.check("afterwards", pair, nil); got.User.Name != want {
				t.Errorf("called %q, want %q", got.User.Name, want)
			}
		}
	}
	if _, err := d.Rename(t.Context(), who.User.ID, "Anna"); err != nil {
		t.Fatal(err)
	}
	called("Anna")
	if _, err := d.store.Rename(t.Context(), who.User.ID, "Anne"); err != nil {
		t.Fatal(err)
	}
	d.UserChanged(who.User.ID)
	called("Anne")
}

// What is kept is over when the session's time is.
func TestWhatIsKeptExpires(t *testing.T) {
	d := newDesk(t)
	p := d.member(ana)
	_, long := d.register("ben@example.org")
	who := d.check("at first", p, nil)
	id := d.checkLong("at first", long, nil)
	d.pass(testConfig.RefreshTTL - time.Second)
	for _, s := range []auth.SessionID{who.Session, id.Session} {
		if err := d.StillLive(t.Context(), s); err != nil {
			t.Errorf("within its time: %v", err)
		}
	}
	d.pass(time.Second + time.Millisecond)
	if err := d.StillLive(t.Context(), who.Session); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("after its time: %v", err)
	}
	d.pass(auth.LongTTL)
	if err := d.StillLive(t.Context(), id.Session); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("after a year: %v", err)
	}
}

// Of those who come at once on a new day one writes it, and afterwards nobody does.
func TestADaysFirstUseIsWrittenOnce(t *testing.T) {
	d, l := newCountedDesk(t)
	p := d.member(ana)
	_, long := d.register("ben@example.org")
	d.pass(time.Minute)
	fresh := d.refresh(p.Refresh)
	d.check("at first", fresh, nil)
	d.checkLong("at first", long, nil)
	for day := range 3 {
		d.pass(25 * time.Hour)
		fresh = d.refresh(fresh.Refresh) // a use too, of which what is kept does not know
		asked, touched, prolonged := l.asked.Load(), l.touched.Load(), l.prolonged.Load()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				d.check("the next day", fresh, nil)
				d.checkLong("the next day", long, nil)
			})
		}
		wg.Wait()
		if a, x, y := l.asked.Load()-asked, l.touched.Load()-touched, l.prolonged.Load()-prolonged; a != 0 || x != 1 || y != 1 {
			t.Errorf("day %d: asked %d times, touched %d, prolonged %d", day, a, x, y)
		}
	}
}

// A use that could not be written is not taken for written.
func TestAUseThatCouldNotBeWritten(t *testing.T) {
	d, l := newCountedDesk(t)
	u, long := d.register(ana)
	first := d.checkLong("at first", long, nil)
	d.pass(25 * time.Hour)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.AuthenticateLong(gone, long); err == nil {
		t.Error("it was written by one who is gone")
	}
	for range 2 {
		d.checkLong("the next one", long, nil)
	}
	list, err := d.Sessions(t.Context(), u.ID)
	if err != nil || len(list) != 1 || list[0].ID != first.Session || list[0].UsedAt.Before(d.clock().Add(-time.Hour)) {
		t.Errorf("%+v, %v", list, err)
	}
	if n := l.prolonged.Load(); n != 2 {
		t.Errorf("prolonged %d times", n)
	}
}

// door has some sessions open.
type door map[auth.SessionID]auth.UserID

func (d door) OpenSessions() map[auth.SessionID]auth.UserID { return d }

// What ended while nobody told is announced, of what is open, and nothing else is.
func TestWhatEndedUnheard(t *testing.T) {
	d := newDesk(t)
	var open []auth.Identity
	byID := door{}
	for _, email := range []string{"a@example.org", "b@example.org", "c@example.org"} {
		who := d.check(email, d.member(email), nil)
		open = append(open, who)
		byID[who.Session] = who.User.ID
	}
	closed := d.check("not open", d.member(ana), nil)
	d.Attach(byID)
	d.Attach(door{})
	d.Deaf()
	for _, who := range []auth.Identity{open[0], open[2], closed} {
		d.end(who.Session)
	}
	if err := d.Listening(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []auth.SessionID{open[0].Session, open[2].Session}
	slices.Sort(want)
	got := slices.Sorted(slices.Values(d.revoked))
	if !slices.Equal(got, want) {
		t.Errorf("announced %v, want %v", got, want)
	}
}

// inbox keeps the code of the newest letter.
type inbox struct {
	auth.Letters
	code string
}

func (i *inbox) VerifyCode(to, _, code string) (auth.Letter, error) {
	i.code = code
	return auth.Letter{To: to}, nil
}

func (*inbox) Wake() {}

func newBenchDesk(b *testing.B) (*auth.Service, auth.Pair) {
	b.Helper()
	in := &inbox{}
	s, err := auth.New(testConfig, storetest.Open(b), in, in, nil)
	if err != nil {
		b.Fatal(err)
	}
	err = s.SignUp(b.Context(), auth.Application{Name: "Ana", Email: ana, Password: password, Source: auth.FromApp})
	if err != nil {
		b.Fatal(err)
	}
	v, err := s.Verify(b.Context(), ana, in.code)
	if err != nil {
		b.Fatal(err)
	}
	return s, v.Tokens
}

// Each check by itself, as it is with a session that is kept, and as it is without.
func BenchmarkAuthenticate(b *testing.B) {
	for name, keeps := range map[string]bool{"kept": true, "looked up": false} {
		b.Run(name, func(b *testing.B) {
			s, p := newBenchDesk(b)
			if keeps {
				if err := s.Listening(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Authenticate(b.Context(), p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
