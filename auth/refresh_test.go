package auth_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"expresschat/auth"
)

// refresh presents a token and returns the pair that it gets.
func (d *desk) refresh(token string) auth.Pair {
	d.Helper()
	p, err := d.Refresh(d.Context(), token)
	if err != nil {
		d.Fatal(err)
	}
	return p
}

// session is the session that a token names.
func (d *desk) session(token string) auth.SessionID {
	d.Helper()
	return auth.SessionID(part(d.T, token, 1)["sid"].(string))
}

// sessionEnded checks that a token, presented again, ends its session, and that this is
// told once.
func (d *desk) sessionEnded(token string, live auth.Pair) {
	d.Helper()
	before := d.check("before the reuse", live, nil)
	var reuse *auth.ReuseError
	_, err := d.Refresh(d.Context(), token)
	if !errors.As(err, &reuse) || !errors.Is(err, auth.ErrUnauthenticated) {
		d.Fatalf("used again: %v", err)
	}
	if reuse.Session != before.Session || reuse.User != before.User.ID {
		d.Errorf("the error names %+v", reuse)
	}
	d.check("after the reuse", live, auth.ErrUnauthenticated)
	for _, again := range []string{token, live.Refresh} {
		if _, err := d.Refresh(d.Context(), again); !errors.Is(err, auth.ErrUnauthenticated) || errors.As(err, &reuse) {
			d.Errorf("a token of a session that is over: %v", err)
		}
	}
	if !slices.Equal(d.revoked, []auth.SessionID{before.Session}) {
		d.Errorf("announced %v", d.revoked)
	}
}

func TestRefreshing(t *testing.T) {
	d := newDesk(t)
	p := d.member(ana)
	_, other, err := d.SignIn(t.Context(), ana, password)
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		d.pass(time.Hour)
		next := d.refresh(p.Refresh)
		if next.Refresh == p.Refresh || next.Life != testConfig.RefreshTTL {
			t.Errorf("renewed to %+v", next)
		}
		d.check("the new access token alone", auth.Pair{Access: next.Access}, nil)
		p = next
	}
	d.check("another session", auth.Pair{Access: d.refresh(other.Refresh).Access}, nil)
	for name, token := range map[string]string{
		"nothing": "", "nonsense": "a.b.c", "an access token": p.Access, "a long token": d.long(ana, password),
		"of somebody else": forgery{key: testConfig.RefreshSecret, claims: set("sub", auth.NewID())}.of(t, p.Refresh),
		"of no session":    forgery{key: testConfig.RefreshSecret, claims: set("sid", auth.NewID())}.of(t, p.Refresh),
	} {
		if _, err := d.Refresh(t.Context(), token); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(d.revoked) > 0 {
		t.Errorf("announced %v", d.revoked)
	}
}

func TestASessionSlidesForThirtyDaysAndEndsAfterNinety(t *testing.T) {
	d := newDesk(t)
	const day = 24 * time.Hour
	p := d.member(ana)
	for range 3 {
		d.pass(29 * day)
		p = d.refresh(p.Refresh)
	}
	if p.Life != 3*day {
		t.Errorf("on day 87 a token lives for %v", p.Life)
	}
	d.pass(3*day - time.Second)
	p = d.refresh(p.Refresh)
	d.check("on day 90", p, nil)
	d.pass(2 * time.Second)
	d.check("after it", p, auth.ErrUnauthenticated)
	if _, err := d.Refresh(t.Context(), p.Refresh); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Error(err)
	}

	_, p, err := d.SignIn(t.Context(), ana, password)
	if err != nil {
		t.Fatal(err)
	}
	d.pass(30*day + time.Second)
	if _, err := d.Refresh(t.Context(), p.Refresh); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("30 days without a renewal: %v", err)
	}
}

// Whoever comes at once with the same token gets the same successor.
func TestTwoTabsRefreshAtOnce(t *testing.T) {
	d := newDesk(t)
	p := d.member(ana)
	const tabs = 8
	pairs := make([]auth.Pair, tabs)
	var all sync.WaitGroup
	for i := range tabs {
		all.Go(func() {
			var err error
			if i%2 == 0 {
				pairs[i], err = d.Refresh(t.Context(), p.Refresh)
			} else {
				pairs[i], err = d.Renew(t.Context(), p)
			}
			if err != nil {
				t.Errorf("tab %d: %v", i, err)
			}
		})
	}
	all.Wait()
	for i, got := range pairs {
		if got.Refresh != pairs[0].Refresh || got.Refresh == p.Refresh {
			t.Errorf("tab %d has another token", i)
		}
		d.check("a tab", auth.Pair{Access: got.Access}, nil)
	}
	d.refresh(pairs[0].Refresh)
	if len(d.revoked) > 0 {
		t.Errorf("announced %v", d.revoked)
	}
}

// An answer got lost: the token is presented again, and what came the first time comes.
func TestALostReply(t *testing.T) {
	d := newDesk(t)
	p := d.member(ana)
	d.pass(time.Hour)
	lost := d.refresh(p.Refresh)
	d.pass(auth.Grace - time.Second)
	again := d.refresh(p.Refresh)
	if again.Refresh != lost.Refresh || again.Life != lost.Life-auth.Grace+time.Second {
		t.Errorf("%+v, and then %+v", lost, again)
	}
	d.check("the pair before it, at a handshake", p, nil)
	d.refresh(again.Refresh)
}

// The key changed between the two: the token is the same, signed anew.
func TestALostReplyWhileKeysRotate(t *testing.T) {
	d := newDesk(t)
	p := d.member(ana)
	lost := d.refresh(p.Refresh)
	both := d.rotated(rotation(testConfig))
	again := both.refresh(p.Refresh)
	a, b := part(t, lost.Refresh, 1), part(t, again.Refresh, 1)
	if a["jti"] != b["jti"] || a["exp"] != b["exp"] || part(t, lost.Refresh, 0)["kid"] == part(t, again.Refresh, 0)["kid"] {
		t.Errorf("%v, and then %v", a, b)
	}
	next := both.refresh(lost.Refresh)
	both.refresh(next.Refresh)
}

func TestReuseAfterTheSuccessorWasUsed(t *testing.T) {
	d := newDesk(t)
	first := d.member(ana)
	second := d.refresh(first.Refresh)
	third := d.refresh(second.Refresh)
	d.check("another session", d.member("ben@example.org"), nil)
	d.sessionEnded(first.Refresh, third)
}

func TestReuseAfterTheGrace(t *testing.T) {
	d := newDesk(t)
	first := d.member(ana)
	second := d.refresh(first.Refresh)
	d.pass(auth.Grace)
	d.sessionEnded(first.Refresh, second)
}

func TestReuseOfOneFromLongAgo(t *testing.T) {
	d := newDesk(t)
	first := d.member(ana)
	p := first
	for range 5 {
		d.pass(time.Minute)
		p = d.refresh(p.Refresh)
	}
	d.sessionEnded(first.Refresh, p)
}

// Of a token that is presented again by two at once, the session ends once.
func TestReuseByTwoAtOnce(t *testing.T) {
	d := newDesk(t)
	first := d.member(ana)
	second := d.refresh(first.Refresh)
	d.pass(auth.Grace)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := d.Refresh(t.Context(), first.Refresh); !errors.Is(err, auth.ErrUnauthenticated) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if want := []auth.SessionID{d.session(first.Refresh)}; !slices.Equal(d.revoked, want) {
		t.Errorf("announced %v, want %v", d.revoked, want)
	}
	d.check("afterwards", second, auth.ErrUnauthenticated)
}

// A handshake with a token that is too old fails, and that is all.
func TestAHandshakeIsNoReuse(t *testing.T) {
	d := newDesk(t)
	first := d.member(ana)
	d.pass(time.Hour)
	second := d.refresh(first.Refresh)
	stale := auth.Pair{Access: first.Access, Refresh: first.Refresh}
	fresh := auth.Pair{Access: first.Access, Refresh: second.Refresh}
	d.check("the one before, within the grace", stale, nil)
	d.check("the newest", fresh, nil)
	d.pass(auth.Grace)
	d.check("the one before, after it", stale, auth.ErrUnauthenticated)
	d.check("the newest, later", fresh, nil)

	third := d.refresh(second.Refresh)
	d.check("one from long ago", stale, auth.ErrUnauthenticated)
	d.check("the one before", fresh, nil)
	d.check("the newest", auth.Pair{Access: first.Access, Refresh: third.Refresh}, nil)
	d.refresh(third.Refresh)
	d.check("the one before that, its successor used", fresh, auth.ErrUnauthenticated)
	if len(d.revoked) > 0 {
		t.Errorf("announced %v", d.revoked)
	}
}

// earlier starts a session as the version did that kept no refresh tokens, and returns two
// pairs of it.
func (d *desk) earlier(p auth.Pair) (session auth.SessionID, older, newer auth.Pair) {
	d.Helper()
	who := d.check("who", p, nil)
	session = auth.NewSessionID()
	account, err := d.store.AccountOf(d.Context(), who.User.ID)
	if err != nil {
		d.Fatal(err)
	}
	err = d.store.StartSession(d.Context(), auth.Session{
		ID: session, Kind: auth.PairSession, User: who.User.ID, ExpiresAt: d.clock().Add(testConfig.RefreshTTL),
	}, account.PasswordHash)
	if err != nil {
		d.Fatal(err)
	}
	pair := func() auth.Pair {
		change := func(m map[string]any) { m["sid"], m["jti"] = session, auth.NewID() }
		access := forgery{key: testConfig.AccessSecret, header: without("kid"), claims: change}
		refresh := forgery{key: testConfig.RefreshSecret, header: without("kid"), claims: change}
		return auth.Pair{Access: access.of(d.T, p.Access), Refresh: refresh.of(d.T, p.Refresh)}
	}
	return session, pair(), pair()
}

// Who had signed in before refresh tokens were kept stays signed in.
func TestSessionsOfEarlierVersions(t *testing.T) {
	d := newDesk(t)
	id, older, newer := d.earlier(d.member(ana))
	d.check("at once", newer, nil)
	d.pass(time.Hour)
	for range 2 {
		d.check("a handshake", newer, nil)
		d.check("a handshake with one from before", older, nil)
	}
	next := d.refresh(newer.Refresh)
	if again := d.refresh(newer.Refresh); again.Refresh != next.Refresh {
		t.Error("a repeat has another successor")
	}
	d.check("a handshake with the one that was replaced", older, auth.ErrUnauthenticated)
	p := d.refresh(next.Refresh)
	for range 3 {
		d.pass(29 * 24 * time.Hour)
		p = d.refresh(p.Refresh)
	}
	if want := 3 * 24 * time.Hour; p.Life != want {
		t.Errorf("87 days after its first renewal a token lives for %v, want %v", p.Life, want)
	}
	if len(d.revoked) > 0 {
		t.Errorf("announced %v, of %s", d.revoked, id)
	}
}

// Of two copies, the one that comes second is one too many.
func TestAnEarlierSessionIsTakenOnOnce(t *testing.T) {
	d := newDesk(t)
	_, older, newer := d.earlier(d.member(ana))
	p := d.refresh(newer.Refresh)
	d.sessionEnded(older.Refresh, p)
}

func TestSessionsAreNotShorterThanTheirTokens(t *testing.T) {
	t.Parallel()
	c := testConfig
	c.SessionMax = c.RefreshTTL - 1
	if _, err := auth.New(c, nil, nil, nil, nil); err == nil {
		t.Error("no error")
	}
}
