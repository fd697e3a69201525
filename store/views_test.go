package store_test

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
)

func (w *world) views(u auth.UserID, offset, limit int) []chat.View {
	w.Helper()
	views, err := w.Views(w.Context(), u, offset, limit)
	w.must(err)
	return views
}

func roomsOf(views []chat.View) []bus.RoomID {
	rooms := []bus.RoomID{}
	for _, v := range views {
		rooms = append(rooms, v.Room)
	}
	return rooms
}

func TestViewsAreSortedByTheNewestEntry(t *testing.T) {
	w := newWorld(t)
	ana, ben, cem := w.person("ana"), w.person("ben"), w.person("cem")
	at := func(ms int64) bus.Stamp {
		s := stamp()
		s.At = s.At.Add(time.Duration(ms) * time.Millisecond)
		return s
	}
	said, silent := w.personal(ana, ben), w.personal(ana, cem)
	group, ended := w.group(ana, ben), w.group(ana, ben)
	w.change(groups.Change{Group: ended, By: by(ana), Target: ana, Type: bus.Delete})
	w.post(by(ana), chat.Draft{Room: bus.RoomID(ana), Kind: bus.Self, Content: "x"}, at(9000))
	w.post(by(ben), chat.Draft{Room: said, Kind: bus.Personal, Content: "x"}, at(1000))
	if got := roomsOf(w.views(ana, 0, 20)); !slices.Equal(got, []bus.RoomID{said, group}) {
		t.Errorf("%v, want %s and %s, without %s", got, said, group, silent)
	}
	_, err := w.ChangeGroup(t.Context(), groups.Change{Group: group, By: by(ana), Target: cem, Type: bus.Add}, at(2000), allowed)
	w.must(err)
	if got := roomsOf(w.views(ana, 0, 20)); !slices.Equal(got, []bus.RoomID{group, said}) {
		t.Errorf("%v, want %s and %s: an entry of the server is one, too", got, group, said)
	}
	if first, rest := roomsOf(w.views(ana, 0, 1)), roomsOf(w.views(ana, 1, 9)); !slices.Equal(append(first, rest...), []bus.RoomID{group, said}) {
		t.Errorf("in pages %v and %v", first, rest)
	}
	if got := w.views(ana, 2, 20); len(got) != 0 {
		t.Errorf("past the end is %+v", got)
	}
}

func TestAViewOfAPersonalChat(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	w.paint(ana, "ana.png")
	w.paint(ben, "ben.png")
	room := w.personal(ana, ben)
	d := chat.Draft{Room: room, Kind: bus.Personal, Type: bus.Image, Attachment: &bus.Attachment{Picture: text("p.png")}}
	w.post(by(ana), d, stamp())
	w.read(ben, room, bus.Personal, 0)
	w.send(ana, room, bus.Personal, "1")
	s := stamp()
	w.post(by(ana), d, s)
	w.block(ben, room)
	_, _, err := w.ToggleMute(t.Context(), by(ben), room, stamp())
	w.must(err)
	views, err := w.ViewsOf(t.Context(), room, []auth.UserID{ana, ben, auth.NewUserID()})
	w.must(err)
	if len(views) != 2 {
		t.Fatalf("%d views", len(views))
	}
	email := func(u auth.UserID) string {
		p, err := w.Person(t.Context(), u)
		w.must(err)
		return p.Email
	}
	last := chat.Message{
		ID: s.ID, Seq: 3, Type: bus.Image, Sender: ana, SenderName: "ana", SenderPicture: "ana.png", At: s.At,
	}
	want := map[auth.UserID]chat.View{
		ana: {
			Room: room, Kind: bus.Personal, Creator: ana, Members: 2, Role: bus.Plain, Last: last, Blocker: ben,
			Partner: chat.Person{ID: ben, Name: "ben", Email: email(ben), Picture: "ben.png"}, PartnerCursor: 1,
		},
		ben: {
			Room: room, Kind: bus.Personal, Creator: ana, Members: 2, Role: bus.Plain, Last: last, Blocker: ben,
			Partner: chat.Person{ID: ana, Name: "ana", Email: email(ana), Picture: "ana.png"}, Muted: true, Unread: 2,
		},
	}
	for u, v := range views {
		if v.Last.Attachment == nil || *v.Last.Attachment.Picture != "p.png" {
			t.Errorf("%s sees %+v last", w.people[u], v.Last.Attachment)
		}
		v.Last.Attachment, v.Last.At = nil, v.Last.At.UTC()
		if v != want[u] {
			t.Errorf("%s sees %+v, want %+v", w.people[u], v, want[u])
		}
		one := w.views(u, 0, 20)
		one[0].Last.Attachment, one[0].Last.At = nil, one[0].Last.At.UTC()
		if len(one) != 1 || one[0] != v {
			t.Errorf("%s's list has %+v, want %+v", w.people[u], one, v)
		}
	}
}

// All of a group see it by one query, each as themself.
func TestViewsOfAGroup(t *testing.T) {
	w := newWorld(t)
	ana, ben, cem, zoe := w.person("ana"), w.person("ben"), w.person("cem"), w.person("zoe")
	room := bus.NewRoomID()
	_, err := w.CreateGroup(t.Context(), by(ana), room, groups.Plan{Name: "g", Description: "d", Members: []auth.UserID{ben, cem}}, stamp())
	w.must(err)
	w.change(groups.Change{Group: room, By: by(ana), Target: ben, Type: bus.Upgrade, Role: bus.Admin})
	w.send(ana, room, bus.Group, "1")
	w.send(ben, room, bus.Group, "2")
	views, err := w.ViewsOf(t.Context(), room, []auth.UserID{ana, ben, cem, zoe})
	w.must(err)
	roles := map[auth.UserID]bus.Role{ana: bus.Owner, ben: bus.Admin, cem: bus.Plain}
	unread := map[auth.UserID]int64{ana: 1, ben: 1, cem: 2}
	if len(views) != len(roles) {
		t.Fatalf("%d views", len(views))
	}
	for u, v := range views {
		if v.Role != roles[u] || v.Unread != unread[u] || v.Members != 3 || v.Creator != ana || v.Name != "g" || v.Description != "d" ||
			v.Last.Content != "2" || v.Last.SenderName != "ben" || v.Last.Seq != 4 || v.Partner != (chat.Person{}) || v.Blocker != "" {
			t.Errorf("%s sees %+v", w.people[u], v)
		}
	}
	if views, err = w.ViewsOf(t.Context(), room, nil); err != nil || len(views) != 0 {
		t.Errorf("nobody sees %+v (%v)", views, err)
	}
	for _, none := range []bus.RoomID{bus.NewRoomID(), bus.RoomID(ana), w.personal(ana, ben)} {
		if views, err = w.ViewsOf(t.Context(), none, []auth.UserID{ana}); err != nil || len(views) != 0 {
			t.Errorf("%s looks like %+v (%v)", none, views, err)
		}
	}
}

func TestPartners(t *testing.T) {
	w := newWorld(t)
	ana, ben, cem := w.person("ana"), w.person("ben"), w.person("cem")
	w.group(ana, ben, cem)
	want := map[bus.RoomID]auth.UserID{w.personal(ana, ben): ben, w.personal(cem, ana): cem}
	got, err := w.Partners(t.Context(), ana)
	w.must(err)
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestPagesOfMembers(t *testing.T) {
	w := newWorld(t)
	ana, ben, cem, zoe := w.person("ana"), w.person("ben"), w.person("cem"), w.person("zoe")
	w.paint(cem, "cem.png")
	room, two := w.group(ana, cem, ben), w.personal(ana, ben)
	tests := map[string]struct {
		by            auth.UserID
		room          bus.RoomID
		offset, limit int
		want          []auth.UserID
		err           error
	}{
		"all":              {ana, room, 0, 20, []auth.UserID{ana, cem, ben}, nil},
		"the first two":    {ben, room, 0, 2, []auth.UserID{ana, cem}, nil},
		"the rest":         {ben, room, 2, 2, []auth.UserID{ben}, nil},
		"past the end":     {ben, room, 3, 2, nil, nil},
		"a stranger":       {zoe, room, 0, 20, nil, chat.ErrNotMember},
		"past it, strange": {zoe, room, 9, 20, nil, chat.ErrNotMember},
		"no group":         {ana, bus.NewRoomID(), 0, 20, nil, chat.ErrNotMember},
		"a chat of two":    {ana, two, 0, 20, nil, chat.ErrNotMember},
	}
	for name, tt := range tests {
		people, roles, err := w.Members(t.Context(), tt.by, tt.room, tt.offset, tt.limit)
		if !errors.Is(err, tt.err) || !slices.Equal(ids(people), tt.want) || len(roles) != len(people) {
			t.Errorf("%s: %+v, %v, %v", name, people, roles, err)
		}
	}
	people, roles, err := w.Members(t.Context(), ben, room, 0, 2)
	w.must(err)
	if !slices.Equal(roles, []bus.Role{bus.Owner, bus.Plain}) || people[1].Picture != "cem.png" || people[1].Email == "" {
		t.Errorf("%+v, %v", people, roles)
	}
}

func ids(people []chat.Person) []auth.UserID {
	var list []auth.UserID
	for _, p := range people {
		list = append(list, p.ID)
	}
	return list
}
