package e2e

import (
	"net/http"
	"testing"
)

// mixed is Ana and Ben on ExpressChat pages, and Cem and Dora on VChat apps.
type mixed struct {
	*world
	ana, ben  *tab
	cem, dora app
}

func newMixed(t *testing.T, how style) mixed {
	t.Helper()
	w := newWorld(t, "ana ben")
	w.registered("cem", "dora")
	return mixed{w, w.of("ana")[0], w.of("ben")[0], w.arrive("cem", how), w.arrive("dora", how)}
}

// next makes everything so far old news for everybody.
func (m mixed) next() {
	m.settle()
	m.forget()
	m.cem.forget()
	m.dora.forget()
}

// entry waits for the apps to be told of an entry of a room.
func (m mixed) entry(room string, entry obj, apps ...app) {
	m.t.Helper()
	for _, a := range apps {
		a.hears("update_one_room", wireRoom(obj{"_id": room, "lastMessage": wireMessage(entry)}))
	}
}

// quiet checks that an app is told nothing.
func (m mixed) quiet(apps ...app) {
	m.t.Helper()
	for _, a := range apps {
		a.join()
		for event := range wireEvents() {
			a.heardNothing(event, anything)
		}
	}
}

func TestVChatAndExpressChatInPersonalChats(t *testing.T) {
	t.Parallel()
	inEveryApp(t, func(t *testing.T, how style) {
		m := newMixed(t, how)
		ana, cem := m.users["ana"], m.users["cem"]
		var room string

		m.row("an app opens it", func() {
			room = m.single("cem", "ana", "hi")
			m.expect(want{m.ana: {
				got("create-personal-chat-partner", obj{"ChatId": room, "Partner": cem.name}),
				got("receive-personal-message", obj{"ChatId": room, "Content": "hi", "Sender": cem.name}),
			}})
			m.cem.hears("update_one_room", wireRoom(obj{
				"_id": room, "title": ana.name, "isOnline": 1, "ifPeerReadMyLastMessage": 0, "unReadCount": 0,
			}))
			m.quiet(m.dora)
		})
		m.row("a page reads", func() {
			m.next()
			m.ana.must("read-personal-message", obj{"ChatId": room})
			m.cem.hears("update_one_room", wireRoom(obj{"_id": room, "ifPeerReadMyLastMessage": 1}))
			m.expect(want{})
		})
		m.row("a page says something", func() {
			m.next()
			m.say(m.ana, "send-personal-message", room, "hello")
			m.cem.hears("update_one_room", wireRoom(obj{
				"_id": room, "unReadCount": 1, "lastMessage": wireMessage(obj{
					"content": "hello", "messageType": "text", "senderId": ana.id, "senderName": ana.name, "messageAttachment": nil,
				}),
			}))
			m.expect(want{})
		})
		m.row("an app reads", func() {
			m.next()
			reader, messages := m.enter("cem", room, how)
			check(m.t, "the page", messages, list{obj{"content": "hello"}, obj{"content": "hi"}})
			m.cem.hears("update_one_room", wireRoom(obj{"_id": room, "unReadCount": 0}))
			m.ana.await("read-personal-msg-ack")
			m.expect(want{m.ana: {got("read-personal-msg-ack", obj{"ChatId": room})}})
			m.say(m.ana, "send-personal-message", room, "still there?")
			reader.hears("new_message", wireMessage(obj{"content": "still there?", "senderId": ana.id}))
			m.ana.await("read-personal-msg-ack")
			m.expect(want{m.ana: {got("read-personal-msg-ack", obj{"ChatId": room})}})
		})
		m.row("what has no text is its type to a page", func() {
			m.next()
			m.as("cem").say("message/single", obj{"type": "location", "roomId": room, "content": "", "attachment": `{"lat":"1","lang":"2"}`})
			m.expect(want{m.ana: {got("receive-personal-message", obj{"ChatId": room, "Content": "[location] 1, 2"})}})
		})
		m.row("a block", func() {
			for _, blocked := range []bool{true, false} {
				m.next()
				m.as("cem").say("room/ban-chat-user", obj{"peerId": ana.id})
				m.expect(want{m.ana: {got("block-changed", obj{"ChatId": room, "By": cem.id, "Blocked": blocked})}})
				blocker := any(nil)
				if blocked {
					blocker = cem.id
					a := m.ana.refused("send-personal-message", obj{"ChatId": room, "Content": "x"})
					check(m.t, "the refusal", a, obj{"code": "blocked"})
					m.as("cem").fails(http.StatusForbidden, http.MethodPost, "message/single", obj{"type": "text", "roomId": room, "content": "x"})
					m.ana.must("fetch-personal-chat", obj{"ChatId": room})
					m.expect(want{m.ana: {got("personal-chat", obj{"Partner": cem.name})}})
				}
				m.cem.hears("update_one_room", wireRoom(obj{"_id": room, "blockerId": blocker}))
			}
		})
		m.row("a mute is nothing to pages, typing is", func() {
			m.next()
			m.as("cem").say("room/chat-notification", obj{"roomId": room})
			m.cem.hears("update_one_room", wireRoom(obj{"_id": room, "isMute": 1}))
			m.cem.tell("typing_changed", obj{"status": "typing", "name": cem.name, "roomId": room})
			m.cem.join()
			m.expect(want{m.ana: {got("user-typing", obj{"ChatId": room, "User": cem.id, "Name": cem.name, "Status": "typing"})}})
		})
		m.row("presence", func() {
			m.next()
			m.ana.close()
			m.cem.hears("user_online_changed", exact{"roomId": room, "status": 0})
			m.open("ana")
			m.cem.hears("user_online_changed", exact{"roomId": room, "status": 1})
			m.quiet(m.dora)
		})
		m.row("a page opens one, which an app sees with the first message", func() {
			m.next()
			chat := m.personalChat(m.ben, "dora")
			m.quiet(m.dora)
			m.say(m.ben, "send-personal-message", chat, "hi Dora")
			m.dora.hears("update_one_room", wireRoom(obj{
				"_id": chat, "title": m.ben.user.name, "peerEmail": m.ben.user.email, "creatorId": m.ben.user.id, "unReadCount": 1,
				"isOnline": 1, "lastMessage": wireMessage(obj{"content": "hi Dora", "senderId": m.ben.user.id}),
			}))
			m.quiet(m.cem)
		})
	})
}

func TestVChatAndExpressChatInAGroup(t *testing.T) {
	t.Parallel()
	inEveryApp(t, func(t *testing.T, how style) {
		m := newMixed(t, how)
		ana, ben, cem, dora := m.users["ana"], m.users["ben"], m.users["cem"], m.users["dora"]
		room := ""
		id := func(more obj) obj { more["roomId"] = room; return more }
		pages := func(r received) want { return all(r, m.ana, m.ben) }

		m.row("an app makes it", func() {
			room = m.wireGroup("cem", "Walks", "ana", "ben", "dora")
			m.expect(pages(got("create-group-chat-receiver", obj{"GroupId": room, "Name": "Walks"})))
			m.entry(room, obj{"messageType": "create", "senderId": cem.id}, m.cem, m.dora)
		})
		m.row("an app speaks", func() {
			m.next()
			m.write("cem", "group", room, "who comes?")
			m.expect(pages(got("receive-group-message", obj{
				"ChatId": room, "Sender": cem.name, "Content": "who comes?", "SenderId": cem.id, "Id": domID, "Timestamp": isoTime,
			})))
			m.entry(room, obj{"content": "who comes?", "senderId": cem.id}, m.cem, m.dora)
		})
		m.row("a page speaks", func() {
			m.next()
			m.say(m.ana, "send-group-message", room, "I do")
			m.expect(want{m.ben: {got("receive-group-message", obj{"ChatId": room, "Sender": ana.name, "Content": "I do"})}})
			m.entry(room, obj{"content": "I do", "senderId": ana.id, "senderName": ana.name}, m.cem, m.dora)
		})
		m.row("an app reads", func() {
			m.next()
			reader, _ := m.enter("dora", room, how)
			m.dora.hears("update_one_room", wireRoom(obj{"_id": room, "unReadCount": 0}))
			m.ana.await("read-grp-msg-ack")
			m.expect(pages(got("read-grp-msg-ack", obj{"Reader": dora.id, "ChatId": room})))
			reader.close()
		})
		m.row("a page reads", func() {
			m.next()
			m.ben.must("read-group-message", obj{"GroupId": room})
			m.expect(want{m.ana: {got("read-grp-msg-ack", obj{"Reader": ben.id, "ChatId": room})}})
		})
		m.row("typing", func() {
			m.next()
			m.cem.tell("typing_changed", obj{"status": "typing", "name": cem.name, "roomId": room})
			m.dora.hears("user_typing_changed", exact{"status": "typing", "name": cem.name, "roomId": room})
			m.quiet(m.cem)
			m.expect(pages(got("user-typing", obj{"GroupId": room, "ChatId": room, "User": cem.id, "Name": cem.name, "Status": "typing"})))
		})
		m.row("an app promotes", func() {
			m.next()
			m.as("cem").say("room/update-member-state", id(obj{"peerId": ana.id, "state": "admin"}))
			m.expect(pages(got("role-changed", obj{
				"GroupId": room, "ChatId": room, "Member": ana.id, "Name": ana.name, "Role": "admin", "By": cem.id, "Seq": someNumber,
			})))
			m.entry(room, obj{"messageType": "upgrade", "content": ana.name, "senderId": cem.id}, m.cem, m.dora)
		})
		m.row("a page kicks", func() {
			m.next()
			m.ana.must("kickout", obj{"GroupId": room, "Member": dora.id})
			m.expect(want{
				m.ana: {got("kickout-successful", obj{"GroupId": room})},
				m.ben: {got("someone-kicked-out", obj{"GroupId": room, "GroupName": "Walks"})},
			})
			m.entry(room, obj{"messageType": "kick", "content": dora.name, "senderId": ana.id}, m.cem)
			m.dora.hears("kick_from_group", room)
			m.dora.hears("all_rooms", list{})
		})
		m.row("a page adds", func() {
			m.next()
			m.ana.must("add-member", obj{"GroupId": room, "Member": dora.id})
			m.expect(pages(got("add-member-success", obj{"ChatId": room, "Member": dora.id})))
			m.entry(room, obj{"messageType": "add", "content": dora.name, "senderId": ana.id}, m.cem, m.dora)
		})
		m.row("an app kicks", func() {
			m.next()
			m.as("cem").say("room/kick-member", id(obj{"peerId": ben.id}))
			payload := obj{"GroupId": room, "GroupName": "Walks"}
			m.expect(want{m.ana: {got("someone-kicked-out", payload)}, m.ben: {got("kicked-out", payload)}})
			m.entry(room, obj{"messageType": "kick", "content": ben.name, "senderId": cem.id}, m.cem, m.dora)
		})
		m.row("an app adds", func() {
			m.next()
			m.as("cem").say("room/add-member", id(obj{"peersId": list{ben.id}}))
			m.expect(want{
				m.ana: {got("add-member-success", obj{"ChatId": room, "Member": ben.id})},
				m.ben: {got("create-group-chat-receiver", obj{"GroupId": room, "Name": "Walks"}), got("new-grp-added", obj{"ChatId": room})},
			})
			m.entry(room, obj{"messageType": "add", "content": ben.name, "senderId": cem.id}, m.cem, m.dora)
		})
		m.row("an app renames", func() {
			m.next()
			m.as("cem").like(exact{"name": "Strolls", "imageThumb": fileName}, http.MethodPost, "room/update-group-info", id(obj{"groupName": "Strolls"}))
			m.expect(pages(got("group-changed", obj{"GroupId": room, "ChatId": room, "Name": "Strolls", "By": cem.id, "Seq": someNumber})))
			m.entry(room, obj{"messageType": "info", "senderId": cem.id}, m.cem, m.dora)
		})
		m.row("a page leaves", func() {
			m.next()
			m.ben.must("leave-grp", obj{"GroupId": room})
			m.expect(want{
				m.ben: {got("group-left-success", obj{"GroupId": room})},
				m.ana: {got("user-left-grp", obj{"GroupId": room, "User": ben.id})},
			})
			m.entry(room, obj{"messageType": "leave", "content": ben.name, "senderId": ben.id}, m.cem, m.dora)
		})
		m.row("what a page fetches of all that", func() {
			m.next()
			m.ana.must("fetch-group-chat", obj{"GroupId": room})
			m.expect(want{m.ana: {got("group-chat", obj{
				"Name": "Strolls", "Admin": cem.id, "Participants": exact{cem.id: cem.name, ana.id: ana.name, dora.id: dora.name},
				"Messages": list{obj{"Content": "I do", "Sender": ana.name}, obj{"Content": "who comes?", "Sender": cem.name}},
			})}})
		})
		m.row("the creator leaves by an app, and the page's admin follows", func() {
			m.next()
			m.as("cem").say("room/leave-group-chat", obj{"groupId": room})
			m.expect(want{m.ana: {
				got("change-admin-success-receiver", obj{"GroupId": room}),
				got("user-left-grp", obj{"GroupId": room, "User": cem.id}),
			}})
			m.cem.hears("all_rooms", list{})
			m.entry(room, obj{"messageType": "leave", "content": cem.name, "senderId": cem.id}, m.dora)
		})
		m.row("a page passes the role on, and the app leaves", func() {
			m.next()
			m.ana.must("change-admin", obj{"GroupId": room, "Member": dora.id})
			m.expect(want{m.ana: {got("change-admin-success-creator", obj{"GroupId": room})}})
			m.dora.hears("update_one_room", wireRoom(obj{
				"_id": room, "groupSetting": wireSetting(obj{"role": "admin", "isGroupCreator": true}),
				"lastMessage": wireMessage(obj{"messageType": "upgrade", "content": dora.name, "senderId": ana.id}),
			}))
			m.as("dora").say("room/leave-group-chat", obj{"groupId": room})
			m.dora.hears("all_rooms", list{})
			m.expect(want{m.ana: {
				got("change-admin-success-receiver", obj{"GroupId": room}),
				got("user-left-grp", obj{"GroupId": room, "User": dora.id}),
			}})
		})
		m.row("a page deletes", func() {
			m.as("cem").fails(http.StatusNotFound, http.MethodPost, "room/add-member", id(obj{"peersId": list{dora.id}}))
			m.ana.must("add-member", obj{"GroupId": room, "Member": dora.id})
			m.entry(room, obj{"messageType": "add"}, m.dora)
			m.next()
			m.ana.must("delete-grp", obj{"GroupId": room})
			m.expect(want{m.ana: {got("delete-group-chat-creator", obj{"GroupId": room})}})
			m.dora.hears("all_rooms", list{})
		})
	})
}
