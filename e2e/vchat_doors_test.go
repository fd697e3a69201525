package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// Somebody who verified an address may come in by both doors at once, and is one person.
func TestVChatOnePersonAtBothDoors(t *testing.T) {
	t.Parallel()
	inEveryApp(t, func(t *testing.T, how style) {
		w := newWorld(t, "ana")
		w.registered("ben", "cem")
		page, email := w.of("ana")[0], w.users["ana"].email
		data := w.nobody().like(wireUser(obj{"_id": w.users["ana"].id, "email": email}), http.MethodPost, "user/login",
			obj{"email": email, "password": password}).(obj)
		onApp := *w.users["ana"]
		onApp.access = data["accessToken"].(string)
		w.users["ana on an app"] = &onApp
		room, withCem := w.single("ana on an app", "ben", "hi"), w.single("cem", "ben", "hi")
		w.settle()
		w.forget()
		ofBen, ofAna := w.arrive("ben", how), w.arrive("ana on an app", how)
		offline := func(room string) exact { return exact{"roomId": room, "status": 0} }

		w.row("what they say on an app shows on their page", func() {
			w.write("ana on an app", "single", room, "from the app")
			w.expect(want{page: {got("own-message", obj{"ChatId": room, "Kind": "personal", "Content": "from the app"})}})
		})
		w.row("and the other way around", func() {
			w.say(page, "send-personal-message", room, "from the page")
			ofAna.hears("update_one_room", wireRoom(obj{"_id": room, "unReadCount": 0, "lastMessage": wireMessage(obj{"content": "from the page"})}))
		})
		w.row("reading, too", func() {
			w.write("ben", "single", room, "an answer")
			ofAna.hears("update_one_room", wireRoom(obj{"unReadCount": 1}))
			page.must("read-personal-message", obj{"ChatId": room})
			ofAna.hears("update_one_room", wireRoom(obj{"unReadCount": 0, "lastMessage": wireMessage(obj{"content": "an answer"})}))
			w.settle()
			w.forget()
		})
		w.row("they are offline when they are nowhere", func() {
			ofCem := w.arrive("cem", how)
			ofAna.close()
			ofCem.close()
			ofBen.hears("user_online_changed", offline(withCem)) // so Ana would be, who went earlier
			ofBen.heardNothing("user_online_changed", obj{"roomId": room})
			check(w.t, "the list", ofBen.join(), list{obj{"_id": room, "isOnline": 1}, obj{"_id": withCem, "isOnline": 0}})
			page.close()
			ofBen.hears("user_online_changed", offline(room))
		})
	})
}

// With every connection of Engine.IO 3 comes a socket in the main namespace. Who only reads
// in /message has not asked for it.
func TestVChatASocketThatNobodyAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.registered("ana", "ben", "zoe")
	room, withZoe := w.single("ana", "ben", "hi"), w.single("ana", "zoe", "hi")
	ofAna := w.arrive("ana", appStyles()[0])

	reader := dialFrames(t, w.s, "EIO=3", authorization(w.users["ben"].access))
	reader.opened(obj{})
	reader.wants("40")
	reader.send("40/message,")
	reader.wants("40/message,")
	reader.send(`42/message,["join","` + room + `"]`)
	if frame := reader.next(); !strings.HasPrefix(frame, `42/message,["all_messages",`) {
		t.Fatalf("got the frame %.200q, want all_messages", frame)
	}
	// Who opens no /message is online without a join, too, after a while in which it would
	// have been opened.
	home := dialFrames(t, w.s, "EIO=3", authorization(w.users["zoe"].access))
	home.opened(obj{})
	home.wants("40")
	ofAna.hears("user_online_changed", exact{"roomId": withZoe, "status": 1})
	ofAna.heardNothing("user_online_changed", obj{"roomId": room})

	w.write("ana", "single", room, "hello")
	ofAna.hears("update_one_room", wireRoom(obj{"isOnline": 0, "lastMessage": wireMessage(obj{"content": "hello"})}))
	if frame := reader.next(); !strings.HasPrefix(frame, `42/message,["new_message",`) {
		t.Errorf("got the frame %.200q, want new_message", frame)
	}
	w.write("ana", "single", room, "and again")
	if frame := reader.next(); !strings.HasPrefix(frame, `42/message,["new_message",`) {
		t.Errorf("got the frame %.200q, want new_message", frame)
	}
}
