package expresschat_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
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
	mail     *doortest.Mailbox
	departed <-chan auth.UserID // who has deleted their account, and is gone
	routes   []*echo.Route
	log      *slog.Logger
}

func newHouse(t *testing.T, changes ...func(*expresschat.Parts)) *house {
	t.Helper()
	t.Parallel()
	h := &house{T: t}
	ground := doortest.NewGround(t, doortest.Plan{Admission: auth.AdmitAnybody, Sessions: func(s *store.Store) auth.Store {
		h.sessions = &sessions{Store: s}
		return h.sessions
	}})
	h.database, h.store, h.auth, h.bus, h.mail = ground.Database, ground.Store, ground.Auth, ground.Bus, ground.Mail
	h.departed = ground.Departed
	lanes, log := ground.Lanes, ground.Log
	h.log = log
	pages, err := templates.New()
	h.must(err)
	h.chat, h.groups = chat.New(lanes, h.store), groups.New(lanes, h.store, 512)
	h.private = chat.NewPrivate(lanes, h.store, h.store, h.bus)
	engine := own.New(own.Options{Logger: log})
	parts := expresschat.Parts{
		Auth: h.auth, Chat: h.chat, Private: h.private, Groups: h.groups,
		Bus: h.bus, Pages: pages, Web: web.Handler(), Log: log,
		Limits: limits.New(true), Presence: chat.NewPresence(h.bus),
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
	h.must(h.auth.SignUp(h.Context(), auth.Application{Name: name, Email: email, Password: "password", Source: auth.FromWeb}))
	v, err := h.auth.Verify(h.Context(), email, h.mail.Code(email))
	h.must(err)
	return person{id: v.User.ID, name: name, email: email, code: h.mail.Code(email), tokens: v.Tokens}
}
