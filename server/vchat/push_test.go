package vchat_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/push"
	"expresschat/server/doortest"
	"expresschat/server/vchat"
)

// told waits for what an app is told.
func (h *house) told() doortest.Told {
	h.Helper()
	return h.push.Next(h)
}

// fcmTokens are what is kept of the apps of somebody, with their platforms.
func (h *house) fcmTokens(u auth.UserID) (found []string) {
	h.Helper()
	db := doortest.Connect(h.T, h.database)
	rows, err := db.Query(h.Context(), `SELECT token || ' ' || platform FROM push_devices WHERE user_id = $1 AND kind = 'fcm' ORDER BY created_at`, u)
	h.must(err)
	defer rows.Close()
	for rows.Next() {
		var s string
		h.must(rows.Scan(&s))
		found = append(found, s)
	}
	return found
}

// An app says where it can be reached when it registers, when it signs in, or later; some say
// in words that they can't.
func TestTokensOfFCM(t *testing.T) {
	h := newHouse(t)
	email := "ana-" + auth.NewID()
	signIn := func(path, token string) (auth.UserID, person) {
		t.Helper()
		u := check(t, "user", h.done(person{}, "POST", path, m{
			"name": "Ana", "email": email, "password": "open-sesame", "fcmToken": token, "platform": "Android",
		}))
		return auth.UserID(u.text("_id")), person{token: u.text("accessToken")}
	}
	id, phone := signIn("user/register", "token-1")
	check := func(when string, want ...string) {
		t.Helper()
		if got := h.fcmTokens(id); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	check("registered", "token-1 android")
	for _, none := range []string{"", "you don't use firebase in your app", "You don't use firebase", "with a space", "tök", strings.Repeat("x", 3000)} {
		h.done(phone, "PATCH", "user", m{"fcmToken": none})
	}
	check("asked for nothing", "token-1 android")
	h.done(phone, "PATCH", "user", m{"fcmToken": "token-2", "platform": "iOS"})
	check("another token", "token-2 ios")
	_, other := signIn("user/login", "token-3")
	check("a second phone", "token-2 ios", "token-3 android")
	signIn("user/login", "Out")
	check("a sign-in without", "token-2 ios", "token-3 android")
	h.done(other, "PATCH", "user", m{"fcmToken": "Out"})
	check("one signed out", "token-2 ios")
}

// An app is told of what is said in rooms that its user does not read at the moment; whoever
// reads the room, or has muted it, is not.
func TestAnAppIsToldOfWhatItsUserDoesNotRead(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	for _, p := range []person{ana, ben} {
		h.done(p, "PATCH", "user", m{"fcmToken": p.name})
	}
	told := func(who, body string) doortest.Told {
		t.Helper()
		got := h.told()
		if got.Device.Token != who || got.Notification.Body != body {
			t.Errorf("told %+v, want %s told %q", got, who, body)
		}
		return got
	}
	room := h.single(ana, ben, "first").text("_id")
	first := told("Ben", "first")
	var pushed any
	h.must(json.Unmarshal([]byte(vchat.PushText(first.Notification.Message)), &pushed))
	var page []any
	h.must(json.Unmarshal([]byte(h.done(ben, "GET", "message?lastId=first&roomId="+room, nil)), &page))
	if first.Notification.Title != "Ana" || !reflect.DeepEqual(pushed, page[0]) {
		t.Errorf("told %v by %q, and reads %v", pushed, first.Notification.Title, page[0])
	}

	app, reading := h.quietApp(ben, 4), h.reader(ben, 4, room)
	reading.await(func() bool { return has(reading.events, "all_messages") })
	h.settle()
	h.single(ana, ben, "while Ben reads")
	h.single(ben, ana, "to Ana") // is looked at with it, or behind it
	told("Ana", "to Ana")
	reading.close()
	h.door.Deserted(room)
	h.single(ana, ben, "while Ben looks elsewhere")
	told("Ben", "while Ben looks elsewhere")
	h.done(ben, "POST", "room/chat-notification", m{"roomId": room})
	h.single(ana, ben, "muted")
	h.single(ben, ana, "the end")
	told("Ana", "the end")
	if len(h.push.Told) > 0 {
		t.Errorf("told %+v", <-h.push.Told)
	}
	app.overheard()
}

// What is rendered without content has no null where clients want a text.
func TestAPushedMessageWithoutContent(t *testing.T) {
	t.Parallel()
	var got map[string]any
	text := vchat.PushText(push.Message{ID: "m", Room: "r", Type: bus.Text, Sender: "u"})
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"_id", "content", "senderId", "senderName", "senderImageThumb", "roomId", "messageType"} {
		if _, isText := got[key].(string); !isText {
			t.Errorf("%s is %v", key, got[key])
		}
	}
}
