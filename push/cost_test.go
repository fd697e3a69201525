package push

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/outbox"
)

// blank is a store that only knows whether there are devices.
type blank struct {
	Store

	mu     sync.Mutex
	there  bool
	during func() // a look
	adding func() // while a device is stored
	behind int    // times that it was asked for what was missed
}

func (s *blank) Waiting(Kind) outbox.Box[Due] { return nil }

func (s *blank) HasDevices(context.Context, []Kind) (bool, error) {
	s.mu.Lock()
	there, during := s.there, s.during
	s.mu.Unlock()
	if during != nil {
		during()
	}
	return there, nil
}

func (s *blank) AddDevice(context.Context, Device, int) error {
	if s.adding != nil {
		s.adding()
	}
	return nil
}

func (s *blank) Behind(context.Context, auth.UserID, []Kind, time.Duration) ([]Mark, auth.UserID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behind++
	return nil, "", nil
}

func (s *blank) Candidates(context.Context, []Mark, []Kind) ([]Candidate, error) { return nil, nil }

func (s *blank) set(there bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.there = there
}

type nowhere struct{}

func (nowhere) Send(context.Context, Device, Notification) error { return nil }
func (nowhere) Service(Device) string                            { return "" }

func newBlank() (*Service, *blank) {
	store := &blank{}
	return New(Parts{Store: store, Senders: map[Kind]Sender{Web: nowhere{}}, Log: slog.New(slog.DiscardHandler)}), store
}

func said(room string, seq int64) bus.Event {
	return bus.MessageSent{Place: bus.Place{Room: bus.RoomID(room), Kind: bus.Group, Seq: seq}, Type: bus.Text, Content: "x"}
}

// While nobody has a device, a message costs nothing; while somebody has, no memory but a
// mark for its room.
func TestWhatAMessageCosts(t *testing.T) {
	s, _ := newBlank()
	e := said("r", 1)
	s.marks.forgive()
	s.Deliver(e)
	if n := testing.AllocsPerRun(100, func() { s.Deliver(e) }); n != 0 {
		t.Errorf("%v allocations in a room that is marked", n)
	}
	if err := s.look(t.Context()); err != nil || s.expected.Load() {
		t.Fatal("devices are expected")
	}
	s.marks.take(10)
	if n := testing.AllocsPerRun(100, func() { s.Deliver(e) }); n != 0 || len(s.marks.take(10)) != 0 {
		t.Errorf("%v allocations while nobody has a device, or a mark", n)
	}
}

func BenchmarkDeliver(b *testing.B) {
	for name, there := range map[string]bool{"nobody has a device": false, "somebody has one": true} {
		b.Run(name, func(b *testing.B) {
			s, store := newBlank()
			store.there = there
			if err := s.look(b.Context()); err != nil {
				b.Fatal(err)
			}
			s.marks.forgive()
			e := said("r", 1)
			b.ReportAllocs()
			for b.Loop() {
				s.Deliver(e)
			}
		})
	}
}

// What another process does is noticed within a minute; what this one does, at once.
func TestWhetherThereAreDevices(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store := newBlank()
		ctx, cancel := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { s.Watch(ctx) })
		expect := func(want bool, behind int) {
			t.Helper()
			synctest.Wait()
			store.mu.Lock()
			defer store.mu.Unlock()
			if s.expected.Load() != want || store.behind != behind {
				t.Errorf("expected %v, want %v; %d times looked for what was missed, want %d", s.expected.Load(), want, store.behind, behind)
			}
		}
		expect(false, 0)
		store.set(true) // by another process
		time.Sleep(lookEvery)
		expect(true, 1)
		store.set(false)
		time.Sleep(lookEvery)
		expect(false, 1)
		store.set(true)
		time.Sleep(lookEvery)
		expect(true, 2) // what was said since it was there
		store.set(false)
		time.Sleep(lookEvery)
		expect(false, 2)
		// A look that began before a device came does not say that there is none.
		store.mu.Lock()
		store.during = func() {
			_ = s.Register(t.Context(), Device{Kind: Web, Token: "x"})
		}
		store.mu.Unlock()
		time.Sleep(lookEvery)
		expect(true, 2)
		cancel()
		done.Wait()
	})
}

// Clients come back after a start: who does so is not away.
func TestAServerThatStartsWaitsForClients(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store := newBlank()
		store.there, s.returning = true, DefaultReturning
		ctx, cancel := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { s.Watch(ctx) })
		for _, want := range []int{0, 1} {
			synctest.Wait()
			store.mu.Lock()
			if store.behind != want {
				t.Errorf("looked %d times, want %d", store.behind, want)
			}
			store.mu.Unlock()
			time.Sleep(DefaultReturning)
		}
		cancel()
		done.Wait()
	})
}

// A look does not see a device that is being stored: that nobody has one is no news then,
// whether it ends before the device is there or behind that.
func TestALookWhileADeviceComes(t *testing.T) {
	t.Parallel()
	look := func(s *Service) {
		if err := s.look(t.Context()); err != nil {
			t.Error(err)
		}
	}
	s, store := newBlank()
	store.adding = func() { look(s) }
	if err := s.Register(t.Context(), Device{Kind: Web, Token: "x"}); err != nil || !s.expected.Load() {
		t.Errorf("nobody is expected: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		s, store := newBlank()
		looking, added := make(chan struct{}), make(chan struct{})
		store.during = func() {
			close(looking)
			<-added
		}
		store.adding = func() {
			go look(s)
			<-looking
		}
		if err := s.Register(t.Context(), Device{Kind: Web, Token: "x"}); err != nil {
			t.Error(err)
		}
		close(added)
		synctest.Wait()
		if !s.expected.Load() {
			t.Error("nobody is expected")
		}
	})
}

// Where more rooms are marked than may, those that were left out are looked up, and nothing
// behind them is looked at before.
func TestMoreRoomsThanMayBeMarked(t *testing.T) {
	t.Parallel()
	m := newMarks()
	if !m.forgive() || m.forgive() {
		t.Fatal("a start misses nothing, or all the time")
	}
	for i := range maxMarks {
		m.add(Mark{Room: bus.RoomID(fmt.Sprint(i)), From: 1, To: 1})
	}
	m.add(Mark{Room: "left out", From: 5, To: 5})
	m.add(Mark{Room: "7", From: 2, To: 2, By: "ana"})
	if taken := m.take(100); len(taken) != 100 {
		t.Fatalf("%d taken", len(taken))
	}
	m.add(Mark{Room: "left out", From: 6, To: 6})
	if _, marked := m.rooms["left out"]; marked {
		t.Error("a message is marked behind one that was left out")
	}
	if !m.forgive() {
		t.Error("none was left out")
	}
	m.add(Mark{Room: "left out", From: 7, To: 7, By: "ana"})
	some := []Mark{{Room: "left out", From: 5, To: 6}}
	m.absorb(some)
	if some[0] != (Mark{Room: "left out", From: 5, To: 7}) || len(m.rooms) != maxMarks-100 {
		t.Errorf("absorbed %+v, %d left", some[0], len(m.rooms))
	}
}

func TestWhatIsMarked(t *testing.T) {
	t.Parallel()
	s, _ := newBlank()
	s.marks.forgive()
	at := func(kind bus.Kind) bus.Place { return bus.Place{Room: bus.RoomID(kind), Kind: kind, Seq: 1} }
	for _, e := range []bus.Event{
		bus.MessageSent{Place: at(bus.Self), Type: bus.Text},
		bus.MessageSent{Place: at(bus.Group), Type: bus.AllDeleted},
		bus.MessageSent{Place: at(bus.Group), Type: bus.Info},
		bus.MemberAdded{Place: at(bus.Group)},
		bus.RoomCreated{Place: at(bus.Group)},
		bus.ReadMoved{Place: at(bus.Group)},
		bus.PresenceChanged{User: "ana"},
	} {
		s.Deliver(e)
	}
	if marked := s.marks.take(10); len(marked) > 0 {
		t.Errorf("marked %+v", marked)
	}
	for i, by := range []auth.UserID{"ana", "ana", "ben"} {
		e := bus.MessageSent{Place: at(bus.Group), Type: bus.Text}
		e.Seq, e.By.User = int64(i+4), by
		s.Deliver(e)
		want := Mark{Room: "group", From: 4, To: int64(i + 4), By: "ana"}
		if by == "ben" {
			want.By = ""
		}
		if got := s.marks.rooms["group"]; got != want {
			t.Errorf("marked %+v, want %+v", got, want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	name, none, north, east := "a.jpg", "", "52.5", "13.4"
	for i, tt := range []struct {
		m           Message
		title, body string
	}{
		{Message{Kind: bus.Personal, SenderName: "Ana", Type: bus.Text, Content: "Hi"}, "Ana", "Hi"},
		{Message{Kind: bus.Group, Group: "Tea", SenderName: "Ana", Type: bus.Text, Content: "Hi"}, "Tea", "Ana: Hi"},
		{Message{Kind: bus.Personal, SenderName: "Ana", Type: bus.Image}, "Ana", "[image]"},
		{Message{Kind: bus.Personal, SenderName: "Ana", Type: bus.Image, Attachment: &bus.Attachment{Name: &name}}, "Ana", "[image] a.jpg"},
		{Message{Kind: bus.Personal, SenderName: "Ana", Type: bus.Voice, Attachment: &bus.Attachment{Name: &none}}, "Ana", "[voice]"},
		{Message{Kind: bus.Personal, SenderName: "Ana", Type: bus.Image, Content: "The sea", Attachment: &bus.Attachment{Name: &name}}, "Ana", "The sea"},
		{Message{Kind: bus.Personal, SenderName: "Ana", Type: bus.Image, Content: name, Attachment: &bus.Attachment{Name: &name}}, "Ana", "[image] a.jpg"},
		{Message{Kind: bus.Personal, SenderName: "Ana", Type: bus.Location, Attachment: &bus.Attachment{Latitude: &north, Longitude: &east}}, "Ana", "[location] 52.5, 13.4"},
		{Message{Kind: bus.Group, Group: "Tea", SenderName: "Ana", Type: bus.Location, Content: " "}, "Tea", "Ana: [location]"},
	} {
		if title, body := word(tt.m); title != tt.title || body != tt.body {
			t.Errorf("%d: %q, %q", i, title, body)
		}
	}
	for s, want := range map[string]string{"": "", "abc": "abc", "abcd": "ab…", "äöüß": "äö…", "äöü": "äöü"} {
		if got := cut(s, 3); got != want {
			t.Errorf("%q is cut to %q", s, got)
		}
	}
}
