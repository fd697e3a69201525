package vchat_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
	"expresschat/server"
	"expresschat/server/doortest"
	"expresschat/server/expresschat"
	"expresschat/server/limits"
	"expresschat/server/vchat"
	"expresschat/socketio"
	"expresschat/socketio/own"
	"expresschat/store"
	"expresschat/templates"
	"expresschat/web"
)

// T is what a house needs of a test, or of a fuzz target.
type T = testing.TB

// house is the whole server without its process, with both doors: everything real but the
// mail.
type house struct {
	T
	url      string
	database string
	http     *http.Client
	auth     *auth.Service
	store    *store.Store
	views    *views // between the door and the store
	bus      *bus.Local
	door     *vchat.Door
	mail     *doortest.Mailbox
	departed <-chan auth.UserID // who has deleted their account, and is gone
	users    *limits.Users      // of both doors
	fire     func()             // has happen what the door put off
	routes   []*echo.Route
	ground   *doortest.Ground
	asks     *asks // between auth and the store
	express  *expresschat.Door
	push     *doortest.Push
	look     doortest.Database // past the server, see looks

	mu    sync.Mutex
	later time.Duration // of the clock by which tokens age, see pass
	all   []*client
}

// views counts the questions about how a room looks.
type views struct {
	*store.Store

	mu    sync.Mutex
	asked int
	then  func() // once a list was read, before it is shown
	since func() // once a room was read, before it is shown
}

func (v *views) ViewsOf(ctx context.Context, room bus.RoomID, users []auth.UserID) (map[auth.UserID]chat.View, error) {
	found, err := v.Store.ViewsOf(ctx, room, users)
	v.mu.Lock()
	v.asked++
	since := v.since
	v.since = nil
	v.mu.Unlock()
	if since != nil {
		since()
	}
	return found, err
}

func (v *views) Views(ctx context.Context, user auth.UserID, offset, limit int) ([]chat.View, error) {
	list, err := v.Store.Views(ctx, user, offset, limit)
	v.mu.Lock()
	then := v.then
	v.then = nil
	v.mu.Unlock()
	if then != nil {
		then()
	}
	return list, err
}

func (v *views) count() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.asked
}

// afterList has f run once, between the reading of the next list and its showing.
func (v *views) afterList(f func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.then = f
}

// afterRoom has f run once, between the next reading of a room and its showing.
func (v *views) afterRoom(f func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.since = f
}

// pass has time pass for tokens.
func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.later += d
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Now().Add(h.later)
}

// pagesOnce are the web client, which costs a second to compress with the race detector.
var pagesOnce = sync.OnceValue(func() http.Handler { return web.Handler() })

func newHouse(t *testing.T) *house {
	t.Helper()
	return newHouseFor(t, auth.AdmitAnybody)
}

func newHouseFor(t *testing.T, who auth.Admission) *house {
	t.Helper()
	return newHouseOn(t, doortest.Plan{Admission: who})
}

// newHouseOn makes one that has something of its own.
func newHouseOn(t *testing.T, plan doortest.Plan) *house {
	t.Helper()
	return newHouseOf(t, plan, limits.NewUsers(false))
}

func newHouseOf(t *testing.T, plan doortest.Plan, users *limits.Users) *house {
	t.Helper()
	t.Parallel()
	return openHouse(t, plan, users)
}

// openHouse is newHouseOf for a fuzz target, too.
func openHouse(t T, plan doortest.Plan, users *limits.Users) *house {
	t.Helper()
	h := &house{T: t, users: users, asks: &asks{}}
	plan.Now, plan.Sessions = h.now, h.asks.of
	ground := doortest.NewGround(t, plan)
	h.ground = ground
	h.database, h.store, h.auth, h.bus, h.mail = ground.Database, ground.Store, ground.Auth, ground.Bus, ground.Mail
	h.departed = ground.Departed
	h.views = &views{Store: h.store}
	engine := own.New(own.Options{Logger: ground.Log})
	handler := h.openDoors(ground, engine)
	h.routes = handler.(*echo.Echo).Routes()
	t.Cleanup(func() {
		if n := h.door.Held(); n > 0 {
			t.Errorf("the door keeps %d things of clients that are gone", n)
		}
	})
	fire := func(context.Context) error {
		h.fire()
		return nil
	}
	h.url, h.http = ground.Serve(handler, engine.Stop, fire, ground.Lanes.Stop, h.bus.Stop, h.door.Stop)
	return h
}

func (h *house) openDoors(ground *doortest.Ground, engine socketio.Engine) http.Handler {
	lanes, log := ground.Lanes, ground.Log
	pages, err := templates.New()
	h.must(err)
	talk, groups := chat.New(lanes, h.store), groups.New(lanes, h.store, 512)
	private := chat.NewPrivate(lanes, h.store, h.store, h.bus)
	online, quotas := chat.NewPresence(h.bus), limits.New(true, h.store, []byte("s"))
	h.push = ground.NewPush(online.Connected, func(r bus.RoomID, u auth.UserID) bool { return h.door.IsReading(r, u) })
	express := expresschat.New(expresschat.Parts{
		Auth: h.auth, Chat: talk, Private: private, Groups: groups, Bus: h.bus, Pages: pages, Web: pagesOnce(),
		Limits: quotas, Users: h.users, Presence: online, Media: ground.Media, Devices: h.push, Browsers: h.push.Browsers, Log: log,
	})
	h.express = express
	h.door = vchat.New(vchat.Parts{
		Accounts: h.auth, Chat: talk, Views: h.views, Private: private,
		Presence: online, Groups: groups, Bus: h.bus, Limits: quotas, Users: h.users, Devices: h.push, Media: ground.Media, Log: log,
	})
	h.fire = h.door.Waits()
	h.must(server.Open(engine, "/", h.door.Dialect(), express.Dialect()))
	h.must(server.Open(engine, "/message", h.door.MessageDialect()))
	h.bus.Attach(express)
	h.bus.Attach(h.door)
	return ground.Handler(engine, express, h.door)
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// person is somebody with an account and a session of either door.
type person struct {
	id     auth.UserID
	name   string
	email  string
	token  string    // of VChat
	tokens auth.Pair // of ExpressChat
}

// person registers somebody on a VChat app.
func (h *house) person(name string) person {
	h.Helper()
	email := fmt.Sprintf("%s-%s", strings.ToLower(name), auth.NewID())
	u, token, err := h.auth.Register(h.Context(), auth.Registration{Name: name, ID: email, Password: "open-sesame"})
	h.must(err)
	return person{id: u.ID, name: name, email: email, token: token}
}

// pagePerson signs somebody up on an ExpressChat page.
func (h *house) pagePerson(name string) person {
	h.Helper()
	email := fmt.Sprintf("%s-%s@example.org", strings.ToLower(name), auth.NewID())
	h.must(h.auth.SignUp(h.Context(), auth.Application{Name: name, Email: email, Password: "open-sesame", Source: auth.FromWeb}))
	v, err := h.auth.Verify(h.Context(), email, h.mail.Code(email))
	h.must(err)
	return person{id: v.User.ID, name: name, email: email, tokens: v.Tokens}
}

// settle returns when all that was answered before has arrived at every client: what
// happened is handed over, what the door does beside that is done, and behind it every
// client has got an answer of its own.
func (h *house) settle() {
	h.Helper()
	for range 2 { // a reading leads to an update
		h.handOver()
		h.door.Quiet()
	}
	h.handOver()
	h.mu.Lock()
	all := append([]*client(nil), h.all...)
	h.mu.Unlock()
	for _, c := range all {
		c.overheard()
	}
}

func (h *house) handOver() {
	for part := range h.bus.Parts() {
		h.bus.Await(part, func() {})
	}
}
