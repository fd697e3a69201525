package e2e

import (
	"fmt"
	"testing"
)

func TestVChatAllMessages(t *testing.T) {
	t.Parallel()
	inEveryApp(t, func(t *testing.T, how style) {
		w := newWorld(t, "")
		w.registered("ana", "ben", "zoe")
		ana := w.users["ana"]
		room, other := w.single("ana", "ben", "word 0"), w.single("ana", "zoe", "elsewhere")
		for i := range 34 {
			w.write("ana", "single", room, fmt.Sprint("word ", i+1))
		}
		reader, messages := w.enter("ben", room, how)
		w.row("the newest thirty, newest first", func() {
			if len(messages) != 30 {
				w.t.Fatalf("%d messages, want 30", len(messages))
			}
			for i, m := range messages {
				check(w.t, "a message", m, wireMessage(obj{
					"content": fmt.Sprint("word ", 34-i), "senderId": ana.id, "senderName": ana.name,
					"messageType": "text", "messageAttachment": nil, "roomId": room,
				}))
				if i > 0 && messages[i-1].(obj)["_id"].(string) <= m.(obj)["_id"].(string) {
					w.t.Errorf("ids don't sort by time: %v before %v", messages[i-1], m)
				}
			}
		})
		w.row("the rest by REST", func() {
			check(w.t, "the first page", w.as("ben").messages(room, "first"), messages)
			rest := w.as("ben").messages(room, messages[29].(obj)["_id"].(string))
			if len(rest) != 5 {
				w.t.Fatalf("%d older ones, want 5", len(rest))
			}
			for i, m := range rest {
				check(w.t, "an older one", m, wireMessage(obj{"content": fmt.Sprint("word ", 4-i)}))
			}
			check(w.t, "the end", w.as("ben").messages(room, rest[4].(obj)["_id"].(string)), list{})
		})
		w.row("a room of others", func() {
			for _, id := range []any{other, nobodysID, "no id"} {
				check(w.t, "the ack", reader.ask("join", id), exact{"success": false, "data": someText})
				reader.tell("join", id)
			}
			ofZoe, _ := w.enter("zoe", other, how)
			w.write("ana", "single", other, "for Zoe alone")
			ofZoe.hears("new_message", wireMessage(obj{"roomId": other, "content": "for Zoe alone"}))
			w.write("ana", "single", room, "after")
			reader.hears("new_message", wireMessage(obj{"roomId": room, "content": "after"}))
			reader.heardNothing("all_messages", anything)
			reader.heardNothing("new_message", obj{"roomId": other})
		})
	})
}

func TestVChatNewMessage(t *testing.T) {
	t.Parallel()
	inEveryApp(t, func(t *testing.T, how style) {
		w := newWorld(t, "")
		w.registered("ana", "ben", "cem", "zoe")
		ana := w.users["ana"]
		room, elsewhere := w.wireGroup("ana", "Walks", "ben", "cem"), w.single("cem", "ana", "hi")
		ofAna, _ := w.enter("ana", room, how)
		ofBen, _ := w.enter("ben", room, how)
		ofCem, _ := w.enter("cem", elsewhere, how)

		w.row("to all who are joined, the sender's own too", func() {
			w.write("ana", "group", room, "hello")
			for _, a := range []app{ofAna, ofBen} {
				a.hears("new_message", wireMessage(obj{
					"content": "hello", "messageType": "text", "senderId": ana.id, "senderName": ana.name,
					"roomId": room, "messageAttachment": nil,
				}))
			}
		})
		w.row("not to who reads another room", func() {
			w.write("ana", "single", elsewhere, "over there")
			ofCem.hears("new_message", wireMessage(obj{"roomId": elsewhere, "content": "over there"}))
			ofAna.caughtUp()
			ofCem.heardNothing("new_message", obj{"roomId": room})
			ofAna.heardNothing("new_message", obj{"roomId": elsewhere})
		})
		w.row("a second join moves the socket", func() {
			ofCem.tell("join", room)
			ofCem.hears("all_messages", each{wireMessage(obj{"roomId": room})})
			witness, _ := w.enter("ana", elsewhere, how)
			w.write("ana", "single", elsewhere, "left behind")
			witness.hears("new_message", wireMessage(obj{"content": "left behind"}))
			w.write("ana", "group", room, "moved")
			ofCem.hears("new_message", wireMessage(obj{"roomId": room, "content": "moved"}))
			ofCem.heardNothing("new_message", obj{"content": "left behind"})
		})
		w.row("who is put out hears no more", func() {
			w.as("ana").say("room/kick-member", obj{"roomId": room, "peerId": w.users["cem"].id})
			w.write("ana", "group", room, "without Cem")
			ofBen.hears("new_message", wireMessage(obj{"content": "without Cem"}))
			check(w.t, "the ack", ofCem.ask("join", room), exact{"success": false, "data": someText})
			ofCem.heardNothing("new_message", obj{"content": "without Cem"})
		})
	})
}

func TestVChatBeingJoinedIsReading(t *testing.T) {
	t.Parallel()
	inEveryApp(t, func(t *testing.T, how style) {
		w := newWorld(t, "")
		w.registered("ana", "ben")
		room := w.single("ana", "ben", "one")
		w.write("ana", "single", room, "two")
		ofAna, ofBen := w.arrive("ana", how), w.arrive("ben", how)
		unread := func(a app, n int) {
			w.t.Helper()
			check(w.t, a.String(), a.join(), list{wireRoom(obj{"unReadCount": n})})
		}
		unread(ofBen, 2)

		reader, _ := w.enter("ben", room, how)
		w.row("the reader's unread is 0 and the peer sees it", func() {
			ofBen.hears("update_one_room", wireRoom(obj{"_id": room, "unReadCount": 0}))
			ofAna.hears("update_one_room", wireRoom(obj{"_id": room, "ifPeerReadMyLastMessage": 1}))
			unread(ofBen, 0)
		})
		w.row("what is said meanwhile is read at once", func() {
			ofAna.forget()
			ofBen.forget()
			w.write("ana", "single", room, "three")
			ofAna.hears("update_one_room", wireRoom(obj{"ifPeerReadMyLastMessage": 1, "lastMessage": wireMessage(obj{"content": "three"})}))
			ofBen.hears("update_one_room", wireRoom(obj{"unReadCount": 0, "lastMessage": wireMessage(obj{"content": "three"})}))
			ofAna.heardNothing("update_one_room", obj{"ifPeerReadMyLastMessage": 0, "lastMessage": obj{"content": "three"}})
			ofBen.heardNothing("update_one_room", obj{"unReadCount": 1})
		})
		w.row("what is said after a move is not", func() {
			group := w.wireGroup("ben", "Walks")
			reader.tell("join", group)
			reader.hears("all_messages", each{wireMessage(obj{"roomId": group, "messageType": "create"})})
			w.write("ana", "single", room, "four")
			ofBen.hears("update_one_room", wireRoom(obj{"_id": room, "unReadCount": 1, "lastMessage": wireMessage(obj{"content": "four"})}))
			ofAna.hears("update_one_room", wireRoom(obj{"ifPeerReadMyLastMessage": 0, "lastMessage": wireMessage(obj{"content": "four"})}))
		})
		w.row("nor what is said after leaving", func() {
			reader.tell("join", room)
			ofBen.hears("update_one_room", wireRoom(obj{"_id": room, "unReadCount": 0, "lastMessage": wireMessage(obj{"content": "four"})}))
			witness, _ := w.enter("ana", room, how)
			reader.close()
			w.untilUnread(ofBen, room, witness)
		})
	})
}

// untilUnread has Ana say things until Ben has two of them unread: nobody tells when the
// server has noticed that a socket is gone. The last one that he read in time may show as
// unread for a moment, as his socket was gone before his reading was stored.
func (w *world) untilUnread(ofBen app, room string, witness app) {
	w.t.Helper()
	for i := range 1000 {
		text := fmt.Sprint("is he gone? ", i)
		w.write("ana", "single", room, text)
		witness.hears("new_message", wireMessage(obj{"content": text}))
		v := ofBen.hears("update_one_room", wireRoom(obj{"_id": room, "lastMessage": wireMessage(obj{"content": text})}))
		if v.(obj)["unReadCount"].(float64) > 1 {
			return
		}
	}
	w.t.Error("who has left still reads")
}
