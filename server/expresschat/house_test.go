package expresschat_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/chat/lane"
	"expresschat/groups"
	"expresschat/server"
	"expresschat/server/doortest"
	"expresschat/server/expresschat"
	"expresschat/server/limits"
	"expresschat/socketio/own"
	"expresschat/store"
	"expresschat/store/storetest"
	"expresschat/templates"
	"expresschat/web"
)

// house is the whole server without its process: everything real but the mail.
type house struct {
	*testing.T
	url      string
	http     *http.Client
	database string // how to reach the house's schema
	auth     *auth.Service
	store    *store.Store
	sessions *sessions // between the two
	bus      *bus.Local
	chat     *chat.Service
	private  *chat.Private // what only another door offers
	groups   *groups.Service
	door     *expresschat.Door
	routes   []*echo.Route

	mu    sync.Mutex
	codes map[string]string // by address; written before a sign-up returns
}

func (h *house) VerifyLink(to, _, link string) (auth.Letter, error) {
	u, err := url.Parse(link)
	if err != nil {
		return auth.Letter{}, err
	}
	return h.VerifyCode(to, "", u.Query().Get("token"))
}

func (h *house) VerifyCode(to, _, code string) (auth.Letter, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.codes[to] = code
	return auth.Letter{To: to}, nil
}

func (h *house) code(email string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.codes[email]
}

func (h *house) Wake() {}

type announcer struct{ bus *bus.Local }

func (a announcer) SessionRevoked(u auth.UserID, s auth.SessionID) {
	a.bus.Publish(bus.SessionRevoked{User: u, Session: s}, nil)
}

func newHouse(t *testing.T) *house {
	t.Helper()
	t.Parallel()
	log := doortest.NoErrors(t)
	h := &house{T: t, database: storetest.URL(t), codes: map[string]string{}}
	var err error
	h.store, err = store.Open(t.Context(), h.database, store.Conns{Lanes: 4, Others: 4}, log)
	h.must(err)
	t.Cleanup(h.store.Close)
	h.sessions = &sessions{Store: h.store}
	b := bus.NewLocal(3, log)
	h.bus = b
	lanes := lane.New(3, h.store, b)
	public := &url.URL{Scheme: "http", Host: "chat.example"}
	h.auth, err = auth.New(auth.Config{
		AccessSecret: []byte(strings.Repeat("a", 32)), RefreshSecret: []byte(strings.Repeat("r", 32)),
		AccessTTL: time.Hour, RefreshTTL: 2 * time.Hour, PublicURL: public, Admission: auth.AdmitAnybody,
	}, h.sessions, h, h, announcer{b})
	h.must(err)
	pages, err := templates.New()
	h.must(err)
	h.chat, h.groups = chat.New(lanes, h.store), groups.New(lanes, h.store, 512)
	h.private = chat.NewPrivate(lanes, h.store, h.store, b)
	engine := own.New(own.Options{Logger: log})
	h.door = expresschat.New(expresschat.Parts{
		Auth: h.auth, Chat: h.chat, Groups: h.groups,
		Bus: b, Pages: pages, Web: web.Handler(), Log: log,
		Limits: limits.New(true), Presence: chat.NewPresence(b),
	})
	h.must(server.Open(engine, "/", h.door.Dialect()))
	b.Attach(h.door)
	origins, _ := server.ParseOrigins([]string{"http://chat.example"})
	handler := server.New(server.Parts{
		Origins: origins, Ready: h.store.Ping, Socket: engine, Doors: []server.Door{h.door}, Log: log,
	})
	h.routes = handler.(*echo.Echo).Routes()
	s := httptest.NewServer(handler)
	h.url, h.http = s.URL, s.Client()
	t.Cleanup(func() {
		ctx := context.Background()
		for _, stop := range []func(context.Context) error{engine.Stop, lanes.Stop, b.Stop} {
			if err := stop(ctx); err != nil {
				t.Error(err)
			}
		}
		s.Close()
	})
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// person is somebody with an account and a session.
type person struct {
	id     auth.UserID
	name   string
	email  string
	code   string // that they verified, or will
	tokens auth.Pair
}

func (h *house) person(name string) person {
	h.Helper()
	email := fmt.Sprintf("%s-%s@example.org", strings.ToLower(name), auth.NewID())
	h.must(h.auth.SignUp(h.Context(), auth.Application{Name: name, Email: email, Password: "password", Source: auth.FromWeb}))
	v, err := h.auth.Verify(h.Context(), email, h.code(email))
	h.must(err)
	return person{id: v.User.ID, name: name, email: email, code: h.code(email), tokens: v.Tokens}
}
