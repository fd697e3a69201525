package vchat_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/server"
	"expresschat/server/doortest"
	"expresschat/server/vchat"
	"expresschat/socketio/own"
)

// accounts know one session, of one user.
type accounts struct {
	vchat.Accounts
	who   auth.Identity
	alive func() error              // answers StillLive
	ended func(ctx context.Context) // is told of EndSession
	named func(ctx context.Context) // is told of Rename
}

func (a accounts) Rename(ctx context.Context, _ auth.UserID, name string) (auth.User, error) {
	a.named(ctx)
	return auth.User{Name: name}, ctx.Err()
}

func (a accounts) AuthenticateLong(context.Context, string) (auth.Identity, error) { return a.who, nil }

func (a accounts) StillLive(context.Context, auth.SessionID) error { return a.alive() }

func (a accounts) EndSession(ctx context.Context, _ auth.UserID, _ auth.SessionID) error {
	a.ended(ctx)
	return ctx.Err()
}

func someone() auth.Identity {
	return auth.Identity{User: auth.User{ID: auth.NewUserID(), Name: "Ana"}, Session: auth.SessionID(auth.NewID())}
}

// goner is a client that is gone when it is answered.
type goner struct {
	*httptest.ResponseRecorder
	gone context.CancelFunc
}

func (g goner) Write(b []byte) (int, error) {
	g.gone()
	return g.ResponseRecorder.Write(b)
}

// Who signs out and is gone with that is signed out.
func TestSigningOutInAHurry(t *testing.T) {
	t.Parallel()
	ended := 0
	d := vchat.New(vchat.Parts{Log: doortest.NoErrors(t), Accounts: accounts{who: someone(), ended: func(ctx context.Context) {
		ended++
		if err := ctx.Err(); err != nil {
			t.Errorf("the session is ended with %v", err)
		}
	}}})
	defer func() { _ = d.Stop(context.Background()) }()
	e := echo.New()
	d.Mount(e)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, "PATCH", "/api/v1/user", strings.NewReader(`{"fcmToken":"Out"}`))
	w := goner{httptest.NewRecorder(), cancel}
	e.ServeHTTP(w, r)
	if w.Code != http.StatusOK || ended != 1 {
		t.Errorf("%d %s, and %d sessions ended", w.Code, w.Body, ended)
	}
}

// slowly is a body whose bytes come one by one, a second after each other.
type slowly struct{ *strings.Reader }

func (s slowly) Read(b []byte) (int, error) {
	time.Sleep(time.Second)
	return s.Reader.Read(b[:1])
}

// The time that a client takes to send is not taken from the time that an answer may take.
func TestARequestThatArrivesSlowly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wait := time.Duration(0)
		d := vchat.New(vchat.Parts{Log: slog.New(slog.DiscardHandler), Accounts: accounts{
			who: someone(), named: func(ctx context.Context) {
				select {
				case <-time.After(wait):
				case <-ctx.Done():
				}
			},
		}})
		defer func() { _ = d.Stop(context.Background()) }()
		e := echo.New()
		d.Mount(e)
		for after, want := range map[time.Duration]int{server.Patience - 1: http.StatusOK, server.Patience + 1: http.StatusServiceUnavailable} {
			wait = after
			r := httptest.NewRequestWithContext(t.Context(), "PATCH", "/api/v1/user", slowly{strings.NewReader(`{"name":"Anna"}`)})
			w := httptest.NewRecorder()
			e.ServeHTTP(w, r)
			if w.Code != want || (want != http.StatusOK && !strings.Contains(w.Body.String(), "too long")) {
				t.Errorf("answered after %v: %d %s", after, w.Code, w.Body)
			}
		}
	})
}

// noBus fails if anything is done in the order of a room's events.
type noBus struct{ t *testing.T }

func (noBus) Part(string) int { return 0 }
func (noBus) Parts() int      { return 1 }

func (b noBus) Await(part int, f func()) { b.Do(part, f) }

func (b noBus) Do(_ int, f func()) {
	b.t.Error("an event was handled")
	f()
}

// A session that is revoked while it is looked at is over: what its client has said by then
// is not heard.
func TestRevokedWhileItIsLookedAt(t *testing.T) {
	t.Parallel()
	who, asked, said := someone(), make(chan struct{}), make(chan struct{})
	log := doortest.NoErrors(t)
	var d *vchat.Door
	d = vchat.New(vchat.Parts{Log: log, Bus: noBus{t}, Accounts: accounts{who: who, alive: func() error {
		close(asked)
		<-said
		d.Deliver(bus.SessionRevoked{User: who.User.ID, Session: who.Session})
		return nil // it was, when the database was asked
	}}})
	engine := own.New(own.Options{Logger: log})
	if err := server.Open(engine, "/message", d.MessageDialect()); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(engine.(http.Handler))
	defer s.Close()
	h := &house{T: t, url: s.URL}
	c := h.dial("Ana", 3, "/message", url.Values{}, http.Header{"Authorization": {"x"}})
	c.write("40/message")
	<-asked
	c.write(`42/message,["join","` + auth.NewID() + `"]`)
	c.overheard() // so what it said has arrived
	close(said)
	c.await(func() bool { return c.bye })
	for _, stop := range []func(context.Context) error{engine.Stop, d.Stop} {
		if err := stop(context.Background()); err != nil {
			t.Error(err)
		}
	}
}
