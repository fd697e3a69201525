package doortest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/chat/lane"
	"expresschat/groups"
	"expresschat/media"
	"expresschat/media/picture"
	"expresschat/server"
	"expresschat/server/files"
	"expresschat/server/problem"
	"expresschat/store"
	"expresschat/store/storetest"
)

// Ground is a house without its doors: everything real but the mail.
type Ground struct {
	Database string // how to reach the house's schema
	Store    *store.Store
	Auth     *auth.Service
	Bus      *bus.Local
	Lanes    *lane.Log
	Mail     *Mailbox
	Media    *media.Service
	Log      *slog.Logger
	// Departed has every user who deleted their account, once they are gone from everywhere.
	Departed chan auth.UserID

	t testing.TB
}

// Plan is what a house has of its own.
type Plan struct {
	Admission auth.Admission
	// Now is the clock by which tokens age; time.Now where nil.
	Now func() time.Time
	// HideAccounts and KDF are auth.Config's.
	HideAccounts bool
	KDF          auth.KDF
	// Limits and Quota are media.Config's; where there are no limits, a MiB for each.
	Limits media.Limits
	Quota  int64
	// Bucket is where files are; nil for a folder of the test's.
	Bucket media.Bucket
	// Sessions is what the accounts have for their store; nil for the store itself.
	Sessions func(*store.Store) auth.Store
}

// Conns are a house's connections to its database.
var Conns = store.Conns{Lanes: 4, Others: 6}

// NewGround opens a store in a schema of its own, and what stands on it.
func NewGround(t testing.TB, p Plan) *Ground {
	t.Helper()
	log := NoErrors(t)
	g := &Ground{Database: storetest.Shaped(t), Bus: bus.NewLocal(3, log), Mail: &Mailbox{codes: map[string]string{}}, Log: log, Departed: make(chan auth.UserID, 16), t: t}
	var err error
	if g.Store, err = store.Open(t.Context(), g.Database, Conns, log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Store.Close)
	g.Lanes = lane.New(3, g.Store, g.Bus)
	var sessions auth.Store = g.Store
	if p.Sessions != nil {
		sessions = p.Sessions(g.Store)
	}
	g.Media = g.newMedia(p)
	names := chat.NewNames(g.Lanes, g.Store)
	departures := groups.NewDepartures(groups.New(g.Lanes, g.Store, 512), g.Lanes, farewells{g.Store, g.Departed}, names, log)
	work(t, departures.Run)
	g.Auth, err = auth.New(auth.Config{
		AccessSecret: []byte(strings.Repeat("a", 32)), RefreshSecret: []byte(strings.Repeat("r", 32)),
		AccessTTL: time.Hour, RefreshTTL: 2 * time.Hour, PublicURL: &url.URL{Scheme: "http", Host: "chat.example"},
		Admission: p.Admission, Now: p.Now, HideAccounts: p.HideAccounts, KDF: p.KDF,
	}, sessions, g.Mail, g.Mail, announcer{g.Bus, names, departures, t})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (g *Ground) newMedia(p Plan) *media.Service {
	g.t.Helper()
	if p.Limits == (media.Limits{}) {
		p.Limits = media.Limits{Image: 1 << 20, Voice: 1 << 20, Video: 1 << 20, File: 1 << 20, Profile: 1 << 20}
	}
	if p.Bucket == nil {
		p.Bucket = Folder(g.t)
	}
	return media.New(media.Config{
		Files: g.Store.Files(), Bucket: p.Bucket, Pictures: picture.Pictures{},
		Limits: p.Limits, Quota: p.Quota, Log: g.Log,
	})
}

// farewells are a store that tells of each departure.
type farewells struct {
	*store.Store
	gone chan<- auth.UserID
}

// Departed implements groups.Departing.
func (f farewells) Departed(ctx context.Context, user auth.UserID) error {
	err := f.Store.Departed(ctx, user)
	if err == nil {
		f.gone <- user
	}
	return err
}

// work has a worker run until the end of the test, and of the house.
func work(t testing.TB, run func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { run(ctx) })
	t.Cleanup(func() {
		cancel()
		done.Wait()
	})
}

// Handler is the server with doors in it.
func (g *Ground) Handler(socket server.Socket, doors ...server.Door) http.Handler {
	origins, _ := server.ParseOrigins([]string{"http://chat.example"})
	return server.New(server.Parts{
		Origins: origins, Ready: g.Store.Ping, Socket: socket, Upload: g.Media.Request(),
		Doors: append(doors, files.New(g.Media, problem.NewReporter(g.Log))), Log: g.Log,
	})
}

// Serve serves a handler. At the end of the test it calls what stops the house, in order.
func (g *Ground) Serve(h http.Handler, stops ...func(context.Context) error) (address string, client *http.Client) {
	s := httptest.NewServer(h)
	g.t.Cleanup(func() {
		for _, stop := range stops {
			if err := stop(context.Background()); err != nil {
				g.t.Error(err)
			}
		}
		s.Close()
	})
	return s.URL, s.Client()
}

// Mailbox is where the mail of a house goes: it keeps the newest code for each address.
type Mailbox struct {
	mu    sync.Mutex
	codes map[string]string // written before a sign-up returns
}

// Code is the newest one for an address.
func (m *Mailbox) Code(email string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.codes[email]
}

// VerifyLink implements auth.Letters. The code is in the link.
func (m *Mailbox) VerifyLink(to, _, link string) (auth.Letter, error) {
	u, err := url.Parse(link)
	if err != nil {
		return auth.Letter{}, err
	}
	return m.VerifyCode(to, "", u.Query().Get("token"))
}

// VerifyCode implements auth.Letters.
func (m *Mailbox) VerifyCode(to, _, code string) (auth.Letter, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.codes[to] = code
	return auth.Letter{To: to}, nil
}

// ResetLink implements auth.Letters. The code is in the link.
func (m *Mailbox) ResetLink(to, _, link string) (auth.Letter, error) {
	return m.VerifyLink(to, "", link)
}

// ResetCode implements auth.Letters.
func (m *Mailbox) ResetCode(to, _, code string) (auth.Letter, error) {
	return m.VerifyCode(to, "", code)
}

// PasswordChanged implements auth.Letters.
func (*Mailbox) PasswordChanged(to, _ string) (auth.Letter, error) {
	return auth.Letter{To: to}, nil
}

// Wake implements auth.Postman: nothing has to be sent.
func (*Mailbox) Wake() {}

// announcer tells the bus of sessions that ended, and of new names.
type announcer struct {
	bus        *bus.Local
	names      *chat.Names
	departures *groups.Departures
	t          testing.TB
}

// SessionRevoked implements auth.Announcer.
func (a announcer) SessionRevoked(u auth.UserID, s auth.SessionID) {
	a.bus.Publish(bus.SessionRevoked{User: u, Session: s}, nil)
}

// NameChanged implements auth.Announcer.
func (a announcer) NameChanged(ctx context.Context, u auth.UserID) {
	if err := a.names.Tell(ctx, u); err != nil {
		a.t.Error(err)
	}
}

// AccountDeleted implements auth.Announcer.
func (a announcer) AccountDeleted(auth.UserID) { a.departures.Wake() }
