package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestVChatJoin(t *testing.T) {
	t.Parallel()
	inEveryApp(t, func(t *testing.T, how style) {
		w := newWorld(t, "")
		w.registered("ana", "ben", "cem")
		ana, ben, cem := w.users["ana"], w.users["ben"], w.users["cem"]
		home := w.arrive("ana", how)

		w.row("nothing yet", func() { check(w.t, "the list", home.join(), list{}) })
		single := w.single("ana", "ben", "hi")
		group := w.wireGroup("cem", "Walks", "ana")
		w.row("newest first, as its reader sees it", func() {
			check(w.t, "the list", home.join(), list{
				wireRoom(obj{
					"_id": group, "roomType": "groupChat", "title": "Walks", "creatorId": cem.id,
					"peerId": nil, "peerEmail": nil, "blockerId": nil, "isOnline": 0, "ifPeerReadMyLastMessage": 0,
					"roomMembersCount": 2, "isMute": 0, "groupSetting": wireSetting(obj{
						"name": "Walks", "role": "member", "isGroupCreator": false, "roomMembersCount": 2,
					}),
					"lastMessage": wireMessage(obj{"messageType": "create", "senderId": cem.id, "roomId": group, "messageAttachment": nil}),
				}),
				wireRoom(obj{
					"_id": single, "roomType": "single", "title": ben.name, "creatorId": ana.id,
					"peerId": ben.id, "peerEmail": ben.email, "blockerId": nil, "groupSetting": nil, "isOnline": 0,
					"ifPeerReadMyLastMessage": 0, "unReadCount": 0, "roomMembersCount": 2, "isMute": 0,
					"thumbImage": "default_user_image.png",
					"lastMessage": wireMessage(obj{
						"content": "hi", "messageType": "text", "senderId": ana.id, "senderName": ana.name,
						"roomId": single, "messageAttachment": nil,
					}),
				}),
			})
		})
		w.row("without an ack, with nothing or with anything", func() {
			for _, args := range []list{{}, {"join"}, {nil}, {obj{}}} {
				home.forget()
				home.tell("join", args...)
				rooms := home.hears("all_rooms", each{wireRoom(nil)}).(list)
				if len(rooms) != 2 {
					w.t.Errorf("%d rooms, want 2", len(rooms))
				}
			}
		})
		w.row("twenty at a time, the others by page", func() {
			for i := range 20 {
				w.wireGroup("ana", fmt.Sprint("Group ", i))
			}
			first := home.join()
			if len(first) != 20 {
				w.t.Fatalf("%d rooms, want 20", len(first))
			}
			for i := range first {
				check(w.t, "by time", first[i], obj{"title": fmt.Sprint("Group ", 19-i)})
			}
			w.as("ana").like(each{wireRoom(nil)}, http.MethodGet, "room?page=0", nil)
			second := w.as("ana").list("room?page=1")
			check(w.t, "the second page", second, list{wireRoom(obj{"_id": group}), wireRoom(obj{"_id": single})})
			check(w.t, "the third page", w.as("ana").list("room?page=2"), list{})
		})
	})
}

func TestVChatUpdates(t *testing.T) {
	t.Parallel()
	inEveryApp(t, func(t *testing.T, how style) {
		w := newWorld(t, "")
		w.registered("ana", "ben", "zoe")
		ana, ben := w.users["ana"], w.users["ben"]
		ofAna, ofBen, ofZoe := w.arrive("ana", how), w.arrive("ben", how), w.arrive("zoe", how)
		var room string

		w.row("a new room comes with its first message", func() {
			room = w.single("ana", "ben", "one")
			ofBen.hears("update_one_room", wireRoom(obj{
				"_id": room, "title": ana.name, "peerId": ana.id, "peerEmail": ana.email, "isOnline": 1,
				"unReadCount": 1, "lastMessage": wireMessage(obj{"content": "one", "senderId": ana.id}),
			}))
			ofAna.hears("update_one_room", wireRoom(obj{
				"_id": room, "title": ben.name, "unReadCount": 0, "isOnline": 1, "ifPeerReadMyLastMessage": 0,
				"lastMessage": wireMessage(obj{"content": "one"}),
			}))
		})
		w.row("a message", func() {
			w.write("ana", "single", room, "two")
			ofBen.hears("update_one_room", wireRoom(obj{"unReadCount": 2, "lastMessage": wireMessage(obj{"content": "two"})}))
			ofAna.hears("update_one_room", wireRoom(obj{"unReadCount": 0, "lastMessage": wireMessage(obj{"content": "two"})}))
		})
		w.row("mute, which is one's own", func() {
			for _, muted := range []int{1, 0} {
				ofAna.forget()
				ofBen.forget()
				w.as("ben").say("room/chat-notification", obj{"roomId": room})
				ofBen.hears("update_one_room", wireRoom(obj{"_id": room, "isMute": muted}))
				ofAna.join()
				ofAna.heardNothing("update_one_room", obj{"isMute": 1})
			}
		})
		w.row("a block, which both see", func() {
			for _, blocker := range []any{ben.id, nil} {
				ofAna.forget()
				ofBen.forget()
				w.as("ben").say("room/ban-chat-user", obj{"peerId": ana.id})
				for _, a := range []app{ofAna, ofBen} {
					a.hears("update_one_room", wireRoom(obj{"_id": room, "blockerId": blocker}))
				}
			}
		})
		w.row("a name", func() {
			ofBen.forget()
			w.as("ana").like(wireUser(nil), http.MethodPatch, "user", obj{"name": "Anna"})
			w.write("ana", "single", room, "three")
			ofBen.hears("update_one_room", wireRoom(obj{"title": "Anna", "lastMessage": wireMessage(obj{"senderName": "Anna"})}))
		})
		w.row("to nobody else", func() {
			ofZoe.join()
			ofZoe.heardNothing("update_one_room", obj{})
			ofZoe.heardNothing("all_rooms", anything)
		})
	})
}

func TestVChatPresence(t *testing.T) {
	t.Parallel()
	inEveryApp(t, func(t *testing.T, how style) {
		w := newWorld(t, "")
		w.registered("ana", "ben", "cem", "zoe")
		room := w.single("ana", "ben", "hi")
		withZoe := w.single("zoe", "ana", "hi")
		w.wireGroup("ana", "Walks", "ben", "cem")
		ofAna, ofCem := w.arrive("ana", how), w.arrive("cem", how)
		online := func(room string, status int) exact { return exact{"roomId": room, "status": status} }

		first := w.arrive("ben", how)
		ofAna.hears("user_online_changed", online(room, 1))
		check(w.t, "the list", ofAna.join(), list{obj{"isOnline": 0}, obj{"_id": withZoe, "isOnline": 0}, obj{"_id": room, "isOnline": 1}})
		ofAna.forget()

		w.row("a second device and a reload are no change", func() {
			second := w.arrive("ben", how)
			first.close()
			third := w.arrive("ben", how)
			second.close()
			third.close()
			last := w.arrive("ben", how)
			zoe := w.arrive("zoe", how)
			zoe.close()
			ofAna.hears("user_online_changed", online(withZoe, 0))
			ofAna.heardNothing("user_online_changed", obj{"roomId": room})
			ofAna.forget()
			first = last
		})
		w.row("the last one goes", func() {
			began := time.Now()
			first.close()
			ofAna.hears("user_online_changed", online(room, 0))
			if took := time.Since(began); took > 4*time.Second { // two, and two for a busy machine
				w.t.Errorf("seen offline after %v", took)
			}
			check(w.t, "the list", ofAna.join(), list{obj{}, obj{}, obj{"_id": room, "isOnline": 0}})
		})
		w.row("a group is not who shares a single room", func() {
			ofCem.join()
			ofCem.heardNothing("user_online_changed", obj{})
		})
		w.row("nobody is online in /message alone", func() {
			ofAna.forget()
			w.enter("ben", room, how)
			w.arrive("zoe", how)
			ofAna.hears("user_online_changed", online(withZoe, 1))
			ofAna.heardNothing("user_online_changed", obj{"roomId": room})
		})
	})
}

func TestVChatTyping(t *testing.T) {
	t.Parallel()
	inEveryApp(t, func(t *testing.T, how style) {
		w := newWorld(t, "")
		w.registered("ana", "ben", "cem", "zoe")
		ana := w.users["ana"]
		single, group := w.single("ana", "ben", "hi"), w.wireGroup("ana", "Walks", "ben", "cem")
		ofAna, other, ofBen, ofCem, ofZoe := w.arrive("ana", how), w.arrive("ana", how), w.arrive("ben", how), w.arrive("cem", how), w.arrive("zoe", how)

		for _, room := range []string{single, group} {
			for _, status := range []string{"typing", "recording", "stop"} {
				ofAna.tell("typing_changed", obj{"status": status, "name": ana.name, "roomId": room})
				ofBen.hears("user_typing_changed", exact{"status": status, "name": ana.name, "roomId": room})
			}
		}
		ofCem.hears("user_typing_changed", exact{"status": "stop", "name": ana.name, "roomId": group})
		w.row("never to the typist", func() {
			ofBen.tell("typing_changed", obj{"status": "typing", "name": "x", "roomId": group})
			for _, a := range []app{ofAna, other} {
				a.hears("user_typing_changed", exact{"status": "typing", "name": w.users["ben"].name, "roomId": group})
				a.heardNothing("user_typing_changed", obj{"name": ana.name})
			}
		})
		w.row("nor to or from others", func() {
			ofZoe.tell("typing_changed", obj{"status": "typing", "name": "Zoe", "roomId": group})
			ofAna.tell("typing_changed", obj{"status": "dancing", "name": "Ana", "roomId": group})
			ofZoe.join()
			ofAna.join()
			ofZoe.heardNothing("user_typing_changed", obj{})
			ofCem.heardNothing("user_typing_changed", obj{"roomId": single})
			ofAna.tell("typing_changed", obj{"status": "recording", "name": ana.name, "roomId": group})
			ofCem.hears("user_typing_changed", exact{"status": "recording", "name": ana.name, "roomId": group})
			ofCem.heardNothing("user_typing_changed", obj{"name": w.users["zoe"].name})
		})
	})
}
