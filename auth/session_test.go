package auth_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"expresschat/auth"
)

func (d *desk) check(name string, p auth.Pair, want error) auth.Identity {
	d.Helper()
	id, err := d.Authenticate(d.Context(), p)
	if !errors.Is(err, want) {
		d.Errorf("%s: %v, want %v", name, err, want)
	}
	return id
}

func TestPairs(t *testing.T) {
	d := newDesk(t)
	p := d.member(ana)
	bens := d.member("ben@example.org")
	if id := d.check("a fresh pair", p, nil); id.User.Name != "Ana" || id.Renewed != "" {
		t.Errorf("identity %+v", id)
	}
	d.check("an access token alone", auth.Pair{Access: p.Access}, nil)
	d.check("a refresh token alone", auth.Pair{Refresh: p.Refresh}, auth.ErrUnauthenticated)
	d.check("a refresh token for an access token", auth.Pair{Access: p.Refresh, Refresh: p.Refresh}, auth.ErrUnauthenticated)
	d.check("nothing", auth.Pair{}, auth.ErrUnauthenticated)
	d.check("nonsense", auth.Pair{Access: "a.b.c", Refresh: p.Refresh}, auth.ErrUnauthenticated)

	d.pass(15 * time.Minute)
	id := d.check("an expired access token with its refresh token", p, nil)
	d.check("the token that was minted", auth.Pair{Access: id.Renewed}, nil)
	d.check("an expired access token alone", auth.Pair{Access: p.Access}, auth.ErrUnauthenticated)
	d.check("with somebody else's refresh token", auth.Pair{Access: p.Access, Refresh: bens.Refresh}, auth.ErrUnauthenticated)
	d.check("with an access token for a refresh token", auth.Pair{Access: p.Access, Refresh: id.Renewed}, auth.ErrUnauthenticated)
	_, other, err := d.SignIn(t.Context(), ana, password)
	if err != nil {
		t.Fatal(err)
	}
	d.check("with another session's refresh token", auth.Pair{Access: p.Access, Refresh: other.Refresh}, auth.ErrUnauthenticated)

	d.pass(720 * time.Hour)
	d.check("both expired", p, auth.ErrUnauthenticated)
}

func TestSigningOutEndsTheSessionEverywhere(t *testing.T) {
	for name, held := range map[string]func(auth.Pair) auth.Pair{
		"both":    func(p auth.Pair) auth.Pair { return p },
		"access":  func(p auth.Pair) auth.Pair { return auth.Pair{Access: p.Access} },
		"refresh": func(p auth.Pair) auth.Pair { return auth.Pair{Refresh: p.Refresh} },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			p := d.member(ana)
			_, other, err := d.SignIn(t.Context(), ana, password)
			if err != nil {
				t.Fatal(err)
			}
			d.pass(time.Hour) // expired tokens name their session too
			before := d.check("before", p, nil)
			for range 2 {
				if err := d.SignOut(t.Context(), held(p)); err != nil {
					t.Fatal(err)
				}
			}
			d.check("after", p, auth.ErrUnauthenticated)
			d.check("the minted token", auth.Pair{Access: before.Renewed}, auth.ErrUnauthenticated)
			d.check("the other session", other, nil)
			if err := d.StillLive(t.Context(), before.Session); !errors.Is(err, auth.ErrUnauthenticated) {
				t.Error(err)
			}
			if !slices.Equal(d.revoked, []auth.SessionID{before.Session}) {
				t.Errorf("announced %v", d.revoked)
			}
		})
	}
}

func TestSigningOutOfNothing(t *testing.T) {
	d := newDesk(t)
	if err := d.SignOut(t.Context(), auth.Pair{Access: "x"}); err != nil || len(d.revoked) != 0 {
		t.Errorf("%v, announced %v", err, d.revoked)
	}
}

func TestRenewing(t *testing.T) {
	d := newDesk(t)
	p := d.member(ana)
	d.pass(time.Hour)
	minted := d.check("handshake", p, nil).Renewed
	if _, err := d.Renew(t.Context(), p); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("with a stale access token: %v", err)
	}
	bens := d.member("ben@example.org")
	if _, err := d.Renew(t.Context(), auth.Pair{Access: minted, Refresh: bens.Refresh}); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("with another's refresh token: %v", err)
	}
	renewed, err := d.Renew(t.Context(), auth.Pair{Access: minted, Refresh: p.Refresh})
	if err != nil || renewed.Access != minted {
		t.Fatalf("%+v, %v", renewed, err)
	}
	d.pass(719 * time.Hour)
	d.check("the session lasts from its renewal", auth.Pair{Access: minted, Refresh: renewed.Refresh}, nil)
	d.check("the old refresh token does not", p, auth.ErrUnauthenticated)
}

func TestSecretsHaveToBeLong(t *testing.T) {
	t.Parallel()
	c := testConfig
	c.AccessSecret = c.AccessSecret[:auth.MinSecret-1]
	if _, err := auth.New(c, nil, nil, nil, nil); err == nil {
		t.Error("no error")
	}
}

// What is known of a session's last use is a day old at most.
func TestUseOfASession(t *testing.T) {
	d := newDesk(t)
	p := d.member(ana)
	who := d.check("at once", p, nil)
	used := func() time.Time {
		t.Helper()
		list, err := d.Sessions(t.Context(), who.User.ID)
		if err != nil || len(list) != 1 || list[0].ID != who.Session {
			t.Fatalf("%+v, %v", list, err)
		}
		return list[0].UsedAt
	}
	began := used()
	d.pass(23 * time.Hour)
	d.check("within the day", p, nil)
	if !used().Equal(began) {
		t.Error("it was written within the day")
	}
	d.pass(2 * time.Hour)
	d.check("the next day", p, nil)
	if got := d.clock().Sub(used()).Abs(); got > time.Second {
		t.Errorf("it was used %v ago", got)
	}
	d.pass(time.Minute)
	d.refresh(p.Refresh)
	if got := d.clock().Sub(used()).Abs(); got > time.Second {
		t.Errorf("it was renewed %v ago", got)
	}
	if err := d.CloseSession(t.Context(), who.User.ID, "x"); !errors.Is(err, auth.ErrNoSession) {
		t.Errorf("what is no id: %v", err)
	}
	d.pass(721 * time.Hour)
	if list, err := d.Sessions(t.Context(), who.User.ID); err != nil || len(list) != 0 {
		t.Errorf("one that is over: %+v, %v", list, err)
	}
}
