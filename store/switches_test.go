package store_test

import (
	"errors"
	"sync"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

func TestMuting(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("ana"), w.person("ben"), w.person("zoe")
	w.paint(ana, "ana.png")
	for _, room := range []bus.RoomID{w.personal(ana, ben), w.group(ben, ana), bus.RoomID(ana)} {
		for _, want := range []bool{true, false, true} {
			is, event, err := w.ToggleMute(t.Context(), by(ana), room, stamp())
			w.must(err)
			e, ok := event.(bus.MuteChanged)
			if is != want || !ok || e.Muted != want || e.ByName != "ana" || e.ByPicture != "ana.png" || e.ID != "" || e.Room != room {
				t.Errorf("%v, %+v, want %v", is, event, want)
			}
		}
		if _, _, err := w.ToggleMute(t.Context(), by(zoe), room, stamp()); !errors.Is(err, chat.ErrNotMember) {
			t.Errorf("a stranger: %v", err)
		}
	}
	if _, _, err := w.ToggleMute(t.Context(), by(ana), bus.NewRoomID(), stamp()); !errors.Is(err, chat.ErrNotMember) {
		t.Errorf("no room: %v", err)
	}
}

func TestBlocking(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("ana"), w.person("ben"), w.person("zoe")
	room, group := w.personal(ana, ben), w.group(ana, ben)
	w.send(ana, room, bus.Personal, "x")
	steps := []struct {
		what string
		by   auth.UserID
		room bus.RoomID
		want bool
		err  error
	}{
		{"a stranger", zoe, room, false, chat.ErrNotMember},
		{"a group", ana, group, false, chat.ErrNotMember},
		{"one's own chat", ana, bus.RoomID(ana), false, chat.ErrNotMember},
		{"no chat", ana, bus.NewRoomID(), false, chat.ErrNotMember},
		{"one of the two", ana, room, true, nil},
		{"the other one, then", ben, room, false, chat.ErrBlocked},
		{"whoever blocked", ana, room, false, nil},
		{"the other one, now", ben, room, true, nil},
		{"who blocked before", ana, room, false, chat.ErrBlocked},
	}
	for _, s := range steps {
		is, event, err := w.ToggleBlock(t.Context(), by(s.by), s.room, stamp())
		if !errors.Is(err, s.err) || is != s.want || (err != nil) != (event == nil) {
			t.Errorf("%s: %v, %+v, %v", s.what, is, event, err)
		}
		if e, ok := event.(bus.BlockChanged); err == nil && (!ok || e.Blocked != s.want || e.Kind != bus.Personal || e.Seq != 1 || e.ID != "") {
			t.Errorf("%s: event %+v", s.what, event)
		}
	}
}

// An attempt whose reply got lost is repeated with its stamp, and is no second wish: not
// even if another one came in between, which keeps its effect.
func TestAToggleIsCarriedOutOncePerStamp(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.personal(ana, ben)
	for name, toggle := range map[string]func(bus.Stamp) bool{
		"block": func(s bus.Stamp) bool {
			is, _, err := w.ToggleBlock(t.Context(), by(ana), room, s)
			w.must(err)
			return is
		},
		"mute": func(s bus.Stamp) bool {
			is, _, err := w.ToggleMute(t.Context(), by(ana), room, s)
			w.must(err)
			return is
		},
	} {
		first, second := stamp(), stamp()
		got := []bool{toggle(first), toggle(first), toggle(second), toggle(first), toggle(second), toggle(stamp())}
		want := []bool{true, true, false, true, false, true}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: %v, want %v", name, got, want)
				break
			}
		}
	}
}

func TestTogglesAtOnceAreOneAfterAnother(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.personal(ana, ben)
	const n = 20
	results := make(chan bool, n)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			is, _, err := w.ToggleBlock(t.Context(), by(ana), room, stamp())
			if err != nil {
				t.Error(err)
			}
			results <- is
		})
	}
	wg.Wait()
	on := 0
	for range n {
		if <-results {
			on++
		}
	}
	if on != n/2 {
		t.Errorf("%d of %d turned it on", on, n)
	}
	w.send(ana, room, bus.Personal, "x") // it is off again
}

// Whatever is acked while others block and lift their block has a place, and nothing that
// was refused has one.
func TestBlocksAndMessagesAtOnce(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.personal(ana, ben)
	const n = 30
	accepted := make(chan bus.MessageID, n)
	var wg sync.WaitGroup
	wg.Go(func() {
		for range n {
			if _, _, err := w.ToggleBlock(t.Context(), by(ben), room, stamp()); err != nil {
				t.Error(err)
			}
		}
	})
	for range n {
		wg.Go(func() {
			s := stamp()
			switch p := w.post(by(ana), chat.Draft{Room: room, Kind: bus.Personal, Content: "x"}, s); {
			case p.Err == nil:
				accepted <- p.Receipt.ID
			case !errors.Is(p.Err, chat.ErrBlocked):
				t.Error(p.Err)
			}
		})
	}
	wg.Wait()
	close(accepted)
	h, err := w.History(t.Context(), ben, room, bus.Personal, chat.Page{Limit: chat.MaxPage})
	w.must(err)
	kept := map[bus.MessageID]bool{}
	for _, m := range h.Messages {
		kept[m.ID] = true
	}
	for id := range accepted {
		if !kept[id] {
			t.Errorf("%s was accepted and is not there", id)
		}
		delete(kept, id)
	}
	if len(kept) > 0 || w.unread(ben, room) != int64(len(h.Messages)) {
		t.Errorf("%d refused ones are there, %d of %d unread", len(kept), w.unread(ben, room), len(h.Messages))
	}
}

func TestTypist(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("ana"), w.person("ben"), w.person("zoe")
	room := w.personal(ana, ben)
	if kind, name, err := w.Typist(t.Context(), ana, room); kind != bus.Personal || name != "ana" || err != nil {
		t.Errorf("%s, %s, %v", kind, name, err)
	}
	if _, _, err := w.Typist(t.Context(), zoe, room); !errors.Is(err, chat.ErrNotMember) {
		t.Error(err)
	}
	if _, _, err := w.ToggleBlock(t.Context(), by(ben), room, stamp()); err != nil {
		t.Fatal(err)
	}
	for _, user := range []auth.UserID{ana, ben} {
		if _, _, err := w.Typist(t.Context(), user, room); !errors.Is(err, chat.ErrBlocked) {
			t.Errorf("in a blocked room: %v", err)
		}
	}
}
