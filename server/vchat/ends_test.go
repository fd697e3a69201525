package vchat_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/server/doortest"
)

// Who reads a group when they are removed from it, or leave, hears nothing of it from that
// place on, and nobody hears of them.
func TestRemovedWhileReading(t *testing.T) {
	for name, tt := range map[string]struct {
		leave func(h *house, owner, member person, room string)
		told  string
	}{
		"kicked": {func(h *house, owner, member person, room string) {
			h.done(owner, "POST", "room/kick-member", m{"roomId": room, "peerId": member.id})
		}, "kick_from_group all_rooms"},
		"left": {func(h *house, _, member person, room string) {
			h.done(member, "POST", "room/leave-group-chat", m{"groupId": room})
		}, "all_rooms"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			ana, ben, cem := h.person("Ana"), h.person("Ben"), h.person("Cem")
			room := h.group(ana, ben, cem).text("_id")
			a, b3, b4, c := h.app(ana, 4), h.app(ben, 3), h.app(ben, 4), h.app(cem, 4)
			r3, r4 := h.reader(ben, 3, room), h.reader(ben, 4, room)
			h.settle()
			for _, one := range []*client{b3, b4, r3, r4} {
				one.fresh()
			}
			tt.leave(h, ana, ben, room)
			h.done(ana, "POST", "message/group", m{"roomId": room, "content": "x"})
			h.done(ana, "POST", "room/update-group-info", m{"roomId": room, "groupName": "Team"})
			h.done(ana, "POST", "room/update-member-state", m{"roomId": room, "peerId": cem.id, "state": "admin"})
			typing := toJSON(t, m{"status": "typing", "roomId": room})
			c.tell("typing_changed", typing)
			h.settle()
			for _, app := range []*client{b3, b4} {
				if got := names(app.fresh()); got != tt.told {
					t.Errorf("%s hears %s, want %s", app.name, got, tt.told)
				}
			}
			for _, one := range []*client{a, c} {
				one.fresh()
			}
			for event, one := range map[string]*client{"typing_changed": b4, "join": r4} {
				arg := map[string]string{"typing_changed": typing, "join": strconv.Quote(room)}[event]
				if ack := one.emit(event, arg)(); !strings.HasPrefix(ack, `{"success":false,`) {
					t.Errorf("%s is acked by %s", event, ack)
				}
				one.tell(event, arg)
			}
			h.done(ana, "POST", "message/group", m{"roomId": room, "content": "y"})
			h.settle()
			for _, one := range []*client{b3, b4, r3, r4} {
				if news := one.fresh(); len(news) > 0 {
					t.Errorf("%s hears %v", one.name, news)
				}
			}
			for _, one := range []*client{a, c} {
				if got := names(one.fresh()); got != "update_one_room" {
					t.Errorf("of what Ben tries and Ana says, %s hears %s", one.name, got)
				}
			}
		})
	}
}

// A group has at most 512 people. Those whom a request names come in one by one, up to
// there.
func TestAGroupIsFull(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	room := h.group(ana).text("_id")
	crowd := make([]auth.UserID, 512)
	for i := range crowd {
		crowd[i] = auth.NewUserID()
	}
	_, err := doortest.Connect(t, h.database).Exec(t.Context(), `
		INSERT INTO users (id, name, name_key, email, email_key, password_hash)
		SELECT id, 'Guest', 'guest', id, id, '' FROM unnest($1::uuid[]) id`, crowd)
	h.must(err)
	members := func() string {
		return checkList(t, "room", h.done(ana, "GET", "room", nil))[0].num("roomMembersCount")
	}
	add := func(people ...auth.UserID) reply {
		return h.call(ana, "POST", "room/add-member", m{"roomId": room, "peersId": people})
	}
	for some := range slices.Chunk(crowd[:511], 100) { // all at once take long on a slow machine
		if got := add(some...); got.status != 200 {
			t.Fatalf("%d more: %d %s, and there are %s", len(some), got.status, got.data, members())
		}
	}
	if got := members(); got != "512" {
		t.Fatalf("511 more, and there are %s", got)
	}
	if got := add(ben.id); got.status != 409 || members() != "512" {
		t.Errorf("one more: %d %s, and there are %s", got.status, got.data, members())
	}
	h.done(ana, "POST", "room/kick-member", m{"roomId": room, "peerId": crowd[0]})
	if got := add(crowd[1], ben.id, crowd[511]); got.status != 409 || members() != "512" {
		t.Errorf("two for one place: %d %s, and there are %s", got.status, got.data, members())
	}
	h.done(ben, "GET", "message?roomId="+room, nil) // the first of the two is in
	if got := h.call(ana, "POST", "room/group", m{"title": "x", "peerEmails": crowd}); got.status != 409 {
		t.Errorf("a new group of 513: %d %s", got.status, got.data)
	}
	h.done(ana, "POST", "room/group", m{"title": "x", "peerEmails": crowd[1:]})
}

// A token lives 365 days from its last use, by a request or by a socket.
func TestATokenLastsAYear(t *testing.T) {
	h := newHouse(t)
	ana := h.person("Ana")
	const year = 365 * 24 * time.Hour
	for range 2 {
		h.pass(year - time.Minute)
		h.done(ana, "GET", "room", nil)
		h.pass(year - time.Minute)
		h.quietApp(ana, 3).close()
		h.pass(year - time.Minute)
		h.reader(ana, 4, "").close()
	}
	h.pass(year + time.Minute)
	if got := h.call(ana, "GET", "room", nil); got.status != 401 {
		t.Errorf("after a year: %d %s", got.status, got.data)
	}
	c := h.dial("too late", 3, "/", url.Values{}, http.Header{"Authorization": {ana.token}})
	c.await(func() bool { return false })
	if c.ins > 0 || c.out != `{"message":"Authentication failed"}` {
		t.Errorf("after a year, a socket is let in %d times, refused by %q", c.ins, c.out)
	}
}
