package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// What a list shows of a chat without opening it.
func TestListsShowTheirChats(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ana ben")
	w.registered("cem")
	ana, ben := w.of("ana")[0], w.of("ben")[0]
	chat, group := w.personalChat(ana, "ben"), w.group(ana, "Walks", "ben", "cem")
	begin := func() []received { w.t.Helper(); return w.open("ben").events() }

	w.row("nobody has said anything", func() {
		events := begin()
		check(w.t, "user-id", events[0].payload, obj{"Self": obj{
			"ChatId": ben.user.id, "LastChat": isoTime, "LastMessage": nil, "Seq": 0,
		}})
		check(w.t, "personal", events[1].payload, obj{"PersonalChatList": list{obj{
			"LastMessage": nil, "ReadSeq": 0, "Muted": false, "Blocked": false, "BlockedBy": "", "PartnerReadSeq": 0, "Online": true,
		}}})
		check(w.t, "groups", events[2].payload, obj{"GroupChatList": list{obj{"LastMessage": nil, "ReadSeq": 0, "Muted": false}}})
	})
	w.row("the newest that a person said", func() {
		long := strings.Repeat("ä", 201)
		note := ben.must("send-self-message", obj{"Content": "milk"})
		first := w.say(ana, "send-personal-message", chat, "first")
		ben.must("read-personal-message", obj{"ChatId": chat})
		said := w.say(ana, "send-personal-message", chat, long)
		ana.must("read-personal-message", obj{"ChatId": chat})
		inGroup := w.say(ben, "send-group-message", group, "go")
		ana.must("kickout", obj{"GroupId": group, "Member": w.users["cem"].id})
		w.settle()
		events := begin()
		shown := func(ack obj, by *tab, content string) obj {
			return obj{
				"Id": ack["Id"], "Seq": ack["Seq"], "Timestamp": ack["Timestamp"],
				"Sender": by.user.name, "SenderId": by.user.id, "Content": content,
			}
		}
		check(w.t, "user-id", events[0].payload, obj{"Self": obj{"LastMessage": shown(note, ben, "milk"), "Seq": note["Seq"]}})
		check(w.t, "personal", events[1].payload, obj{"PersonalChatList": list{obj{
			"LastMessage": shown(said, ana, strings.Repeat("ä", 200)), "Seq": said["Seq"],
			"ReadSeq": first["Seq"], "PartnerReadSeq": said["Seq"], "Unread": 1,
		}}})
		check(w.t, "groups", events[2].payload, obj{"GroupChatList": list{obj{"LastMessage": shown(inGroup, ben, "go")}}})
	})
	w.row("a mute and a block on an app", func() {
		room := w.single("cem", "ana", "hi")
		w.as("cem").say("message/single", obj{"type": "location", "roomId": room, "content": "", "attachment": obj{"lat": "1", "long": "2"}})
		w.as("cem").ok(http.MethodPost, "room/ban-chat-user", obj{"peerId": ana.user.id})
		events := w.open("ana").events()
		check(w.t, "personal", events[1].payload, obj{"PersonalChatList": list{
			obj{"_id": room, "Blocked": true, "BlockedBy": w.users["cem"].id, "LastMessage": obj{"Content": "[location]"}},
			obj{"_id": chat, "Blocked": false, "BlockedBy": ""},
		}})
	})
}

func TestMembersOfAGroupHaveRoles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ana ben")
	w.registered("cem")
	ana, ben := w.of("ana")[0], w.of("ben")[0]
	group := w.wireGroup("cem", "Walks", "ben", "ana")
	w.as("cem").ok(http.MethodPost, "room/update-member-state", obj{"roomId": group, "peerId": ana.user.id, "state": "admin"})
	ben.must("fetch-group-chat", obj{"GroupId": group})
	check(t, "the group", ben.await("group-chat"), obj{"Members": list{
		exact{"Id": w.users["cem"].id, "Name": w.users["cem"].name, "Role": "owner"},
		exact{"Id": ben.user.id, "Name": ben.user.name, "Role": "member"},
		exact{"Id": ana.user.id, "Name": ana.user.name, "Role": "admin"},
	}})
}
