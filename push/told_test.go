package push_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
	"expresschat/push"
)

// Who is told of a message to two: only who does not see it by themself, wants to know, and
// may.
func TestWhoIsTold(t *testing.T) {
	h := newHouse(t)
	s := h.open()
	h.run(s.Watch)
	for name, tt := range map[string]struct {
		kind   push.Kind
		before func(ben person, room bus.RoomID)
		want   int
	}{
		"somebody away":     {push.Web, func(person, bus.RoomID) {}, 1},
		"an app":            {push.FCM, func(person, bus.RoomID) {}, 1},
		"a page that is on": {push.Web, func(ben person, _ bus.RoomID) { h.online.Enter(ben.id, "Ben") }, 0},
		"a page that was closed a moment ago": {push.Web, func(ben person, _ bus.RoomID) {
			h.online.Enter(ben.id, "Ben")()
		}, 1},
		"an app that is on, in another chat": {push.FCM, func(ben person, _ bus.RoomID) {
			h.online.Enter(ben.id, "Ben")
			h.reads(ben, "another")
		}, 1},
		"an app that is on in that chat": {push.FCM, func(ben person, room bus.RoomID) { h.reads(ben, room) }, 0},
		"somebody who muted the chat": {push.Web, func(ben person, room bus.RoomID) {
			h.exec(`UPDATE members SET muted = true WHERE room_id = $1 AND user_id = $2`, room, ben.id)
		}, 0},
		"somebody who has read that far": {push.FCM, func(ben person, room bus.RoomID) {
			h.exec(`UPDATE members SET cursor_seq = 1000 WHERE room_id = $1 AND user_id = $2`, room, ben.id)
		}, 0},
		"somebody who signed out": {push.Web, func(ben person, _ bus.RoomID) {
			h.must(h.Auth.EndSession(h.Context(), ben.id, ben.session))
		}, 0},
		"somebody whose session expired": {push.Web, func(ben person, _ bus.RoomID) {
			h.exec(`UPDATE sessions SET expires_at = now() WHERE id = $1`, ben.session)
		}, 0},
		"somebody who got the device only since": {push.Web, func(ben person, _ bus.RoomID) {
			h.exec(`UPDATE push_devices SET created_at = now() + interval '2 minutes' WHERE user_id = $1`, ben.id)
		}, 0},
	} {
		ana, ben := h.person("Ana"), h.person("Ben")
		own, token, room := h.register(s, ana, tt.kind), h.register(s, ben, tt.kind), h.room(ana, ben)
		tt.before(ben, room)
		h.say(ana, room, bus.Personal, name)
		await(h, h.store.looked)
		if got := h.waits(token); got != tt.want || h.waits(own) != 0 {
			t.Errorf("%s: %d wait, want %d; for the sender %d", name, got, tt.want, h.waits(own))
		}
	}
}

func (h *house) reads(p person, room bus.RoomID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reading[p.id] = room
}

// What somebody may not see, has seen or does not want any more by the time it is sent is not
// sent, and goes.
func TestWhatIsMootIsNotSent(t *testing.T) {
	h := newHouse(t)
	s := h.open()
	h.run(s.Watch)
	ana := h.person("Ana")
	say := func(ben person) (group bus.RoomID) {
		t.Helper()
		made, err := h.groups.Create(t.Context(), auth.Actor{User: ana.id}, groups.Plan{Name: "Tea", Members: []auth.UserID{ben.id}})
		h.must(err)
		h.register(s, ben, push.Web)
		h.say(ana, made.Group, bus.Group, "to "+ben.name)
		await(h, h.store.looked)
		return made.Group
	}
	changes := map[string]func(ben person, room bus.RoomID){
		"read": func(ben person, room bus.RoomID) {
			read := make(chan error, 1)
			h.chat.Read(auth.Actor{User: ben.id}, chat.Reading{Room: room, Kind: bus.Group}, func(_ chat.Cursor, err error) { read <- err })
			h.must(<-read)
		},
		"muted": func(ben person, room bus.RoomID) {
			h.exec(`UPDATE members SET muted = true WHERE room_id = $1 AND user_id = $2`, room, ben.id)
		},
		"left": func(ben person, room bus.RoomID) { h.must(h.groups.Leave(t.Context(), auth.Actor{User: ben.id}, room)) },
		"kicked": func(ben person, room bus.RoomID) {
			h.must(h.groups.Kick(t.Context(), auth.Actor{User: ana.id}, room, ben.id))
		},
		"ended": func(_ person, room bus.RoomID) { h.must(h.groups.Delete(t.Context(), auth.Actor{User: ana.id}, room)) },
		"deleted": func(_ person, room bus.RoomID) {
			h.exec(`DELETE FROM messages WHERE room_id = $1 AND type = 'text'`, room)
		},
		"for all": func(_ person, room bus.RoomID) {
			h.exec(`UPDATE messages SET type = 'allDeleted' WHERE room_id = $1 AND type = 'text'`, room)
		},
		"signed out": func(ben person, _ bus.RoomID) { h.must(h.Auth.EndSession(t.Context(), ben.id, ben.session)) },
	}
	for name, change := range changes {
		ben := h.person(name)
		change(ben, say(ben))
	}
	blocked := h.person("blocked")
	room := h.room(ana, blocked)
	h.register(s, blocked, push.Web)
	h.say(ana, room, bus.Personal, "to blocked")
	await(h, h.store.looked)
	h.exec(`UPDATE rooms SET blocker_id = low WHERE id = $1`, room)
	say(h.person("control"))

	if n := h.count(`SELECT count(*) FROM push_outbox`); n != len(changes)+2 {
		t.Errorf("%d wait", n)
	}
	h.run(s.Send)
	for range len(changes) + 2 {
		await(h, h.store.done)
	}
	got := await(h, h.told)
	if got.Body != "Ana: to control" || got.Title != "Tea" || len(h.told) > 0 || h.count(`SELECT count(*) FROM push_outbox`) != 0 {
		t.Errorf("told %+v and %d more, %d wait", got.Notification, len(h.told), h.count(`SELECT count(*) FROM push_outbox`))
	}
}

// What a device is told, in order, and what leaves the server where no content may.
func TestWhatIsTold(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana Secret"), h.person("Ben")
	room := h.room(ana, ben)
	name := "holiday-secret.jpg"
	drafts := []chat.Draft{
		{Content: "first secret"},
		{Type: bus.Image, Attachment: &bus.Attachment{Name: &name}},
		{Content: strings.Repeat("é", 300)},
	}
	for _, content := range []bool{true, false} {
		s := h.open(func(p *push.Parts) { p.Content = content })
		stop := h.run(s.Watch)
		token := h.register(s, ben, push.Web)
		for _, d := range drafts {
			d.Room, d.Kind = room, bus.Personal
			if d.Type == bus.Image {
				d.Content = "" // which only doors with files send
				h.exec(`UPDATE messages SET content = '', type = 'image', attachment = $3 WHERE room_id = $1 AND seq = $2`,
					room, h.post(ana, chat.Draft{Room: room, Kind: bus.Personal, Content: "x"}), d.Attachment)
			} else {
				h.post(ana, d)
			}
			await(h, h.store.looked)
		}
		stopSend := h.run(s.Send)
		want := []string{"first secret", "[image] holiday-secret.jpg", strings.Repeat("é", 199) + "…"}
		var seqs []int64
		for i := range drafts {
			got := await(h, h.told)
			await(h, h.store.done)
			seqs = append(seqs, got.Message.Seq)
			text, err := json.Marshal(got.Notification)
			h.must(err)
			switch {
			case got.device.Token != token || got.device.Platform != "android" || got.Message.Room != room || got.Message.ID == "":
				t.Errorf("told %+v", got)
			case content && (got.Title != "Ana Secret" || got.Body != want[i] || got.Message.Sender != ana.id):
				t.Errorf("told %q %q", got.Title, got.Body)
			case !content && (got.Title != "ExpressChat" || got.Body != "" || strings.Contains(string(text), "ecret") || strings.Contains(string(text), "éé")):
				t.Errorf("told without content: %s", text)
			}
		}
		if !slices.IsSorted(seqs) {
			t.Errorf("in the order %v", seqs)
		}
		stopSend()
		stop()
		h.must(s.Forget(t.Context(), ben.session, push.Web, token))
	}
}

// Whatever a client says that it is called, a push service that is not served gets nothing.
func TestWhatIsNotRegistered(t *testing.T) {
	h := newHouse(t)
	ben := h.person("Ben")
	s := h.open(func(p *push.Parts) { delete(p.Senders, push.FCM) })
	for _, d := range []push.Device{
		ben.device(push.FCM),
		{User: ben.id, Session: ben.session, Kind: push.Web, Token: ""},
		{User: ben.id, Session: ben.session, Kind: push.Web, Token: "with a space"},
		{User: ben.id, Session: ben.session, Kind: push.Web, Token: "tök"},
		{User: ben.id, Session: ben.session, Kind: push.Web, Token: strings.Repeat("x", push.MaxToken+1)},
		{User: ben.id, Session: auth.NewSessionID(), Kind: push.Web, Token: "x", P256dh: []byte("k"), Auth: []byte("s")},
		{User: h.person("Ana").id, Session: ben.session, Kind: push.Web, Token: "x", P256dh: []byte("k"), Auth: []byte("s")},
	} {
		h.must(s.Register(t.Context(), d))
	}
	if n := h.count(`SELECT count(*) FROM push_devices`); n != 0 {
		t.Errorf("%d devices", n)
	}
}

func TestDevicesOfSessions(t *testing.T) {
	h := newHouse(t)
	s := h.open()
	h.run(s.Watch)
	ana, ben, zoe := h.person("Ana"), h.person("Ben"), h.person("Zoe")
	token := h.register(s, ben, push.Web)
	h.say(ana, h.room(ana, ben), bus.Personal, "to Ben")
	await(h, h.store.looked)
	moved := zoe.device(push.Web)
	moved.Token = token
	h.must(s.Register(t.Context(), moved))
	if h.count(`SELECT count(*) FROM push_devices WHERE user_id = $1`, zoe.id) != 1 || h.count(`SELECT count(*) FROM push_devices`) != 1 || h.waits(token) != 0 {
		t.Error("a browser in which somebody else signed in is still another's")
	}
	h.must(s.Forget(t.Context(), ben.session, push.Web, token)) // whose it is no more
	first, second := h.register(s, ana, push.FCM), h.register(s, ana, push.FCM)
	if h.count(`SELECT count(*) FROM push_devices WHERE token = $1`, first) != 0 || h.count(`SELECT count(*) FROM push_devices WHERE token = $1`, second) != 1 {
		t.Error("an app has two tokens")
	}
	h.must(s.Forget(t.Context(), ana.session, push.FCM, ""))
	if h.count(`SELECT count(*) FROM push_devices WHERE kind = 'fcm'`) != 0 || h.count(`SELECT count(*) FROM push_devices`) != 1 {
		t.Error("an app that signed out is still told, or others are not")
	}
	var tokens []string
	for range push.MaxDevices + 3 {
		tokens = append(tokens, h.register(s, ben, push.Web))
	}
	for i, token := range tokens {
		want := 1
		if i < 3 {
			want = 0
		}
		if n := h.count(`SELECT count(*) FROM push_devices WHERE token = $1`, token); n != want {
			t.Errorf("device %d is there %d times", i, n)
		}
	}
	h.must(h.Auth.EndSession(t.Context(), ben.id, ben.session))
	h.must(h.Store.Sweep(t.Context()))
	if h.count(`SELECT count(*) FROM push_devices WHERE user_id = $1`, ben.id) != 0 || h.count(`SELECT count(*) FROM push_devices`) != 1 {
		t.Error("devices outlive their session, or others did not")
	}
}

// Past so many the oldest go, and of a burst only the newest come.
func TestWhatWaitsIsBounded(t *testing.T) {
	h := newHouse(t)
	s := h.open()
	ana, ben := h.person("Ana"), h.person("Ben")
	token, room := h.register(s, ben, push.FCM), h.room(ana, ben)
	burst := func() (last int64) {
		for range push.MaxWaiting * 3 / 4 {
			last = h.say(ana, room, bus.Personal, "x")
		}
		return last
	}
	var last int64
	for range 2 {
		last = burst()
		h.must(h.chat.Settle(t.Context(), room))
		h.drain()
		stop := h.run(s.Watch)
		await(h, h.store.looked)
		stop()
	}
	oldest := h.count(`SELECT min(seq) FROM push_outbox`)
	if h.waits(token) != push.MaxWaiting || int64(oldest) != last-push.MaxWaiting+1 {
		t.Errorf("%d wait, from %d to %d", h.waits(token), oldest, last)
	}
}

// drain returns once all events that were published have been delivered.
func (h *house) drain() {
	for part := range h.Bus.Parts() {
		done := make(chan struct{})
		h.Bus.Do(part, func() { close(done) })
		<-done
	}
}
