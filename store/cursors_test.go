package store_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
)

func TestReadingToTheNewestLeavesNothingUnread(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.personal(ana, ben)
	w.send(ana, room, bus.Personal, "1")
	w.send(ben, room, bus.Personal, "2")
	w.send(ana, room, bus.Personal, "3")
	if got := w.unread(ben, room); got != 2 {
		t.Fatalf("%d unread, want 2", got)
	}
	c, event := w.read(ben, room, bus.Personal, 0)
	if c != (chat.Cursor{Seq: 3}) || w.unread(ben, room) != 0 {
		t.Errorf("cursor %+v", c)
	}
	if e, ok := event.(bus.ReadMoved); !ok || e.UpTo != 3 || e.ByName != "ben" {
		t.Errorf("event %#v", event)
	}
	if _, event := w.read(ben, room, bus.Personal, 0); event != nil {
		t.Errorf("a cursor that did not move told %#v", event)
	}
	if got := w.unread(ana, room); got != 1 {
		t.Errorf("ana has %d unread, want 1", got)
	}
}

func TestACursorNeverMovesBack(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.personal(ana, ben)
	for range 5 {
		w.send(ana, room, bus.Personal, "x")
	}
	w.read(ben, room, bus.Personal, 4)
	c, event := w.read(ben, room, bus.Personal, 2)
	if c != (chat.Cursor{Seq: 4, Unread: 1}) || event != nil {
		t.Errorf("cursor %+v, event %v", c, event)
	}
	if c, _ := w.read(ben, room, bus.Personal, 99); c != (chat.Cursor{Seq: 5}) {
		t.Errorf("past the end: %+v", c)
	}
}

// What came into the batch after somebody had asked for the newest is not read.
func TestReadingLeavesWhatCameLater(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.personal(ana, ben)
	w.send(ana, room, bus.Personal, "before")
	entry := func() chat.Entry {
		return chat.Entry{By: by(ana), Draft: chat.Draft{Room: room, Kind: bus.Personal, Content: "x"}, Stamp: stamp()}
	}
	read, unread := entry(), entry()
	b := chat.Batch{Entries: []chat.Entry{read, unread}, Moves: []chat.Move{{
		By: by(ben), Room: room, Kind: bus.Personal, Newest: true, Before: unread.Stamp.ID, Stamp: stamp(),
	}}}
	_, moved, err := w.Commit(t.Context(), b)
	w.must(err)
	if got := moved[0]; got.Err != nil || got.Cursor != (chat.Cursor{Seq: 2, Unread: 1}) || got.Event == nil {
		t.Errorf("moved %+v", got)
	}
	b = chat.Batch{Moves: []chat.Move{{
		By: by(ben), Room: room, Kind: bus.Personal, UpTo: 3, Newest: true, Before: unread.Stamp.ID, Stamp: stamp(),
	}}, Again: true}
	for range 2 { // the second time the others hear of it once more
		_, moved, err = w.Commit(t.Context(), b)
		w.must(err)
		if got := moved[0]; got.Cursor != (chat.Cursor{Seq: 3}) || got.Event == nil {
			t.Errorf("moved %+v", got)
		}
	}
}

func TestReadingIsForMembers(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("ana"), w.person("ben"), w.person("zoe")
	room := w.personal(ana, ben)
	m := w.moves(chat.Move{By: by(zoe), Room: room, Kind: bus.Personal, Newest: true, Stamp: stamp()})[0]
	if !errors.Is(m.Err, chat.ErrNotMember) {
		t.Error(m.Err)
	}
}

// Unread counters agree with counting, whatever people say, read and change.
func TestUnreadAgreesWithCounting(t *testing.T) {
	w := newWorld(t)
	users := []auth.UserID{w.person("ana"), w.person("ben"), w.person("cem")}
	dee := w.person("dee")
	room := w.group(users[0], users[1:]...)
	type said struct {
		seq int64
		by  int
	}
	var log []said
	cursors := make([]int64, len(users))
	seq := int64(1) // the entry that created the group
	dice := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		i := dice.IntN(len(users))
		switch dice.IntN(5) {
		case 0, 1, 2:
			seq = w.send(users[i], room, bus.Group, "x").Seq
			log = append(log, said{seq, i})
		case 3:
			upTo := dice.Int64N(seq + 1)
			w.read(users[i], room, bus.Group, upTo)
			if upTo == 0 {
				upTo = seq
			}
			cursors[i] = max(cursors[i], upTo)
		case 4: // entries that count for nobody
			w.change(groups.Change{Group: room, By: by(users[0]), Target: dee, Type: bus.Add})
			w.change(groups.Change{Group: room, By: by(users[0]), Target: dee, Type: bus.Kick})
			seq += 2
		}
		for j, cursor := range cursors {
			want := int64(0)
			for _, s := range log {
				if s.seq > cursor && s.by != j {
					want++
				}
			}
			if got := w.unread(users[j], room); got != want {
				t.Fatalf("user %d has %d unread, want %d", j, got, want)
			}
		}
	}
}
