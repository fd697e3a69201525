package vchat_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// did sends an ExpressChat event and returns its ack, which has to be a success.
func (c *client) did(event string, arg any) object {
	c.Helper()
	ack := c.emit(event, toJSON(c.T, arg))()
	var o map[string]any
	if json.Unmarshal([]byte(ack), &o) != nil || o["success"] != true {
		c.Fatalf("%s was acked by %s", event, ack)
	}
	return o
}

// told is what the last event of a name said to a page.
func (c *client) told(events []event, name string) object {
	c.Helper()
	var o map[string]any
	if json.Unmarshal([]byte(c.last(events, name)), &o) != nil {
		c.Errorf("%s is no object", name)
	}
	return o
}

// A page and an app are in one personal chat, and do not know.
func TestAPageAndAnAppTalk(t *testing.T) {
	h := newHouse(t)
	ana, pia := h.person("Ana"), h.pagePerson("Pia")
	a, p := h.app(ana, 3), h.page(pia)

	opened := p.did("create-personal-chat", m{"Receiver": ana.id})
	room := opened.text("ChatId")
	h.settle()
	p.fresh()
	if news := a.fresh(); len(news) > 0 {
		t.Errorf("nothing was said yet, and Ana hears %v", news)
	}
	if got := roomsIn(t, a.emit("join", "")()); len(got) != 0 {
		t.Errorf("nothing was said yet, and Ana sees %v", got)
	}

	p.did("send-personal-message", m{"ChatId": room, "Content": "from the page"})
	h.settle()
	r := a.update(a.fresh())
	if r.text("title") != "Pia" || r.num("unReadCount") != "1" || r.num("isOnline") != "1" || r.text("peerEmail") != pia.email || r.obj("lastMessage").text("senderName") != "Pia" {
		t.Errorf("Ana sees %v", r)
	}
	p.fresh()
	reading := h.reader(ana, 4, room)
	h.settle()
	if got := names(p.fresh()); got != "read-personal-msg-ack" {
		t.Errorf("Ana reads, and Pia hears %s", got)
	}
	reading.fresh()
	h.done(ana, "POST", "room/single", m{"peerEmail": pia.id, "message": "from the app"})
	h.settle()
	if got := p.told(p.fresh(), "receive-personal-message"); got.text("Content") != "from the app" || got.text("Sender") != "Ana" {
		t.Errorf("Pia gets %v", got)
	}
	if got := check(t, "message", inside(t, reading.last(reading.fresh(), "new_message"))); got.text("content") != "from the app" {
		t.Errorf("Ana's page shows %v", got)
	}
	if got := a.update(a.fresh()); got.num("ifPeerReadMyLastMessage") != "0" {
		t.Errorf("Pia has not read: %v", got)
	}
	p.did("read-personal-message", m{"ChatId": room})
	h.settle()
	if got := a.update(a.fresh()); got.num("ifPeerReadMyLastMessage") != "1" {
		t.Errorf("Pia has read: %v", got)
	}

	h.done(ana, "POST", "room/ban-chat-user", m{"peerId": pia.id})
	if ack := p.emit("send-personal-message", toJSON(t, m{"ChatId": room, "Content": "x"}))(); !strings.Contains(ack, `"blocked"`) {
		t.Errorf("said in a blocked chat: %s", ack)
	}
}

// Pages and apps are in one group, and each hears in its own words what all of them do.
func TestAGroupOfPagesAndApps(t *testing.T) {
	h := newHouse(t)
	ana, ben, pia, quin := h.person("Ana"), h.person("Ben"), h.pagePerson("Pia"), h.pagePerson("Quin")
	a, b, p, q := h.app(ana, 3), h.app(ben, 4), h.page(pia), h.page(quin)
	room := p.did("create-group-chat", m{"Name": "Club", "Participants": []any{ana.id, quin.id}}).text("GroupId")
	h.settle()
	reading := h.reader(ana, 3, room)
	all := []*client{a, b, p, q, reading}
	h.settle()
	if r := a.update(a.fresh()); r.text("title") != "Club" || r.obj("lastMessage").text("messageType") != "create" || r.obj("groupSetting").text("role") != "member" || r.num("unReadCount") != "0" {
		t.Errorf("Ana sees %v", r)
	}
	for _, c := range all {
		c.fresh()
	}
	p.did("change-admin", m{"GroupId": room, "Member": ana.id})
	steps := []struct {
		name string
		do   func()
		want map[*client]string // part of what each hears; nothing for silence
		said string             // in the log
	}{
		{"the role was passed on", func() {}, map[*client]string{
			a: "update_one_room", p: "change-admin-success-creator", q: "change-admin-success-receiver", reading: "new_message",
		}, "upgrade Ana"},
		{"an app adds", func() { h.done(ana, "POST", "room/add-member", m{"roomId": room, "peersId": []string{ben.email}}) }, map[*client]string{
			a: "update_one_room", b: "update_one_room", p: "add-member-success", q: "add-member-success", reading: "new_message",
		}, "add Ben"},
		{"an app writes", func() { h.done(ben, "POST", "message/group", m{"roomId": room, "content": "hello"}) }, map[*client]string{
			a: "update_one_room", b: "update_one_room", p: "receive-group-message", q: "receive-group-message", reading: "new_message",
		}, "text hello"},
		{"a page writes", func() { q.did("send-group-message", m{"GroupId": room, "Content": "hi"}) }, map[*client]string{
			a: "update_one_room", b: "update_one_room", p: "receive-group-message", q: "read-grp-msg-ack", reading: "new_message",
		}, "text hi"},
		{"an app promotes", func() {
			h.done(ana, "POST", "room/update-member-state", m{"roomId": room, "peerId": pia.id, "state": "admin"})
		}, map[*client]string{
			a: "update_one_room", b: "update_one_room", p: "role-changed", q: "role-changed", reading: "new_message",
		}, "upgrade Pia"},
		{"a page kicks", func() { p.did("kickout", m{"GroupId": room, "Member": ben.id}) }, map[*client]string{
			a: "update_one_room", b: "kick_from_group all_rooms", p: "kickout-successful", q: "someone-kicked-out", reading: "new_message",
		}, "kick Ben"},
		{"an app renames", func() {
			h.done(ana, "POST", "room/update-group-info", m{"roomId": room, "groupName": "Team"})
		}, map[*client]string{
			a: "update_one_room", p: "group-changed", q: "group-changed", reading: "new_message",
		}, "info Team"},
		{"a page leaves", func() { q.did("leave-grp", m{"GroupId": room}) }, map[*client]string{
			a: "update_one_room", p: "user-left-grp", q: "group-left-success", reading: "new_message",
		}, "leave Quin"},
	}
	for _, step := range steps {
		step.do()
		h.settle()
		for _, c := range all {
			news := c.fresh()
			want := step.want[c]
			if got := names(news); (want == "") != (got == "") || !strings.Contains(got, want) {
				t.Errorf("%s: %s hears %q, want %q", step.name, c.name, got, want)
			}
			if c == reading {
				last := check(t, "message", inside(t, c.last(news, "new_message")))
				if got := last.text("messageType") + " " + last.text("content"); got != step.said {
					t.Errorf("%s: the log says %s, want %s", step.name, got, step.said)
				}
			}
		}
	}
	h.done(ana, "POST", "room/leave-group-chat", m{"groupId": room})
	h.settle()
	if got := names(p.fresh()); !strings.Contains(got, "change-admin-success-receiver") || !strings.Contains(got, "user-left-grp") {
		t.Errorf("the owner leaves, and Pia hears %s", got)
	}
	if news := reading.fresh(); strings.Contains(toJSON(t, names(news)), "leave") {
		t.Errorf("who has left reads %v", news)
	}
	p.did("delete-grp", m{"GroupId": room}) // it is hers
}

// A group that a page deletes goes from the apps' lists.
func TestADeletedGroup(t *testing.T) {
	h := newHouse(t)
	ana, pia := h.person("Ana"), h.pagePerson("Pia")
	p := h.page(pia)
	room := p.did("create-group-chat", m{"Name": "Club", "Participants": []any{ana.id}}).text("GroupId")
	a := h.app(ana, 3)
	reading := h.reader(ana, 3, room)
	h.settle()
	a.fresh()
	reading.fresh()
	p.did("delete-grp", m{"GroupId": room})
	h.settle()
	news := a.fresh()
	if names(news) != "kick_from_group all_rooms" || a.last(news, "all_rooms") != "[]" {
		t.Errorf("Ana hears %v", news)
	}
	if news := reading.fresh(); len(news) > 0 {
		t.Errorf("Ana reads %v", news)
	}
}
