package auth_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"expresschat/auth"
)

func (d *desk) checkLong(name, token string, want error) auth.Identity {
	d.Helper()
	id, err := d.AuthenticateLong(d.Context(), token)
	if !errors.Is(err, want) {
		d.Errorf("%s: %v, want %v", name, err, want)
	}
	return id
}

// long signs somebody in for long.
func (d *desk) long(login, password string) string {
	d.Helper()
	_, token, err := d.SignInLong(d.Context(), login, password)
	if err != nil {
		d.Fatal(err)
	}
	return token
}

func TestTokensOfOneKindAreNoneOfTheOther(t *testing.T) {
	d := newDesk(t)
	p := d.member(ana)
	long := d.long(ana, password)
	d.checkLong("a long token", long, nil)
	for name, token := range map[string]string{
		"an access token": p.Access, "a refresh token": p.Refresh, "nothing": "", "nonsense": "a.b.c",
	} {
		d.checkLong(name, token, auth.ErrUnauthenticated)
	}
	d.check("a long token for an access token", auth.Pair{Access: long, Refresh: p.Refresh}, auth.ErrUnauthenticated)
	d.check("a long token for both", auth.Pair{Access: long, Refresh: long}, auth.ErrUnauthenticated)
	if _, err := d.Renew(t.Context(), auth.Pair{Access: long, Refresh: long}); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("renewing a long token: %v", err)
	}
	if err := d.SignOut(t.Context(), auth.Pair{Access: long, Refresh: long}); err != nil {
		t.Error(err)
	}
	d.checkLong("after it was signed out of as a pair", long, nil)
	d.pass(time.Hour)
	d.check("a long token for a refresh token", auth.Pair{Access: p.Access, Refresh: long}, auth.ErrUnauthenticated)
}

// forge signs the claims of a token, changed, with a key.
func forge(t *testing.T, token string, key []byte, change func(jwt.MapClaims)) string {
	t.Helper()
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		t.Fatal(err)
	}
	change(claims)
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// Even a token with the right key and type does not make a session one of the other kind.
func TestForgedLongTokens(t *testing.T) {
	d := newDesk(t)
	pair := d.member(ana)
	long := d.long(ana, password)
	m := hmac.New(sha256.New, testConfig.RefreshSecret)
	m.Write([]byte("long sessions"))
	key := m.Sum(nil)
	pairs := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(pair.Access, pairs); err != nil {
		t.Fatal(err)
	}
	var said jwt.MapClaims
	d.checkLong("signed by us", forge(t, long, key, func(c jwt.MapClaims) { said = c }), nil)
	for _, name := range []string{"sub", "sid", "jti", "aud", "iat", "typ"} {
		if said[name] == nil {
			t.Errorf("the token has no %s", name)
		}
	}
	if len(said) != 6 {
		t.Errorf("the token says %v", said)
	}
	for name, forged := range map[string]string{
		"with the refresh tokens' key": forge(t, long, testConfig.RefreshSecret, func(jwt.MapClaims) {}),
		"with the access tokens' key":  forge(t, long, testConfig.AccessSecret, func(jwt.MapClaims) {}),
		"of another type":              forge(t, long, key, func(c jwt.MapClaims) { c["typ"] = "access" }),
		"for another audience":         forge(t, long, key, func(c jwt.MapClaims) { c["aud"] = "other" }),
		"for somebody else":            forge(t, long, key, func(c jwt.MapClaims) { c["sub"] = auth.NewID() }),
		"of an unknown session":        forge(t, long, key, func(c jwt.MapClaims) { c["sid"] = auth.NewID() }),
		"of the session of a pair":     forge(t, long, key, func(c jwt.MapClaims) { c["sid"] = pairs["sid"] }),
		"without a session":            forge(t, long, key, func(c jwt.MapClaims) { delete(c, "sid") }),
	} {
		d.checkLong(name, forged, auth.ErrUnauthenticated)
	}
	d.check("an access token of a long session", auth.Pair{
		Access: forge(t, pair.Access, testConfig.AccessSecret, func(c jwt.MapClaims) { c["sid"] = said["sid"] }),
	}, auth.ErrUnauthenticated)
}

func TestALongSessionLastsAYearFromItsLastUse(t *testing.T) {
	d := newDesk(t)
	_, token := d.register(ana)
	for range 3 {
		d.pass(auth.LongTTL - time.Hour)
		d.checkLong("within a year", token, nil)
	}
	d.pass(auth.LongTTL + time.Second)
	d.checkLong("after a year", token, auth.ErrUnauthenticated)
}

// writes counts how often the end of a session is moved.
type writes struct {
	auth.Store
	mu    sync.Mutex
	moved int
}

// ProlongSession implements auth.Store.
func (w *writes) ProlongSession(ctx context.Context, id auth.SessionID, now, due, until time.Time) (bool, error) {
	moved, err := w.Store.ProlongSession(ctx, id, now, due, until)
	w.mu.Lock()
	defer w.mu.Unlock()
	if moved {
		w.moved++
	}
	return moved, err
}

func TestALongSessionIsWrittenOnceADay(t *testing.T) {
	w := &writes{}
	d := newDeskOn(t, testConfig, func(s auth.Store) auth.Store {
		w.Store = s
		return w
	})
	_, token := d.register(ana)
	for day := range 3 {
		if w.moved != day {
			t.Errorf("on day %d it was written %d times", day, w.moved)
		}
		d.pass(23 * time.Hour)
		d.checkLong("within the day", token, nil)
		if w.moved != day {
			t.Errorf("within day %d it was written %d times", day, w.moved)
		}
		d.pass(time.Hour + time.Second)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { d.checkLong("the next day", token, nil) })
		}
		wg.Wait()
	}
}

func TestEndingALongSession(t *testing.T) {
	d := newDesk(t)
	u, token := d.register(ana)
	other := d.long(ana, digest)
	bens, _ := d.register("ben@example.org")
	id := d.checkLong("before", token, nil)
	if err := d.EndSession(t.Context(), bens.ID, id.Session); err != nil {
		t.Fatal(err)
	}
	d.checkLong("after somebody else wanted to", token, nil)
	for range 2 {
		if err := d.EndSession(t.Context(), u.ID, id.Session); err != nil {
			t.Fatal(err)
		}
	}
	d.checkLong("after", token, auth.ErrUnauthenticated)
	d.checkLong("the other session", other, nil)
	if err := d.StillLive(t.Context(), id.Session); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Error(err)
	}
	if !slices.Equal(d.revoked, []auth.SessionID{id.Session}) {
		t.Errorf("announced %v", d.revoked)
	}
}
