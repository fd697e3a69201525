package store_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

func seqs(h chat.History) []int64 {
	out := []int64{}
	for _, m := range h.Messages {
		out = append(out, m.Seq)
	}
	return out
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.personal(ana, ben)
	for range 6 {
		w.send(ana, room, bus.Personal, "x")
	}
	tests := map[string]struct {
		page chat.Page
		want []int64
		more bool
	}{
		"the newest":         {chat.Page{Limit: 3}, []int64{6, 5, 4}, true},
		"all":                {chat.Page{Limit: 6}, []int64{6, 5, 4, 3, 2, 1}, false},
		"before":             {chat.Page{Limit: 2, Before: 4}, []int64{3, 2}, true},
		"before, to the end": {chat.Page{Limit: 5, Before: 4}, []int64{3, 2, 1}, false},
		"after":              {chat.Page{Limit: 2, After: 2}, []int64{4, 3}, true},
		"after, to the end":  {chat.Page{Limit: 9, After: 4}, []int64{6, 5}, false},
		"after the newest":   {chat.Page{Limit: 9, After: 6}, []int64{}, false},
		"from the start":     {chat.Page{Limit: 2, FromStart: true}, []int64{2, 1}, true},
		"before the first":   {chat.Page{Limit: 9, Before: 1}, []int64{}, false},
	}
	for name, tt := range tests {
		h, err := w.History(t.Context(), ben, room, bus.Personal, tt.page)
		w.must(err)
		got := seqs(h)
		if len(got) != len(tt.want) || h.HasMore != tt.more {
			t.Errorf("%s: %v, more %v, want %v, %v", name, got, h.HasMore, tt.want, tt.more)
			continue
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%s: %v, want %v", name, got, tt.want)
				break
			}
		}
	}
}

func TestAPageIsBoundedInBytes(t *testing.T) {
	w := newWorld(t)
	ana := w.person("ana")
	const fit = chat.MaxPageBytes / chat.MaxContent
	for range fit + 3 {
		w.send(ana, bus.RoomID(ana), bus.Self, strings.Repeat("x", chat.MaxContent))
	}
	for _, p := range []chat.Page{{Limit: 200}, {Limit: 200, FromStart: true}} {
		h, err := w.History(t.Context(), ana, bus.RoomID(ana), bus.Self, p)
		w.must(err)
		if len(h.Messages) != fit || !h.HasMore {
			t.Errorf("%+v: %d messages, more %v, want %d and more", p, len(h.Messages), h.HasMore, fit)
		}
	}
}

func TestHistoryIsForMembersOfThatKind(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("ana"), w.person("ben"), w.person("zoe")
	room := w.personal(ana, ben)
	for name, ask := range map[string]struct {
		who  auth.UserID
		room bus.RoomID
		kind bus.Kind
	}{
		"a stranger":               {zoe, room, bus.Personal},
		"no such room":             {ana, bus.NewRoomID(), bus.Personal},
		"a room of another kind":   {ana, room, bus.Group},
		"somebody else's own chat": {ana, bus.RoomID(ben), bus.Self},
	} {
		if _, err := w.History(t.Context(), ask.who, ask.room, ask.kind, chat.Page{Limit: 1}); !errors.Is(err, chat.ErrNotMember) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTwoPeopleHaveOnePersonalChat(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	const tries = 8
	rooms := make(chan bus.RoomID, tries)
	events := make(chan bus.Event, tries)
	var wg sync.WaitGroup
	for i := range tries {
		a, b := ana, ben
		if i%2 == 1 {
			a, b = ben, ana
		}
		wg.Go(func() {
			o, e, err := w.OpenPersonal(t.Context(), by(a), b, bus.NewRoomID(), stamp())
			if err != nil {
				t.Error(err)
			}
			rooms <- o.Room
			if e != nil {
				events <- e
			}
		})
	}
	wg.Wait()
	first := <-rooms
	for range tries - 1 {
		if r := <-rooms; r != first {
			t.Errorf("rooms %s and %s", first, r)
		}
	}
	if len(events) != 1 {
		t.Errorf("%d events, want 1", len(events))
	}
	if _, _, err := w.OpenPersonal(t.Context(), by(ana), auth.NewUserID(), bus.NewRoomID(), stamp()); !errors.Is(err, chat.ErrNoUser) {
		t.Errorf("with nobody: %v", err)
	}
}

func TestOpenPersonalRecognisesItsOwnRoom(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room, s := bus.NewRoomID(), stamp()
	for range 2 {
		o, e, err := w.OpenPersonal(t.Context(), by(ana), ben, room, s)
		w.must(err)
		made, ok := e.(bus.RoomCreated)
		if o.Existed || !ok || made.ByName != "ana" || len(made.Members) != 2 || made.Members[1].Name != "ben" {
			t.Errorf("opened %+v, event %+v", o, e)
		}
	}
}

func TestSearch(t *testing.T) {
	w := newWorld(t)
	me := w.person("me")
	known := w.person("xanax")
	w.personal(me, known)
	w.person("Xana")
	w.person("xanadu")
	w.person("roxana")
	w.person("100%_\\")
	w.person("ÉLODIE")
	tests := map[string][]string{
		"xANA": {"Xana", "xanax", "xanadu", "roxana"},
		"%":    {"100%_\\"},
		"_":    {"100%_\\"},
		`\`:    {"100%_\\"},
		"élod": {"ÉLODIE"},
		".*":   {},
		"\x00": nil, // taken out, which leaves an empty text
	}
	for text, want := range tests {
		people, err := w.Search(t.Context(), me, text, 8)
		w.must(err)
		if want == nil {
			if len(people) != 7 {
				t.Errorf("%q finds %d people", text, len(people))
			}
			continue
		}
		names := []string{}
		for _, p := range people {
			names = append(names, p.Name)
			if (p.Email != "") != (p.ID == known) {
				t.Errorf("%s shows the address %q", p.Name, p.Email)
			}
		}
		if strings.Join(names, " ") != strings.Join(want, " ") {
			t.Errorf("%q finds %v, want %v", text, names, want)
		}
	}
	if people, _ := w.Search(t.Context(), me, "", 3); len(people) != 3 {
		t.Errorf("limit 3 finds %d", len(people))
	}
}
