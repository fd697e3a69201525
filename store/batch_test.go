package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
)

func TestPostingGivesRisingPlaces(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.personal(ana, ben)
	for i := range int64(5) {
		if r := w.send(ana, room, bus.Personal, "x"); r.Seq != i+1 {
			t.Fatalf("message %d has seq %d", i, r.Seq)
		}
	}
}

func TestPostingIsForMembersOfThatKind(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("ana"), w.person("ben"), w.person("zoe")
	room := w.personal(ana, ben)
	tests := map[string]chat.Draft{
		"a stranger":      {Room: room, Kind: bus.Personal, Content: "x"},
		"an unknown room": {Room: bus.NewRoomID(), Kind: bus.Personal, Content: "x"},
	}
	for name, d := range tests {
		if p := w.post(by(zoe), d, stamp()); !errors.Is(p.Err, chat.ErrNotMember) || p.Event != nil {
			t.Errorf("%s: %+v", name, p)
		}
	}
	p := w.post(by(ana), chat.Draft{Room: room, Kind: bus.Group, Content: "x"}, stamp())
	if !errors.Is(p.Err, chat.ErrNotMember) {
		t.Errorf("a room of another kind: %+v", p)
	}
	if got := w.unread(ben, room); got != 0 {
		t.Errorf("refused messages left %d unread", got)
	}
}

func TestPostingStoresAClientIDOnce(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.personal(ana, ben)
	d := chat.Draft{Room: room, Kind: bus.Personal, Content: "once", ClientID: "c1"}
	first := w.post(by(ana), d, stamp())
	if first.Err != nil || first.Event == nil {
		t.Fatalf("the first has no event: %+v", first)
	}
	w.send(ben, room, bus.Personal, "between")
	again := w.post(by(ana), d, stamp())
	if again.Receipt != first.Receipt || again.Event != nil || again.Err != nil {
		t.Errorf("the repeat got %+v, want the receipt of %+v", again, first)
	}
	other := w.post(by(ben), d, stamp())
	if other.Receipt.ID == first.Receipt.ID || other.Event == nil {
		t.Error("another sender's client id is not their own")
	}
}

// A reply that got lost leaves a message behind. The next attempt, which has the same
// stamp, finds it and reports it as its own, event included.
func TestPostingRecognisesItsOwnStamp(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.personal(ana, ben)
	d := chat.Draft{Room: room, Kind: bus.Personal, Content: "x"}
	s := stamp()
	first := w.post(by(ana), d, s)
	again := w.commit(chat.Batch{Again: true, Entries: []chat.Entry{{By: by(ana), Draft: d, Stamp: s}}})[0]
	if again.Receipt != first.Receipt {
		t.Errorf("got %+v, want %+v", again, first)
	}
	if e, ok := again.Event.(bus.MessageSent); !ok || e.Seq != first.Receipt.Seq {
		t.Errorf("the event is %#v", again.Event)
	}
	if got := w.unread(ben, room); got != 1 {
		t.Errorf("%d unread, want 1", got)
	}
}

func TestBatchesAtOnceHaveNoTiesAndLoseNothing(t *testing.T) {
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
			if p := w.post(by(who), d, stamp()); p.Err != nil {
				t.Error(p.Err)
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

// A batch is judged entry by entry: what is wrong with one is its sender's alone.
func TestABatchOfManyRoomsAndErrors(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("ana"), w.person("ben"), w.person("zoe")
	room, group := w.personal(ana, ben), w.group(ana, zoe)
	entry := func(u auth.UserID, room bus.RoomID, kind bus.Kind, clientID string) chat.Entry {
		d := chat.Draft{Room: room, Kind: kind, Content: "x", ClientID: clientID}
		return chat.Entry{By: by(u), Draft: d, Stamp: stamp()}
	}
	used := w.post(by(ana), chat.Draft{Room: room, Kind: bus.Personal, Content: "x", ClientID: "used"}, stamp())
	batch := chat.Batch{Entries: []chat.Entry{
		entry(ana, room, bus.Personal, ""),
		entry(zoe, room, bus.Personal, ""), // a stranger
		entry(zoe, group, bus.Group, ""),
		entry(ana, room, bus.Group, ""), // another kind
		entry(ana, room, bus.Personal, "used"),
		entry(ben, room, bus.Personal, "used"), // his own
		entry(ana, "", bus.Personal, ""),
		entry(ana, group, bus.Group, ""),
		entry(ana, room, bus.Personal, "new"),
	}}
	want := []int64{2, 0, 2, 0, 1, 3, 0, 3, 4} // 0 for none
	for i, p := range w.commit(batch) {
		e := batch.Entries[i]
		switch {
		case want[i] == 0 && (!errors.Is(p.Err, chat.ErrNotMember) || p.Event != nil):
			t.Errorf("entry %d: %+v, want none", i, p)
		case want[i] == 1 && (p.Receipt != used.Receipt || p.Event != nil || p.Err != nil):
			t.Errorf("entry %d: %+v, want the receipt of %+v", i, p, used)
		case want[i] > 1 && (p.Receipt != chat.Receipt{ID: e.Stamp.ID, Seq: want[i], At: e.Stamp.At} || p.Event == nil):
			t.Errorf("entry %d: %+v, want seq %d", i, p, want[i])
		}
	}
	if a, b, z := w.unread(ana, room), w.unread(ben, room), w.unread(zoe, group); a != 1 || b != 3 || z != 1 {
		t.Errorf("unread %d, %d and %d", a, b, z)
	}
}

// An attempt that got lost on its way may arrive behind the one that repeats it. It finds
// the names taken, and nothing of it is done.
func TestALateFirstAttemptChangesNothing(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.personal(ana, ben)
	d := chat.Draft{Room: room, Kind: bus.Personal, Content: "x"}
	late := chat.Batch{Entries: []chat.Entry{{By: by(ana), Draft: d, Stamp: stamp()}, {By: by(ben), Draft: d, Stamp: stamp()}}}
	again := late
	again.Again = true
	w.commit(again)
	if _, _, err := w.Commit(t.Context(), late); !errors.Is(err, chat.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if a, b := w.unread(ana, room), w.unread(ben, room); a != 1 || b != 1 {
		t.Errorf("unread %d and %d, want 1 and 1", a, b)
	}
}

// Batches of the same rooms in whatever order, with whatever changes of members, never
// wait for each other in a circle.
func TestBatchesDoNotDeadlock(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("ana"), w.person("ben"), w.person("zoe")
	var rooms []bus.RoomID
	for range 6 {
		rooms = append(rooms, w.group(ana, ben))
	}
	var wg sync.WaitGroup
	for i := range 6 {
		dice := rand.New(rand.NewPCG(uint64(i), 1))
		wg.Go(func() {
			for range 20 {
				var b chat.Batch
				for _, r := range dice.Perm(len(rooms)) {
					d := chat.Draft{Room: rooms[r], Kind: bus.Group, Content: "x"}
					b.Entries = append(b.Entries, chat.Entry{By: by(ana), Draft: d, Stamp: stamp()})
					b.Moves = append(b.Moves, chat.Move{By: by(ben), Room: rooms[r], Kind: bus.Group, Newest: true, Stamp: stamp()})
				}
				dice.Shuffle(len(b.Moves), func(i, j int) { b.Moves[i], b.Moves[j] = b.Moves[j], b.Moves[i] })
				if _, _, err := w.Commit(t.Context(), b); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, room := range rooms {
		wg.Go(func() {
			for range 10 {
				w.change(groups.Change{Group: room, By: by(ana), Target: zoe, Type: bus.Add})
				w.change(groups.Change{Group: room, By: by(ana), Target: zoe, Type: bus.Kick})
			}
		})
	}
	wg.Wait()
	for _, room := range rooms {
		h, err := w.History(t.Context(), ana, room, bus.Group, chat.Page{Limit: chat.MaxPage})
		w.must(err)
		if len(h.Messages) != 120 || h.Seq != 141 {
			t.Errorf("%d messages up to %d", len(h.Messages), h.Seq)
		}
	}
}
