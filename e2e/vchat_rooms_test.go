package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
)

func TestVChatSingleRooms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.registered("ana", "ben", "cem")
	ana, ben := w.users["ana"], w.users["ben"]
	open := func(by, key, text string) any {
		return w.as(by).post("room/single", obj{"peerEmail": key, "message": text})
	}
	w.row("none yet", func() {
		for _, key := range []string{ben.email, ben.id} {
			w.as("ana").like(nil, http.MethodPost, "room/check-if-there-room", obj{"peerEmail": key})
		}
	})
	var room obj
	w.row("by address or id, the same room", func() {
		room = open("ana", ben.email, "one").(obj)
		check(w.t, "the room", room, wireRoom(obj{
			"creatorId": ana.id, "title": ben.name, "peerId": ben.id, "peerEmail": ben.email, "roomType": "single",
			"unReadCount": 0, "lastMessage": wireMessage(obj{"content": "one", "senderId": ana.id}),
		}))
		again := open("ana", ben.id, "two")
		check(w.t, "the same", again, wireRoom(obj{"_id": room["_id"], "lastMessage": wireMessage(obj{"content": "two"})}))
		other := open("ben", ana.email, "three")
		check(w.t, "of the other side", other, wireRoom(obj{
			"_id": room["_id"], "creatorId": ana.id, "peerId": ana.id, "title": ana.name,
			"lastMessage": wireMessage(obj{"content": "three", "senderId": ben.id}),
		}))
	})
	w.row("there is one now", func() {
		for _, key := range []string{ben.email, ben.id} {
			w.as("ana").like(wireRoom(obj{"_id": room["_id"]}), http.MethodPost, "room/check-if-there-room", obj{"peerEmail": key})
		}
	})
	w.row("refusals", func() {
		missing := []struct {
			status int
			body   obj
		}{
			{http.StatusNotFound, obj{"peerEmail": "nobody@example.org", "message": "x"}},
			{http.StatusNotFound, obj{"peerEmail": nobodysID, "message": "x"}},
			{http.StatusBadRequest, obj{"peerEmail": ana.email, "message": "x"}},
			{http.StatusBadRequest, obj{"message": "x"}},
			{http.StatusBadRequest, obj{"peerEmail": w.users["cem"].id}},
		}
		for _, m := range missing {
			w.as("ana").fails(m.status, http.MethodPost, "room/single", m.body)
		}
		check(w.t, "Cem's rooms", w.as("cem").list("room?page=0"), list{})
	})
	w.row("an ExpressChat chat in which nothing was said, and a self chat, are not shown", func() {
		w.signUp("dan")
		dan := w.open("dan")
		dan.must("send-self-message", obj{"Content": "note"})
		w.personalChat(dan, "cem")
		check(w.t, "Cem's rooms", w.as("cem").list("room?page=0"), list{})
		w.as("cem").like(nil, http.MethodPost, "room/check-if-there-room", obj{"peerEmail": w.users["dan"].id})
		check(w.t, "what was said makes it one", open("cem", w.users["dan"].id, "hi"), wireRoom(obj{"title": dan.user.name}))
	})
	w.row("blocked", func() {
		w.as("ana").say("room/ban-chat-user", obj{"id": ben.id})
		for _, name := range []string{"ana", "ben"} {
			w.as(name).fails(http.StatusForbidden, http.MethodPost, "message/single", obj{"roomId": room["_id"], "type": "text", "content": "x"})
			check(w.t, "the list", w.as(name).list("room?page=0"), list{obj{"blockerId": ana.id}})
		}
		w.as("ben").fails(http.StatusForbidden, http.MethodPost, "room/ban-chat-user", obj{"peerId": ana.id})
		w.as("ana").say("room/ban-chat-user", obj{"peerId": ben.id})
		w.write("ben", "single", room["_id"].(string), "again")
	})
	w.row("mute by either name", func() {
		for i, key := range []string{"roomId", "id"} {
			w.as("ana").say("room/chat-notification", obj{key: room["_id"]})
			check(w.t, "the list", w.as("ana").list("room?page=0"), list{obj{"isMute": 1 - i}})
			check(w.t, "the peer's", w.as("ben").list("room?page=0"), list{obj{"isMute": 0}})
		}
		w.as("cem").fails(http.StatusNotFound, http.MethodPost, "room/chat-notification", obj{"roomId": room["_id"]})
	})
}

func TestVChatMessagesByREST(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.registered("ana", "ben", "zoe")
	ana := w.users["ana"]
	room := w.single("ana", "ben", "one")
	send := func(path string, body any, changes ...change) {
		w.t.Helper()
		w.as("ana").like(someText, http.MethodPost, path, body, changes...)
	}
	newest := func(wanted obj) {
		w.t.Helper()
		messages := w.as("ben").messages(room, "first")
		wanted["senderId"], wanted["roomId"] = ana.id, room
		check(w.t, "the newest", messages[0], wireMessage(wanted))
	}
	w.row("as JSON, as a form, in parts", func() {
		send("message/single", obj{"type": "text", "roomId": room, "content": "json"})
		newest(obj{"content": "json", "messageType": "text", "messageAttachment": nil})
		send("message/single", url.Values{"type": {"text"}, "roomId": {room}, "content": {"form"}})
		newest(obj{"content": "form"})
		body, kind := parts(w.t, map[string]string{"type": "text", "roomId": room, "content": "parts"})
		send("message/single", body, kind)
		newest(obj{"content": "parts"})
	})
	w.row("what is about a place has an attachment, whose null may be a text", func() {
		unset := map[string]any{
			"lat": "52.5", "lang": "13.4", "linkTitle": "Berlin", "imageUrl": "null", "playUrl": "null",
			"fileSize": "null", "width": nil,
		}
		attachment, err := json.Marshal(unset)
		if err != nil {
			w.t.Fatal(err)
		}
		body, kind := parts(w.t, map[string]string{
			"type": "location", "roomId": room, "content": "here", "attachment": string(attachment),
		})
		send("message/single", body, kind)
		nothing := rule{`null or "null"`, func(v any) bool { return v == nil || v == "null" }}
		newest(obj{"content": "here", "messageType": "location", "messageAttachment": wireAttachment(obj{
			"lat": "52.5", "lang": "13.4", "linkTitle": "Berlin", "imageUrl": nothing, "playUrl": nothing, "fileSize": nothing,
		})})
	})
	w.row("the types that people send", func() {
		for _, kind := range []string{"reply", "forward", "allDeleted"} {
			send("message/single", obj{"type": kind, "roomId": room, "content": kind})
			newest(obj{"messageType": kind, "content": kind})
		}
		for _, kind := range []string{"join", "leave", "add", "kick", "create", "upgrade", "downgrade", "info", "nonsense"} {
			w.as("ana").fails(http.StatusBadRequest, http.MethodPost, "message/single", obj{"type": kind, "roomId": room, "content": "x"})
		}
	})
	w.row("refusals", func() {
		text := func(room any) obj { return obj{"type": "text", "roomId": room, "content": "x"} }
		for _, id := range []any{room, nobodysID, "no id"} {
			w.as("zoe").fails(http.StatusNotFound, http.MethodPost, "message/single", text(id))
			w.as("zoe").fails(http.StatusNotFound, http.MethodGet, messagePath(id.(string), "first"), nil)
		}
		w.as("ana").fails(http.StatusBadRequest, http.MethodPost, "message/single", obj{"type": "text", "content": "x"})
		w.as("ana").fails(http.StatusBadRequest, http.MethodPost, "message/single", obj{"type": "text", "roomId": room, "content": ""})
		newest(obj{"content": "allDeleted"})
	})
}
