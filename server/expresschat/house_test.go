package expresschat_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/chat/lane"
	"expresschat/groups"
	"expresschat/server"
	"expresschat/server/expresschat"
	"expresschat/socketio/zishang"
	"expresschat/store"
	"expresschat/store/storetest"
	"expresschat/templates"
)

// house is the whole server without its process: everything real but the mail.
type house struct {
	*testing.T
	url   string
	auth  *auth.Service
	store *store.Store
	codes map[string]string // by address; written before a sign-up returns
}

func (h *house) VerifyLink(to, _, link string) (auth.Letter, error) {
	u, err := url.Parse(link)
	h.codes[to] = u.Query().Get("token")
	return auth.Letter{To: to}, err
}

func (h *house) VerifyCode(to, _, code string) (auth.Letter, error) {
	h.codes[to] = code
	return auth.Letter{To: to}, nil
}

func (h *house) Wake() {}

type announcer struct{ bus *bus.Local }

func (a announcer) SessionRevoked(u auth.UserID, s auth.SessionID) {
	a.bus.Publish(bus.SessionRevoked{User: u, Session: s})
}

func newHouse(t *testing.T) *house {
	t.Helper()
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	h := &house{T: t, store: storetest.Open(t), codes: map[string]string{}}
	b := bus.NewLocal(3, log)
	lanes := lane.New(3, h.store, b)
	public := &url.URL{Scheme: "http", Host: "chat.example"}
	var err error
	h.auth, err = auth.New(auth.Config{
		AccessSecret: []byte(strings.Repeat("a", 32)), RefreshSecret: []byte(strings.Repeat("r", 32)),
		AccessTTL: time.Hour, RefreshTTL: 2 * time.Hour, PublicURL: public,
	}, h.store, h, h, announcer{b})
	h.must(err)
	pages, err := templates.New()
	h.must(err)
	engine := zishang.New(zishang.Options{Logger: log})
	door := expresschat.New(expresschat.Parts{
		Auth: h.auth, Chat: chat.New(lanes, h.store), Groups: groups.New(lanes, h.store, 512),
		Bus: b, Pages: pages, Web: http.NotFoundHandler(), Log: log, Limits: true,
	}, engine)
	b.Attach(door)
	origins, _ := server.ParseOrigins([]string{"http://chat.example"})
	s := httptest.NewServer(server.New(server.Parts{
		Origins: origins, Ready: h.store.Ping, Socket: engine, Doors: []server.Door{door}, Log: log,
	}))
	h.url = s.URL
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
	tokens auth.Pair
}

func (h *house) person(name string) person {
	h.Helper()
	email := fmt.Sprintf("%s-%s@example.org", strings.ToLower(name), auth.NewID())
	h.must(h.auth.SignUp(h.Context(), auth.Application{Name: name, Email: email, Password: "password", Source: auth.FromWeb}))
	v, err := h.auth.Verify(h.Context(), email, h.codes[email])
	h.must(err)
	return person{id: v.User.ID, name: name, tokens: v.Tokens}
}
