package doortest

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/push"
	"expresschat/push/webpush"
)

// Told is what a device was told.
type Told struct {
	Device       push.Device
	Notification push.Notification
}

// Push tells devices of a house by nothing but a note.
type Push struct {
	*push.Service
	Browsers *webpush.Sender // of which only the key and the check are used
	Told     chan Told       // everything that any device was told
}

// Next waits for what a device is told next.
func (p *Push) Next(t testing.TB) Told {
	t.Helper()
	select {
	case told := <-p.Told:
		return told
	case <-t.Context().Done():
		t.Fatal("nobody was told")
		panic("unreachable")
	}
}

// NewPush has those told who are away of what is said in the house, until the test ends.
// Without reads nobody reads a room.
func (g *Ground) NewPush(connected func(auth.UserID) bool, reads func(bus.RoomID, auth.UserID) bool) *Push {
	g.t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		g.t.Fatal(err)
	}
	if reads == nil {
		reads = func(bus.RoomID, auth.UserID) bool { return false }
	}
	p := &Push{Browsers: webpush.New(webpush.Options{Key: key}), Told: make(chan Told, 1000)}
	p.Service = push.New(push.Parts{
		Store: g.Store.Push(), Senders: map[push.Kind]push.Sender{push.FCM: teller{p}, push.Web: teller{p}},
		Connected: connected, Reads: reads, Content: true, Log: g.Log,
	})
	g.Bus.Attach(p.Service)
	work(g.t, p.Watch)
	work(g.t, p.Send)
	return p
}

// teller is a way to devices that notes what goes over it.
type teller struct{ push *Push }

// Service implements push.Sender.
func (teller) Service(push.Device) string { return "" }

// Send implements push.Sender.
func (t teller) Send(_ context.Context, d push.Device, n push.Notification) error {
	t.push.Told <- Told{d, n}
	return nil
}
