package store_test

import (
	"errors"
	"sync"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
)

func (w *world) history(u auth.UserID, room bus.RoomID) chat.History {
	w.Helper()
	h, err := w.History(w.Context(), u, room, bus.Group, chat.Page{Limit: chat.MaxPage})
	w.must(err)
	return h
}

func TestAGroupKeepsTheOrderOfItsMembers(t *testing.T) {
	w := newWorld(t)
	ana, ben, cem, dee := w.person("ana"), w.person("ben"), w.person("cem"), w.person("dee")
	room := w.group(cem, ben, ana)
	w.change(groups.Change{Group: room, By: by(cem), Target: dee, Type: bus.Add})
	w.change(groups.Change{Group: room, By: by(cem), Target: ben, Type: bus.Kick})
	w.change(groups.Change{Group: room, By: by(cem), Target: ben, Type: bus.Add})
	want := []auth.UserID{cem, ana, dee, ben}
	members := w.history(ana, room).Members
	if len(members) != len(want) {
		t.Fatalf("%d members", len(members))
	}
	for i, m := range members {
		if m.User != want[i] {
			t.Errorf("member %d is %s, want %s", i, m.Name, w.people[want[i]])
		}
	}
	if members[0].Role != bus.Owner || members[1].Role != bus.Plain {
		t.Errorf("roles %q and %q", members[0].Role, members[1].Role)
	}
}

func TestCreateGroupWithAnUnknownMemberMakesNone(t *testing.T) {
	w := newWorld(t)
	ana := w.person("ana")
	room := bus.NewRoomID()
	_, err := w.CreateGroup(t.Context(), by(ana), room, groups.Plan{Name: "g", Members: []auth.UserID{auth.NewUserID()}}, stamp())
	if !errors.Is(err, groups.ErrNoUser) {
		t.Error(err)
	}
	if w.unread(ana, room) != -1 {
		t.Error("the group is there")
	}
}

func TestSomeoneAddedSeesTheHistoryAndHasNothingUnread(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.group(ana)
	w.send(ana, room, bus.Group, "before")
	e := w.change(groups.Change{Group: room, By: by(ana), Target: ben, Type: bus.Add}).(bus.MemberAdded)
	if e.Seq != 3 || e.Member != (bus.Member{User: ben, Name: "ben", Role: bus.Plain}) || e.Name != "g" || e.ByName != "ana" {
		t.Errorf("event %+v", e)
	}
	h := w.history(ben, room)
	if len(h.Messages) != 1 || h.Seq != 3 || w.unread(ben, room) != 0 {
		t.Errorf("%d messages up to %d, %d unread", len(h.Messages), h.Seq, w.unread(ben, room))
	}
	w.send(ana, room, bus.Group, "after")
	if got := w.unread(ben, room); got != 1 {
		t.Errorf("%d unread, want 1", got)
	}
}

func TestSomeoneRemovedIsAStranger(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	for _, how := range []groups.Change{
		{By: by(ana), Target: ben, Type: bus.Kick},
		{By: by(ben), Target: ben, Type: bus.Leave},
		{By: by(ana), Target: ana, Type: bus.Delete},
	} {
		room := w.group(ana, ben)
		how.Group = room
		w.change(how)
		p := w.post(by(ben), chat.Draft{Room: room, Kind: bus.Group, Content: "x"}, stamp())
		if !errors.Is(p.Err, chat.ErrNotMember) {
			t.Errorf("%s, then send: %+v", how.Type, p)
		}
		if _, err := w.History(t.Context(), ben, room, bus.Group, chat.Page{Limit: 1}); !errors.Is(err, chat.ErrNotMember) {
			t.Errorf("%s, then fetch: %v", how.Type, err)
		}
		if w.unread(ben, room) != -1 {
			t.Errorf("%s leaves the group in the list", how.Type)
		}
	}
}

func TestPassingOnMakesOneOwner(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.group(ana, ben)
	w.change(groups.Change{Group: room, By: by(ana), Target: ben, Type: bus.Upgrade, Role: bus.Owner})
	for _, m := range w.history(ana, room).Members {
		if (m.Role == bus.Owner) != (m.User == ben) {
			t.Errorf("%s is %q", m.Name, m.Role)
		}
	}
}

// What a rule is asked about is the group as it is behind the lock: of two who pass the
// group on at once, the second is no owner any more.
func TestRulesSeeTheGroupAsItIs(t *testing.T) {
	w := newWorld(t)
	ana, ben, cem := w.person("ana"), w.person("ben"), w.person("cem")
	room := w.group(ana, ben, cem)
	errNotOwner := errors.New("not the owner")
	var wg sync.WaitGroup
	results := make(chan error, 2)
	for _, target := range []auth.UserID{ben, cem} {
		wg.Go(func() {
			c := groups.Change{Group: room, By: by(ana), Target: target, Type: bus.Upgrade, Role: bus.Owner}
			_, err := w.ChangeGroup(t.Context(), c, stamp(), func(at groups.Standing) error {
				if at.By != bus.Owner {
					return errNotOwner
				}
				return nil
			})
			results <- err
		})
	}
	wg.Wait()
	a, b := <-results, <-results
	if (a == nil) == (b == nil) || (!errors.Is(a, errNotOwner) && !errors.Is(b, errNotOwner)) {
		t.Errorf("outcomes %v and %v", a, b)
	}
}

func TestAChangeIsCarriedOutOncePerStamp(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	for _, change := range []groups.Change{
		{Target: ben, Type: bus.Add}, {Target: ben, Type: bus.Kick}, {Target: ana, Type: bus.Delete},
	} {
		change.Group, change.By = w.group(ana), by(ana)
		if change.Type == bus.Kick {
			change.Group = w.group(ana, ben)
		}
		s := stamp()
		allow := func(groups.Standing) error { return nil }
		first, err := w.ChangeGroup(t.Context(), change, s, allow)
		w.must(err)
		again, err := w.ChangeGroup(t.Context(), change, s, func(groups.Standing) error {
			return errors.New("asked again")
		})
		w.must(err)
		if first.(bus.Placed).Where() != again.(bus.Placed).Where() {
			t.Errorf("%s: %+v, then %+v", change.Type, first, again)
		}
	}
}

func TestStandings(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("ana"), w.person("ben"), w.person("zoe")
	room := w.group(ana, ben)
	chatRoom := w.personal(ana, ben)
	nobody := auth.NewUserID()
	tests := map[string]struct {
		group      bus.RoomID
		by, target auth.UserID
		want       groups.Standing
	}{
		"the owner and a member":    {room, ana, ben, groups.Standing{By: bus.Owner, Target: bus.Plain, Exists: true, Members: 2}},
		"a member and a stranger":   {room, ben, zoe, groups.Standing{By: bus.Plain, Exists: true, Members: 2}},
		"a stranger":                {room, zoe, ana, groups.Standing{Target: bus.Owner, Exists: true, Members: 2}},
		"nobody as the target":      {room, ana, nobody, groups.Standing{By: bus.Owner, Members: 2}},
		"no such group":             {bus.NewRoomID(), ana, ben, groups.Standing{}},
		"a room that is no group":   {chatRoom, ana, ben, groups.Standing{}},
		"a self chat is no group":   {bus.RoomID(ana), ana, ben, groups.Standing{}},
		"somebody else's self chat": {bus.RoomID(ben), ana, ben, groups.Standing{}},
	}
	stop := errors.New("stop")
	for name, tt := range tests {
		var got groups.Standing
		_, err := w.ChangeGroup(t.Context(), groups.Change{Group: tt.group, By: by(tt.by), Target: tt.target, Type: bus.Add}, stamp(),
			func(at groups.Standing) error { got = at; return stop })
		if !errors.Is(err, stop) || got != tt.want {
			t.Errorf("%s: %+v (%v), want %+v", name, got, err, tt.want)
		}
	}
}
