package expresschat_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// What this door has no events for is done through another one: here by its services.

func (p person) actor() auth.Actor { return auth.Actor{User: p.id, Conn: "another door"} }

// say has somebody say something, and waits until it is said.
func (w *world) say(p person, d chat.Draft) chat.Receipt {
	w.Helper()
	type outcome struct {
		receipt chat.Receipt
		err     error
	}
	said := make(chan outcome, 1)
	w.chat.Send(p.actor(), d, func(r chat.Receipt, err error) { said <- outcome{r, err} })
	o := <-said
	w.must(o.err)
	return o.receipt
}

// lines are news as text without what differs from run to run, by who has heard them.
func lines(news map[string][]event, names map[string]string) map[string]string {
	heard := map[string]string{}
	for who, events := range news {
		var all []string
		for _, e := range events {
			raw := e.raw
			for id, name := range names {
				raw = strings.ReplaceAll(raw, id, name)
			}
			all = append(all, strings.TrimPrefix(raw, "42"))
		}
		heard[who] = strings.Join(all, " ")
	}
	return heard
}

func expect(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	if maps.Equal(got, want) {
		return
	}
	for _, who := range slices.Sorted(maps.Keys(got)) {
		if got[who] != want[who] {
			t.Errorf("%s: %s heard %s, want %q", what, who, got[who], want[who])
		}
	}
	for who := range want {
		if got[who] == "" {
			t.Errorf("%s: %s heard nothing", what, who)
		}
	}
}

func TestRolesAndNamesThatAnotherDoorChanges(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("Ana"), w.person("Ben"), w.person("Zoe")
	a := w.enter("Ana", ana)
	w.enter("Ana"+otherTab, ana)
	w.enter("Ben", ben)
	w.enter("Zoe", zoe)
	group := w.done(a.emit("create-group-chat", object{"Name": "g", "Participants": []any{ben.id}}))["GroupId"].(string)
	w.forget()
	names := map[string]string{group: "GROUP", string(ana.id): "ANA", string(ben.id): "BEN"}
	room := bus.RoomID(group)
	steps := []struct {
		what string
		do   func() error
		want string
	}{
		{
			"promoted", func() error { return w.groups.Promote(t.Context(), ana.actor(), room, ben.id) },
			`["role-changed",{"GroupId":"GROUP","ChatId":"GROUP","Member":"BEN","Name":"Ben","Role":"admin","By":"ANA","Seq":2}]`,
		},
		{
			"renamed", func() error { return w.groups.Rename(t.Context(), ben.actor(), room, "new") },
			`["group-changed",{"GroupId":"GROUP","ChatId":"GROUP","Name":"new","By":"BEN","Seq":3,"Picture":""}]`,
		},
		{
			"demoted", func() error { return w.groups.Demote(t.Context(), ben.actor(), room, ben.id) },
			`["role-changed",{"GroupId":"GROUP","ChatId":"GROUP","Member":"BEN","Name":"Ben","Role":"member","By":"BEN","Seq":4}]`,
		},
	}
	for _, s := range steps {
		w.must(s.do())
		want := map[string]string{"Ana": s.want, "Ana" + otherTab: s.want, "Ben": s.want}
		expect(t, s.what, lines(w.news(), names), want)
	}
	w.done(a.emit("fetch-group-chat", object{"GroupId": group}))
	if got := a.first("group-chat").arg["Name"]; got != "new" {
		t.Errorf("the group is called %v", got)
	}
}

// An admin that another door made adds and kicks here.
func TestAnAdminOfAnotherDoorIsOneHere(t *testing.T) {
	w := newWorld(t)
	ana, ben, cem := w.person("Ana"), w.person("Ben"), w.person("Cem")
	a, b := w.enter("Ana", ana), w.enter("Ben", ben)
	group := w.done(a.emit("create-group-chat", object{"Name": "g", "Participants": []any{ben.id}}))["GroupId"].(string)
	add := object{"GroupId": group, "Member": cem.id}
	if got := b.emit("add-member", add)(); got["code"] != "not-allowed" {
		t.Errorf("a member adds: %v", got)
	}
	w.must(w.groups.Promote(t.Context(), ana.actor(), bus.RoomID(group), ben.id))
	w.done(b.emit("add-member", add))
	w.done(b.emit("kickout", add))
}

// A blocked chat takes nothing of either, and both are told. They may read, and go on when
// the block is lifted.
func TestABlockedChat(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("Ana"), w.person("Ben"), w.person("Zoe")
	a, b := w.enter("Ana", ana), w.enter("Ben", ben)
	w.enter("Ana"+otherTab, ana)
	w.enter("Zoe", zoe)
	room := w.done(a.emit("create-personal-chat", object{"Receiver": ben.id}))["ChatId"].(string)
	w.done(b.emit("send-personal-message", object{"ChatId": room, "Content": "before"}))
	w.forget()
	names := map[string]string{room: "ROOM", string(ana.id): "ANA", string(ben.id): "BEN"}
	toggle := func(p, other person, blocked bool) {
		t.Helper()
		is, err := w.private.ToggleBlock(t.Context(), p.actor(), other.id)
		if err != nil || is != blocked {
			t.Errorf("blocked %v, %v", is, err)
		}
		line := fmt.Sprintf(`["block-changed",{"ChatId":"ROOM","By":"BEN","Blocked":%v}]`, blocked)
		expect(t, "block", lines(w.news(), names), map[string]string{"Ana": line, "Ana" + otherTab: line, "Ben": line})
	}

	toggle(ben, ana, true)
	for name, c := range map[string]*client{"Ana": a, "Ben": b} {
		send := object{"ChatId": room, "Content": "x"}
		if got := c.emit("send-personal-message", send)(); got["success"] != false || got["code"] != "blocked" || got["message"] == "" {
			t.Errorf("%s: %v", name, got)
		}
		c.say("send-personal-message", toJSON(t, send), false)
		c.roundtrip()
		want := map[string]string{name: `["chat-error",{"event":"send-personal-message","code":"blocked","message":"This chat is blocked"}]`}
		expect(t, "a send", lines(w.news(), names), want)
	}
	if _, err := w.private.ToggleBlock(t.Context(), ana.actor(), ben.id); err == nil {
		t.Error("the other one lifted the block")
	}
	if got := w.done(a.emit("read-personal-message", object{"ChatId": room})); got["Seq"] != 1.0 || got["Unread"] != 0.0 {
		t.Errorf("read %v", got)
	}
	w.forget()
	toggle(ben, ana, false)
	w.done(a.emit("send-personal-message", object{"ChatId": room, "Content": "after"}))
}

// Pages show text. Of what has none they say what it is, live and fetched alike.
func TestMessagesWithoutTextAreNamed(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("Ana"), w.person("Ben")
	a, b := w.enter("Ana", ana), w.enter("Ben", ben)
	room := w.done(a.emit("create-personal-chat", object{"Receiver": ben.id}))["ChatId"].(string)
	latitude, longitude := "1", "2.5"
	place := chat.Draft{Room: bus.RoomID(room), Kind: bus.Personal, Type: bus.Location, Attachment: &bus.Attachment{Latitude: &latitude, Longitude: &longitude}}
	w.say(ana, place)
	w.settle()
	const where = "[location] 1, 2.5"
	if list := w.connect(ben).first("personal-chat-list").arg["PersonalChatList"].([]any); list[0].(map[string]any)["LastMessage"].(map[string]any)["Content"] != where {
		t.Errorf("listed as %v", list)
	}
	d := place
	d.Type, d.Content = bus.Image, "look"
	w.say(ana, d)
	w.settle()
	live := func(c *client, name string) (contents []any) {
		for _, e := range c.all() {
			if e.name == name {
				contents = append(contents, e.arg["Content"])
			}
		}
		return contents
	}
	for who, got := range map[string][]any{"Ben": live(b, "receive-personal-message"), "Ana": live(a, "own-message")} {
		if !slices.Equal(got, []any{where, "look"}) {
			t.Errorf("%s heard %v", who, got)
		}
	}
	w.done(b.emit("fetch-personal-chat", object{"ChatId": room}))
	var fetched []any
	for _, m := range b.first("personal-chat").arg["Messages"].([]any) {
		fetched = append(fetched, m.(map[string]any)["Content"])
	}
	if !slices.Equal(fetched, []any{"look", where}) {
		t.Errorf("fetched %v", fetched)
	}
}

// Of mutes nobody hears, nor who arrives of what was typed before: it takes no room in a
// hold, and however much of it there is, the connection stays.
func TestMutesAreNotHeardHere(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("Ana"), w.person("Ben")
	a := w.enter("Ana", ana)
	room := bus.RoomID(w.done(a.emit("create-personal-chat", object{"Receiver": ben.id}))["ChatId"].(string))
	w.forget()

	asked, goOn := make(chan struct{}), make(chan struct{})
	var looks atomic.Int32
	ask := sync.OnceFunc(func() { close(asked) })
	w.sessions.before(func() error {
		if looks.Add(1) > 1 { // the first is of the handshake, the next one of a held arrival
			ask()
			<-goOn
		}
		return nil
	})
	b := w.connect(ben)
	<-asked
	const flood = 20_000 // more than a hold keeps
	for range flood {
		w.bus.Publish(bus.Typing{Place: bus.Place{Room: room, Kind: bus.Personal, By: ana.actor()}, Status: bus.Writing}, nil)
	}
	w.must(w.private.Type(t.Context(), ana.actor(), room, bus.Writing))
	if _, err := w.private.ToggleMute(t.Context(), ana.actor(), room); err != nil {
		t.Error(err)
	}
	w.bus.Publish(bus.PresenceChanged{User: ana.id, Name: "Ana", Online: true}, nil)
	blocked, err := w.private.ToggleBlock(t.Context(), ana.actor(), ben.id)
	if err != nil || !blocked {
		t.Errorf("blocked %v, %v", blocked, err)
	}
	close(goOn)
	b.roundtrip()
	w.sockets["Ben"] = b
	w.settle()
	for name, c := range w.sockets {
		if n := count(c.all(), "block-changed"); n != 1 {
			t.Errorf("%s heard %d times of the block", name, n)
		}
		for _, e := range c.all()[w.marks[name]:] {
			if !slices.Contains([]string{"user-id", "personal-chat-list", "group-chat-list", "presence", "presence-changed", "block-changed"}, e.name) {
				t.Errorf("%s heard %s", name, e.raw)
			}
		}
	}
	if _, err := w.private.ToggleBlock(t.Context(), ben.actor(), ana.id); err == nil {
		t.Error("the other one lifted the block")
	}
}
