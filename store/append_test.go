package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"expresschat/bus"
	"expresschat/chat"
)

func TestAppendGivesRisingPlaces(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.personal(ana, ben)
	for i := range int64(5) {
		if r := w.send(ana, room, bus.Personal, "x"); r.Seq != i+1 {
			t.Fatalf("message %d has seq %d", i, r.Seq)
		}
	}
}

func TestAppendIsForMembersOfThatKind(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("ana"), w.person("ben"), w.person("zoe")
	room := w.personal(ana, ben)
	tests := map[string]chat.Draft{
		"a stranger":      {Room: room, Kind: bus.Personal, Content: "x"},
		"an unknown room": {Room: bus.NewRoomID(), Kind: bus.Personal, Content: "x"},
	}
	for name, d := range tests {
		if _, _, err := w.Append(t.Context(), by(zoe), d, stamp()); !errors.Is(err, chat.ErrNotMember) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, _, err := w.Append(t.Context(), by(ana), chat.Draft{Room: room, Kind: bus.Group, Content: "x"}, stamp())
	if !errors.Is(err, chat.ErrNotMember) {
		t.Errorf("a room of another kind: %v", err)
	}
	if got := w.unread(ben, room); got != 0 {
		t.Errorf("refused messages left %d unread", got)
	}
}

func TestAppendStoresAClientIDOnce(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.personal(ana, ben)
	d := chat.Draft{Room: room, Kind: bus.Personal, Content: "once", ClientID: "c1"}
	first, event, err := w.Append(t.Context(), by(ana), d, stamp())
	w.must(err)
	if event == nil {
		t.Fatal("the first has no event")
	}
	w.send(ben, room, bus.Personal, "between")
	again, event, err := w.Append(t.Context(), by(ana), d, stamp())
	w.must(err)
	if again != first || event != nil {
		t.Errorf("the repeat got %+v and event %v, want %+v and none", again, event, first)
	}
	other, event, err := w.Append(t.Context(), by(ben), d, stamp())
	w.must(err)
	if other.ID == first.ID || event == nil {
		t.Error("another sender's client id is not their own")
	}
}

// A reply that got lost leaves a message behind. The next attempt, which has the same
// stamp, finds it and reports it as its own, event included.
func TestAppendRecognisesItsOwnStamp(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.personal(ana, ben)
	d := chat.Draft{Room: room, Kind: bus.Personal, Content: "x"}
	s := stamp()
	first, _, err := w.Append(t.Context(), by(ana), d, s)
	w.must(err)
	again, event, err := w.Append(t.Context(), by(ana), d, s)
	w.must(err)
	if again != first {
		t.Errorf("got %+v, want %+v", again, first)
	}
	if e, ok := event.(bus.MessageSent); !ok || e.Seq != first.Seq {
		t.Errorf("the event is %#v", event)
	}
	if got := w.unread(ben, room); got != 1 {
		t.Errorf("%d unread, want 1", got)
	}
}

func TestAppendsAtOnceHaveNoTiesAndLoseNothing(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.personal(ana, ben)
	const each = 20
	var wg sync.WaitGroup
	for i := range 2 * each {
		who := ana
		if i%2 == 1 {
			who = ben
		}
		wg.Go(func() {
			d := chat.Draft{Room: room, Kind: bus.Personal, Content: fmt.Sprint(i)}
			if _, _, err := w.Append(t.Context(), by(who), d, stamp()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	h, err := w.History(t.Context(), ana, room, bus.Personal, chat.Page{Limit: chat.MaxPage})
	w.must(err)
	if len(h.Messages) != 2*each || h.Seq != 2*each {
		t.Fatalf("%d messages up to %d", len(h.Messages), h.Seq)
	}
	for i, m := range h.Messages {
		if m.Seq != int64(2*each-i) {
			t.Errorf("place %d has seq %d", i, m.Seq)
		}
	}
	if a, b := w.unread(ana, room), w.unread(ben, room); a != each || b != each {
		t.Errorf("unread %d and %d, want %d", a, b, each)
	}
}
