package expresschat_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/labstack/echo/v4"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
	"expresschat/server"
	"expresschat/server/doortest"
	"expresschat/server/expresschat"
	"expresschat/server/limits"
	"expresschat/socketio/own"
	"expresschat/store"
	"expresschat/templates"
	"expresschat/web"
)

// T is what a house needs of a test, or of a fuzz target.
type T = testing.TB

// house is the whole server without its process: everything real but the mail.
type house struct {
	T
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
	mail     *doortest.Mailbox
	departed <-chan auth.UserID // who has deleted their account, and is gone
	routes   []*echo.Route
	log      *slog.Logger
	ground   *doortest.Ground
}

// pagesOnce are the web client, which costs a second to compress with the race detector.
var pagesOnce = sync.OnceValue(func() http.Handler { return web.Handler() })

func newHouse(t *testing.T, changes ...func(*expresschat.Parts)) *house {
	t.Helper()
	return newHouseOn(t, doortest.Plan{}, changes...)
}

// newHouseOn makes one that has something of its own.
func newHouseOn(t *testing.T, plan doortest.Plan, changes ...func(*expresschat.Parts)) *house {
	t.Helper()
	t.Parallel()
	return openHouse(t, plan, changes...)
}

// openHouse is newHouseOn for a fuzz target, too.
func openHouse(t T, plan doortest.Plan, changes ...func(*expresschat.Parts)) *house {
	t.Helper()
	h := &house{T: t}
	plan.Admission = auth.AdmitAnybody
	plan.Sessions = func(s *store.Store) auth.Store {
		h.sessions = &sessions{Store: s}
		return h.sessions
	}
	ground := doortest.NewGround(t, plan)
	h.database, h.store, h.auth, h.bus, h.mail = ground.Database, ground.Store, ground.Auth, ground.Bus, ground.Mail
	h.departed = ground.Departed
	lanes, log := ground.Lanes, ground.Log
	h.log, h.ground = log, ground
	pages, err := templates.New()
	h.must(err)
	h.chat, h.groups = chat.New(lanes, h.store), groups.New(lanes, h.store, 512)
	h.private = chat.NewPrivate(lanes, h.store, h.store, h.bus)
	engine := own.New(own.Options{Logger: log})
	parts := expresschat.Parts{
		Auth: h.auth, Chat: h.chat, Private: h.private, Groups: h.groups, Media: ground.Media,
		Bus: h.bus, Pages: pages, Web: pagesOnce(), Log: log,
		Limits: limits.New(true, h.store, []byte("s")), Presence: chat.NewPresence(h.bus),
	}
	for _, change := range changes {
		change(&parts)
	}
	h.door = expresschat.New(parts)
	h.must(server.Open(engine, "/", h.door.Dialect()))
	h.bus.Attach(h.door)
	handler := ground.Handler(engine, h.door)
	h.routes = handler.(*echo.Echo).Routes()
	h.url, h.http = ground.Serve(handler, engine.Stop, lanes.Stop, h.bus.Stop)
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
	reset  string // a code for another password, if they asked for it
	tokens auth.Pair
}

func (h *house) person(name string) person {
	h.Helper()
	email := fmt.Sprintf("%s-%s@example.org", strings.ToLower(name), auth.NewID())
	h.must(h.auth.SignUp(h.Context(), auth.Application{Name: name, Email: email, Password: "open-sesame", Source: auth.FromWeb}))
	v, err := h.auth.Verify(h.Context(), email, h.mail.Code(email))
	h.must(err)
	return person{id: v.User.ID, name: name, email: email, code: h.mail.Code(email), tokens: v.Tokens}
}
