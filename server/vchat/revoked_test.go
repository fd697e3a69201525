package vchat_test

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/server/doortest"
	"expresschat/store"
)

// asks counts what a check of a token asks of the store.
type asks struct {
	auth.Store
	n atomic.Int32
}

func (a *asks) of(s *store.Store) auth.Store {
	a.Store = s
	return a
}

func (a *asks) LiveSession(ctx context.Context, id auth.SessionID, now time.Time) (auth.Session, auth.User, error) {
	a.n.Add(1)
	return a.Store.LiveSession(ctx, id, now)
}

func (a *asks) SessionShown(ctx context.Context, id auth.SessionID, hash []byte, now, since time.Time) (auth.Session, auth.User, error) {
	a.n.Add(1)
	return a.Store.SessionShown(ctx, id, hash, now, since)
}

func (a *asks) ProlongSession(ctx context.Context, id auth.SessionID, now, due, until time.Time) (bool, error) {
	a.n.Add(1)
	return a.Store.ProlongSession(ctx, id, now, due, until)
}

func (a *asks) TouchSession(ctx context.Context, id auth.SessionID, now, due time.Time) error {
	a.n.Add(1)
	return a.Store.TouchSession(ctx, id, now, due)
}

// device is somebody with a session of each kind, and sockets of all doors.
type device struct {
	person
	sockets []*client
	page    *client
}

// device signs p in, for both doors.
func (h *house) device(p person) device {
	h.Helper()
	var err error
	_, p.tokens, err = h.auth.SignIn(h.Context(), p.email, "open-sesame")
	h.must(err)
	_, p.token, err = h.auth.SignInLong(h.Context(), p.email, "open-sesame")
	h.must(err)
	return h.open(p)
}

// open opens its sockets, and makes a request.
func (h *house) open(p person) device {
	h.Helper()
	d := device{person: p, page: h.page(p)}
	d.sockets = []*client{h.app(p, 3), h.app(p, 4), h.reader(p, 3, ""), h.reader(p, 4, "")}
	h.done(p, "GET", "room", nil)
	return d
}

func (h *house) sessionsOf(d device) (pair, long auth.SessionID) {
	h.Helper()
	p, err := h.auth.Authenticate(h.Context(), d.tokens)
	h.must(err)
	l, err := h.auth.AuthenticateLong(h.Context(), d.token)
	h.must(err)
	return p.Session, l.Session
}

// isOver waits until every socket of a device is sent away, and looks whether its tokens are
// refused by then.
func (h *house) isOver(how string, d device) {
	h.Helper()
	d.page.await(func() bool { return has(d.page.events, "auth-failure") && d.page.bye })
	for _, c := range d.sockets {
		c.await(func() bool { return c.bye })
		if !c.bye {
			h.Errorf("%s: %s of revision %d was not told to leave", how, c.name, c.revision)
		}
	}
	if !has(d.page.events, "auth-failure") || !d.page.bye {
		h.Errorf("%s: the page was not told", how)
	}
	h.isRefused(how, d)
}

// isRefused looks whether the tokens of a device are good for nothing.
func (h *house) isRefused(how string, d device) {
	h.Helper()
	if got := h.call(d.person, "GET", "room", nil); got.status != http.StatusUnauthorized {
		h.Errorf("%s: a request is answered by %d %s", how, got.status, got.data)
	}
	app := h.dial("back", 3, "/", url.Values{}, http.Header{"Authorization": {d.token}})
	app.await(func() bool { return app.ins > 0 || app.out != "" })
	if app.ins > 0 {
		h.Errorf("%s: an app comes back", how)
	}
	page := h.dial("back", 4, "/", url.Values{"accessToken": {d.tokens.Access}, "refreshToken": {d.tokens.Refresh}}, http.Header{})
	page.write("40")
	page.await(func() bool { return has(page.events, "auth-failure") || has(page.events, "user-id") })
	if has(page.events, "user-id") {
		h.Errorf("%s: a page comes back", how)
	}
}

// However a session ends, and whoever ends it, its sockets are sent away and its tokens are
// refused, through both doors; and those of the same person's other sessions are not.
func TestRevocationReachesEverySocket(t *testing.T) {
	h := newHouse(t)
	ears := h.ground.Listen(h.express, h.door)
	db := doortest.Connect(t, h.database)
	elsewhere, err := store.Reach(t.Context(), h.database, store.Conns{Lanes: 1, Others: 1}, h.ground.Log)
	h.must(err)
	t.Cleanup(elsewhere.Close)
	ana := h.pagePerson("Ana")
	other := h.device(ana) // goes on until the last of them
	otherPair, otherLong := h.sessionsOf(other)
	const revoke = `UPDATE sessions SET revoked_at = now() WHERE id IN ($1, $2)`
	for _, way := range []struct {
		name string
		end  func(d device, pair, long auth.SessionID) error
	}{
		{"signed out", func(d device, _, long auth.SessionID) error {
			h.must(h.auth.SignOut(t.Context(), d.tokens))
			return h.auth.CloseSession(t.Context(), d.id, long)
		}},
		{"another process", func(d device, pair, long auth.SessionID) error {
			_, err := elsewhere.RevokeSession(t.Context(), d.id, pair, time.Now())
			h.must(err)
			_, err = elsewhere.RevokeSession(t.Context(), d.id, long, time.Now())
			return err
		}},
		{"by hand", func(_ device, pair, long auth.SessionID) error {
			_, err := db.Exec(t.Context(), revoke, pair, long)
			return err
		}},
		{"removed by hand", func(_ device, pair, long auth.SessionID) error {
			_, err := db.Exec(t.Context(), `DELETE FROM sessions WHERE id IN ($1, $2)`, pair, long)
			return err
		}},
		// Who listens is gone when it is committed, and hears of it when it is back.
		{"unheard", func(_ device, pair, long auth.SessionID) error {
			tx, err := db.Begin(t.Context())
			h.must(err)
			_, err = tx.Exec(t.Context(), revoke, pair, long)
			h.must(err)
			var ended int
			h.must(tx.QueryRow(t.Context(), `SELECT count(*) FROM (`+doortest.EndListeners+`) e`).Scan(&ended))
			if ended != 1 {
				t.Errorf("%d were listening", ended)
			}
			h.must(tx.Commit(t.Context()))
			ears.Await()
			return nil
		}},
		{"by a new password", func(_ device, _, _ auth.SessionID) error {
			who, err := h.auth.Authenticate(t.Context(), other.tokens)
			h.must(err)
			return h.auth.ChangePassword(t.Context(), who, "open-sesame", "open-sesame-2")
		}},
	} {
		d := h.device(ana)
		pair, long := h.sessionsOf(d)
		h.must(way.end(d, pair, long))
		h.isOver(way.name, d)
		if way.name == "by a new password" {
			break // which has ended the other long session, too
		}
		h.must(h.auth.StillLive(t.Context(), otherLong))
		h.settle()
		for _, c := range append(other.sockets, other.page) {
			if c.bye {
				t.Errorf("%s: %s of another session was sent away", way.name, c.name)
			}
		}
	}
	h.must(h.auth.StillLive(t.Context(), otherPair))
	n, err := elsewhere.RevokeSessions(t.Context(), ana.id, time.Now())
	if err != nil || n != 1 { // the rest ended with the password
		t.Errorf("ended %d, %v", n, err)
	}
	h.isOver("all of somebody's", other)
}

// A token that was seen costs nothing when it is shown again, at a handshake and by REST.
func TestATokenIsCheckedWithoutTheDatabase(t *testing.T) {
	h := newHouse(t)
	h.ground.Listen(h.express, h.door)
	d := h.device(h.pagePerson("Ana"))
	before := h.asks.n.Load()
	for range 2 {
		h.open(d.person)
		h.done(d.person, "GET", "user", nil)
	}
	if n := h.asks.n.Load() - before; n != 0 {
		t.Errorf("asked %d times", n)
	}
}
