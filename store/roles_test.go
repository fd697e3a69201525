package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
)

func allowed(groups.Standing) error { return nil }

// roles are those of a group's members, in the order in which they joined.
func (w *world) roles(u auth.UserID, room bus.RoomID) []bus.Role {
	w.Helper()
	var roles []bus.Role
	for _, m := range w.history(u, room).Members {
		roles = append(roles, m.Role)
	}
	return roles
}

// The server's own words count for nobody, and only who asks for them gets them.
func TestTheServersWordsCountForNobody(t *testing.T) {
	w := newWorld(t)
	ana, ben, cem := w.person("ana"), w.person("ben"), w.person("cem")
	w.paint(ana, "ana.png")
	room := w.group(ana, ben)
	for _, c := range []groups.Change{
		{By: by(ana), Target: cem, Type: bus.Add},
		{By: by(ana), Target: ben, Type: bus.Upgrade, Role: bus.Admin},
		{By: by(ana), Target: ben, Type: bus.Downgrade, Role: bus.Plain},
		{By: by(ana), Target: ana, Type: bus.Info, Name: "new"},
		{By: by(ana), Target: ben, Type: bus.Kick},
		{By: by(ana), Target: ben, Type: bus.Add},
		{By: by(ben), Target: ben, Type: bus.Leave},
		{By: by(ana), Target: cem, Type: bus.Upgrade, Role: bus.Owner},
	} {
		c.Group = room
		w.change(c)
	}
	if got := w.unread(cem, room); got != 0 {
		t.Errorf("%d unread", got)
	}
	if got := w.history(ana, room).Messages; len(got) != 0 {
		t.Errorf("a page has %+v", got)
	}
	h, err := w.History(t.Context(), ana, room, bus.Group, chat.Page{Limit: 99, System: true, FromStart: true})
	w.must(err)
	want := []chat.Message{
		{Type: bus.Create, Content: "g"},
		{Type: bus.Add, Content: "cem"},
		{Type: bus.Upgrade, Content: "ben"},
		{Type: bus.Downgrade, Content: "ben"},
		{Type: bus.Info, Content: "new"},
		{Type: bus.Kick, Content: "ben"},
		{Type: bus.Add, Content: "ben"},
		{Type: bus.Leave, Content: "ben"},
		{Type: bus.Upgrade, Content: "cem"},
	}
	if len(h.Messages) != len(want) {
		t.Fatalf("%d entries", len(h.Messages))
	}
	for i := range want {
		m := h.Messages[len(want)-1-i]
		if m.Type != want[i].Type || m.Content != want[i].Content || m.Type.SaidByPeople() || m.Seq != int64(i+1) {
			t.Errorf("entry %d is %+v", i, m)
		}
	}
	if h.Name != "new" || h.Members[0].Picture != "ana.png" {
		t.Errorf("the group is %q with %+v", h.Name, h.Members)
	}
}

// Each change has its effect, its entry and its event, and a repeated attempt finds them.
func TestChangesOfRolesAndNames(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	w.paint(ana, "ana.png")
	w.paint(ben, "ben.png")
	room := w.group(ana, ben)
	picture, none := "g.png", ""
	is := func(role bus.Role) bus.Member {
		return bus.Member{User: ben, Name: "ben", Picture: "ben.png", Role: role}
	}
	steps := []struct {
		change groups.Change
		roles  []bus.Role
		name   string
		want   func(bus.Place) bus.Event
	}{
		{
			groups.Change{Target: ben, Type: bus.Upgrade, Role: bus.Admin},
			[]bus.Role{bus.Owner, bus.Admin},
			"g",
			func(at bus.Place) bus.Event { return bus.RoleChanged{Place: at, Member: is(bus.Admin)} },
		},
		{
			groups.Change{Target: ben, Type: bus.Downgrade, Role: bus.Plain},
			[]bus.Role{bus.Owner, bus.Plain},
			"g",
			func(at bus.Place) bus.Event { return bus.RoleChanged{Place: at, Member: is(bus.Plain)} },
		},
		{
			groups.Change{Target: ana, Type: bus.Info, Name: "new"},
			[]bus.Role{bus.Owner, bus.Plain},
			"new",
			func(at bus.Place) bus.Event { return bus.GroupChanged{Place: at, Name: "new"} },
		},
		{
			groups.Change{Target: ana, Type: bus.Info, Picture: &picture},
			[]bus.Role{bus.Owner, bus.Plain},
			"new",
			func(at bus.Place) bus.Event { return bus.GroupChanged{Place: at, Name: "new", Picture: "g.png"} },
		},
		{
			groups.Change{Target: ana, Type: bus.Info, Name: "newer"},
			[]bus.Role{bus.Owner, bus.Plain},
			"newer",
			func(at bus.Place) bus.Event { return bus.GroupChanged{Place: at, Name: "newer", Picture: "g.png"} },
		},
		{
			groups.Change{Target: ana, Type: bus.Info, Name: "new", Picture: &none},
			[]bus.Role{bus.Owner, bus.Plain},
			"new",
			func(at bus.Place) bus.Event { return bus.GroupChanged{Place: at, Name: "new"} },
		},
		{
			groups.Change{Target: ben, Type: bus.Upgrade, Role: bus.Owner},
			[]bus.Role{bus.Plain, bus.Owner},
			"new",
			func(at bus.Place) bus.Event { return bus.OwnerChanged{Place: at, Member: is(bus.Owner)} },
		},
	}
	for i, s := range steps {
		st := stamp()
		s.change.Group, s.change.By = room, by(ana)
		want := s.want(bus.Place{
			Room: room, Kind: bus.Group, Seq: int64(i + 2), ID: st.ID, At: st.At,
			By: by(ana), ByName: "ana", ByPicture: "ana.png",
		})
		for range 2 {
			got, err := w.ChangeGroup(t.Context(), s.change, st, allowed)
			w.must(err)
			if got != want {
				t.Errorf("%s: %+v, want %+v", s.change.Type, got, want)
			}
		}
		if roles, name := w.roles(ana, room), w.history(ana, room).Name; !slices.Equal(roles, s.roles) || name != s.name {
			t.Errorf("%s: %v in %q", s.change.Type, roles, name)
		}
	}
}

func TestHeirs(t *testing.T) {
	w := newWorld(t)
	ana, ben, cem, dee := w.person("ana"), w.person("ben"), w.person("cem"), w.person("dee")
	room := w.group(ana, ben, cem)
	w.change(groups.Change{Group: room, By: by(ana), Target: dee, Type: bus.Add})
	heir := func(want auth.UserID) {
		t.Helper()
		got, err := w.Heir(t.Context(), room, ana)
		if err != nil || got != want {
			t.Errorf("%s (%v), want %s", w.people[got], err, w.people[want])
		}
	}
	admin := func(u auth.UserID) {
		w.change(groups.Change{Group: room, By: by(ana), Target: u, Type: bus.Upgrade, Role: bus.Admin})
	}
	kick := func(u auth.UserID) {
		w.change(groups.Change{Group: room, By: by(ana), Target: u, Type: bus.Kick})
	}
	heir(ben)
	admin(dee)
	heir(dee)
	admin(cem)
	heir(cem)
	kick(cem)
	kick(dee)
	heir(ben)
	kick(ben)
	heir("")
}

// A room and its people are told of as they look.
func TestNewRoomsComeWithPictures(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	w.paint(ana, "ana.png")
	w.paint(ben, "ben.png")
	st := stamp()
	group, err := w.CreateGroup(t.Context(), by(ana), bus.NewRoomID(), groups.Plan{Name: "g", Picture: "g.png", Members: []auth.UserID{ben}}, st)
	w.must(err)
	opened, personal, err := w.OpenPersonal(t.Context(), by(ana), ben, bus.NewRoomID(), stamp())
	w.must(err)
	if opened.Partner.Picture != "ben.png" {
		t.Errorf("the partner is %+v", opened.Partner)
	}
	for _, event := range []bus.Event{group, personal} {
		e := event.(bus.RoomCreated)
		if (e.Picture == "g.png") != (e.Kind == bus.Group) || e.ByPicture != "ana.png" || e.Members[0].Picture != "ana.png" || e.Members[1].Picture != "ben.png" {
			t.Errorf("event %+v", e)
		}
		if named := e.ID == st.ID; named != (e.Kind == bus.Group) || (!named && e.ID != "") {
			t.Errorf("a %s room is entry %q", e.Kind, e.ID)
		}
	}
	added, err := w.ChangeGroup(t.Context(), groups.Change{Group: group.(bus.RoomCreated).Room, By: by(ana), Target: w.person("cem"), Type: bus.Add}, stamp(), allowed)
	w.must(err)
	if e := added.(bus.MemberAdded); e.Picture != "g.png" {
		t.Errorf("added to %+v", e)
	}
	if _, err := w.Heir(context.Background(), bus.NewRoomID(), ana); err != nil {
		t.Error(err)
	}
}

// A rule's refusal leaves nothing behind.
func TestARefusedChangeChangesNothing(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.group(ana, ben)
	refuse := errors.New("no")
	for _, c := range []groups.Change{
		{Target: ben, Type: bus.Upgrade, Role: bus.Admin}, {Target: ana, Type: bus.Info, Name: "new"},
	} {
		c.Group, c.By = room, by(ana)
		_, err := w.ChangeGroup(t.Context(), c, stamp(), func(groups.Standing) error { return refuse })
		if h := w.history(ana, room); !errors.Is(err, refuse) || h.Seq != 1 || h.Name != "g" || h.Members[1].Role != bus.Plain {
			t.Errorf("%s: %v, %+v", c.Type, err, h)
		}
	}
}

// What somebody is in a group is nothing to do with rooms of another kind, or that have ended.
func TestRolesOfStrangers(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("ana"), w.person("ben"), w.person("zoe")
	room, ended := w.group(ana, ben), w.group(ana, ben)
	w.change(groups.Change{Group: ended, By: by(ana), Target: ana, Type: bus.Delete})
	for _, tt := range []struct {
		room bus.RoomID
		who  auth.UserID
		want bus.Role
	}{
		{room, ana, bus.Owner},
		{room, ben, bus.Plain},
		{room, zoe, bus.None},
		{ended, ana, bus.None},
		{w.personal(ana, ben), ana, bus.None},
		{bus.NewRoomID(), ana, bus.None},
	} {
		if got, err := w.Role(t.Context(), tt.room, tt.who); err != nil || got != tt.want {
			t.Errorf("%s: %q, %v, want %q", w.people[tt.who], got, err, tt.want)
		}
	}
}
