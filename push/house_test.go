package push_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
	"expresschat/push"
	"expresschat/server/doortest"
	"expresschat/store"
	"expresschat/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// house is a server without doors, whose devices are a note.
type house struct {
	*testing.T
	*doortest.Ground
	chat   *chat.Service
	groups *groups.Service
	online *chat.Presence
	db     doortest.Database
	store  *hooked
	relay  relay
	told   chan told
	// answer is what the way to devices answers, nil for success.
	answer atomic.Pointer[func(push.Device, push.Notification) error]

	mu      sync.Mutex
	reading map[auth.UserID]bus.RoomID
}

// told is what a device was told.
type told struct {
	device push.Device
	push.Notification
}

func newHouse(t *testing.T) *house {
	t.Helper()
	t.Parallel()
	g := doortest.NewGround(t, doortest.Plan{Admission: auth.AdmitAnybody})
	h := &house{
		T: t, Ground: g, chat: chat.New(g.Lanes, g.Store), groups: groups.New(g.Lanes, g.Store, 512), online: chat.NewPresence(g.Bus),
		db: doortest.Connect(t, g.Database), told: make(chan told, 1000), reading: map[auth.UserID]bus.RoomID{},
		store: &hooked{Push: g.Store.Push(), looked: make(chan struct{}, 1000), done: make(chan struct{}, 1000)},
	}
	g.Bus.Attach(&h.relay)
	t.Cleanup(func() {
		for _, stop := range []func(context.Context) error{g.Lanes.Stop, g.Bus.Stop} {
			if err := stop(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	return h
}

// relay leads events to the service of the moment.
type relay struct{ to atomic.Pointer[push.Service] }

func (r *relay) Deliver(e bus.Event) {
	if s := r.to.Load(); s != nil {
		s.Deliver(e)
	}
}

// hooked is the store, and tells how far the work is.
type hooked struct {
	*store.Push
	looked chan struct{} // at marks, whatever came of it
	done   chan struct{} // with something that waited
	fail   atomic.Pointer[func(enqueue func() error) error]
}

func (s *hooked) Candidates(ctx context.Context, marks []push.Mark, kinds []push.Kind) ([]push.Candidate, error) {
	found, err := s.Push.Candidates(ctx, marks, kinds)
	if err != nil || len(found) == 0 {
		s.looked <- struct{}{}
	}
	return found, err
}

func (s *hooked) Enqueue(ctx context.Context, marks []push.Mark, told []push.Candidate, most int) error {
	enqueue := func() error { return s.Push.Enqueue(ctx, marks, told, most) }
	if fail := s.fail.Swap(nil); fail != nil {
		return (*fail)(enqueue)
	}
	err := enqueue()
	s.looked <- struct{}{}
	return err
}

func (s *hooked) Done(ctx context.Context, d push.Due) error {
	defer func() { s.done <- struct{}{} }()
	return s.Push.Done(ctx, d)
}

func (s *hooked) Delay(ctx context.Context, d push.Due, until time.Time) error {
	defer func() { s.done <- struct{}{} }()
	return s.Push.Delay(ctx, d, until)
}

func (s *hooked) Postpone(ctx context.Context, d push.Due, rest time.Duration) error {
	defer func() { s.done <- struct{}{} }()
	return s.Push.Postpone(ctx, d, rest)
}

func (s *hooked) Gone(ctx context.Context, id push.DeviceID) error {
	defer func() { s.done <- struct{}{} }()
	return s.Push.Gone(ctx, id)
}

// Send implements push.Sender.
func (h *house) send(_ context.Context, d push.Device, n push.Notification) error {
	h.told <- told{d, n}
	if answer := h.answer.Load(); answer != nil {
		return (*answer)(d, n)
	}
	return nil
}

type senderFunc func(ctx context.Context, d push.Device, n push.Notification) error

func (f senderFunc) Send(ctx context.Context, d push.Device, n push.Notification) error {
	return f(ctx, d, n)
}

// Service implements push.Sender: devices are at the service that their token begins with.
func (f senderFunc) Service(d push.Device) string { return path.Dir(d.Token) }

func (h *house) answers(f func(push.Device, push.Notification) error) { h.answer.Store(&f) }

// open makes a service, which hears from now on what is said.
func (h *house) open(changes ...func(*push.Parts)) *push.Service {
	p := push.Parts{
		Store: h.store, Senders: map[push.Kind]push.Sender{push.FCM: senderFunc(h.send), push.Web: senderFunc(h.send)},
		Connected: h.online.Connected, Content: true, Log: h.Log,
		Reads: func(room bus.RoomID, u auth.UserID) bool {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.reading[u] == room
		},
	}
	for _, change := range changes {
		change(&p)
	}
	s := push.New(p)
	h.relay.to.Store(s)
	return s
}

// run has something run until the end of the test, or until it is stopped.
func (h *house) run(work func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { work(ctx) })
	stop = sync.OnceFunc(func() {
		cancel()
		done.Wait()
	})
	h.Cleanup(stop)
	return stop
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) exec(statement string, args ...any) {
	h.Helper()
	_, err := h.db.Exec(context.Background(), statement, args...)
	h.must(err)
}

func (h *house) count(question string, args ...any) (n int) {
	h.Helper()
	h.must(h.db.QueryRow(context.Background(), question, args...).Scan(&n))
	return n
}

// await waits for a sign.
func await[V any](h *house, c <-chan V) V {
	h.Helper()
	select {
	case v := <-c:
		return v
	case <-h.Context().Done():
		h.Fatal("it did not happen")
		panic("unreachable")
	}
}

// person is somebody who has signed in once.
type person struct {
	id      auth.UserID
	session auth.SessionID
	name    string
}

func (h *house) person(name string) person {
	h.Helper()
	login := fmt.Sprintf("%s-%s", strings.ToLower(name), auth.NewID())
	u, token, err := h.Auth.Register(h.Context(), auth.Registration{Name: name, ID: login, Password: "open-sesame"})
	h.must(err)
	who, err := h.Auth.AuthenticateLong(h.Context(), token)
	h.must(err)
	return person{u.ID, who.Session, name}
}

// device is one of somebody's.
func (p person) device(kind push.Kind) push.Device {
	d := push.Device{User: p.id, Session: p.session, Kind: kind, Token: "https://push.example/" + auth.NewID(), Platform: " Android "}
	if kind == push.Web {
		d.P256dh, d.Auth = []byte("key"), []byte("secret")
	}
	return d
}

// register gives somebody a device and returns what its rows are known by.
func (h *house) register(s *push.Service, p person, kind push.Kind) (token string) {
	h.Helper()
	d := p.device(kind)
	h.must(s.Register(h.Context(), d))
	return d.Token
}

// waits is how much waits for a device.
func (h *house) waits(token string) int {
	h.Helper()
	return h.count(`SELECT count(*) FROM push_outbox o JOIN push_devices d ON d.id = o.device_id WHERE d.token = $1`, token)
}

// room opens the chat of two.
func (h *house) room(a, b person) bus.RoomID {
	h.Helper()
	o, err := h.chat.OpenPersonal(h.Context(), auth.Actor{User: a.id}, b.id)
	h.must(err)
	return o.Room
}

// say sends a message, and returns its seq once it is committed.
func (h *house) say(by person, room bus.RoomID, kind bus.Kind, text string) int64 {
	h.Helper()
	return h.post(by, chat.Draft{Room: room, Kind: kind, Content: text})
}

func (h *house) post(by person, d chat.Draft) int64 {
	h.Helper()
	seq, failed := make(chan int64, 1), make(chan error, 1)
	h.chat.Send(auth.Actor{User: by.id}, d, func(r chat.Receipt, err error) {
		if err != nil {
			failed <- err
			return
		}
		seq <- r.Seq
	})
	select {
	case n := <-seq:
		return n
	case err := <-failed:
		h.Fatal(err)
		return 0
	}
}

var errAway = errors.New("away")
