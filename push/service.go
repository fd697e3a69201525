package push

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/outbox"
)

// Parts are what a Service is made of.
type Parts struct {
	Store Store
	// Senders are the ways on which anybody can be told. A device of any other kind is
	// taken and not kept.
	Senders map[Kind]Sender
	// Connected tells whether somebody has an open connection, and so needs no browser to
	// tell them. Reads tells whether they are reading a room, and so need no app to.
	Connected func(auth.UserID) bool
	Reads     func(bus.RoomID, auth.UserID) bool
	// Content is whether what was said, by whom and where may leave the server.
	Content bool
	// Returning is how long a server that starts gives clients to come back before it takes
	// anybody to be away.
	Returning time.Duration
	Log       *slog.Logger
}

// DefaultReturning is enough for clients that lost their connection, which come back after
// a random time of seconds.
const DefaultReturning = 20 * time.Second

// Service knows devices and tells them. It is a bus.Door: it has to be attached to the bus
// before anything is said. Watch and Send do its work.
type Service struct {
	store     Store
	senders   map[Kind]Sender
	kinds     []Kind
	connected func(auth.UserID) bool
	reads     func(bus.RoomID, auth.UserID) bool
	content   bool
	returning time.Duration
	reports   reports
	holds     *holds

	marks   *marks
	workers map[Kind]*outbox.Worker[Due]
	retry   outbox.Backoff // of a notification
	outage  outbox.Backoff // of the database

	// expected is false while it is known that nobody has a device. A look that began or
	// ended while a device was being stored may not have seen it, and does not count: adding is
	// how many are, and turn changes with each (TestALookWhileADeviceComes).
	expected atomic.Bool
	mu       sync.Mutex
	adding   int
	turn     int
}

// New makes a Service that is idle until Watch and Send run.
func New(p Parts) *Service {
	s := &Service{
		store: p.Store, senders: p.Senders, kinds: slices.Sorted(maps.Keys(p.Senders)),
		connected: p.Connected, reads: p.Reads, content: p.Content, returning: p.Returning,
		reports: newReports(p.Log), holds: newHolds(), marks: newMarks(), workers: map[Kind]*outbox.Worker[Due]{},
		retry:  outbox.Backoff{First: 5 * time.Second, Most: 15 * time.Minute},
		outage: outbox.Backoff{First: time.Second, Most: time.Minute},
	}
	s.expected.Store(len(s.kinds) > 0)
	for kind := range p.Senders {
		s.workers[kind] = outbox.New(p.Store.Waiting(kind), outbox.Plan[Due]{
			Deliver: s.deliver, Parallel: parallel, Lease: lease, Log: p.Log,
		})
	}
	return s
}

// Serves tells whether devices of a kind can be told anything.
func (s *Service) Serves(kind Kind) bool { return s.senders[kind] != nil }

// Register has a device told from now on, until its session ends. Where its kind can't be
// served, or its name is none that a push service gives out, nothing is kept and nothing
// fails. Who calls has checked its keys.
func (s *Service) Register(ctx context.Context, d Device) error {
	if !s.Serves(d.Kind) || !nameable(d.Token) {
		return nil
	}
	d.ID, d.Platform = DeviceID(auth.NewID()), platform(d.Platform)
	defer s.expect()()
	if err := s.store.AddDevice(ctx, d, MaxDevices); err != nil {
		return fmt.Errorf("register device: %w", err)
	}
	return nil
}

// Forget has a session's device told nothing any more, without a token all of a kind. One
// that is not known is no error.
func (s *Service) Forget(ctx context.Context, session auth.SessionID, kind Kind, token string) error {
	if token != "" && !nameable(token) {
		return nil
	}
	if err := s.store.RemoveDevice(ctx, session, kind, token); err != nil {
		return fmt.Errorf("forget device: %w", err)
	}
	return nil
}

// nameable is whether a push service may call a device so: printable ASCII without spaces.
func nameable(token string) bool {
	return token != "" && len(token) <= MaxToken &&
		!strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}

// platform is what is kept of what a client calls its own.
func platform(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) > maxPlatform || strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }) {
		return ""
	}
	return s
}

// expect has messages marked from now on. It comes before a device is stored, so that no
// message comes between; added ends that.
func (s *Service) expect() (added func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.adding++
	s.turn++
	s.expected.Store(true)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.adding--
		s.turn++
	}
}

// look finds out whether anybody has a device: another process may have put it there, or
// the last one may be gone.
func (s *Service) look(ctx context.Context) error {
	s.mu.Lock()
	turn := s.turn
	s.mu.Unlock()
	there, err := s.store.HasDevices(ctx, s.kinds)
	if err != nil {
		return fmt.Errorf("look for devices: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turn != turn || s.adding > 0 {
		return nil
	}
	if there && !s.expected.Load() {
		s.marks.miss() // what was said since that device came
	}
	s.expected.Store(there)
	return nil
}

// Deliver implements bus.Door. In the hand-off nothing is done but that the room is marked,
// and while nobody has a device not even that.
func (s *Service) Deliver(e bus.Event) {
	if !s.expected.Load() {
		return
	}
	if m, said := e.(bus.MessageSent); said && m.Kind != bus.Self && Tells(m.Type) {
		s.marks.add(Mark{Room: m.Room, From: m.Seq, To: m.Seq, By: m.By.User})
	}
}
