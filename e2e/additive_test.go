package e2e

import (
	"fmt"
	"testing"
)

// A client that lost its connection before the ack sends again, and must not say
// anything twice.
func TestASendMayBeRepeated(t *testing.T) {
	t.Parallel()
	w, ana, ben, _, _ := crowd(t)
	chat := w.personalChat(ana[0], "ben")
	group := w.group(ana[0], "Walks", "ben")
	sends := map[string]struct {
		event   string
		payload func(clientID string) obj
	}{
		"personal": {"send-personal-message", func(c string) obj {
			return obj{"ChatId": chat, "Content": "once", "ClientId": c}
		}},
		"group": {"send-group-message", func(c string) obj {
			return obj{"GroupId": group, "Content": "once", "ClientId": c}
		}},
		"self": {"send-self-message", func(c string) obj { return obj{"Content": "once", "ClientId": c} }},
	}
	for kind, send := range sends {
		w.row(kind, func() {
			first := ana[0].must(send.event, send.payload("c1"))
			w.settle()
			w.forget()
			for _, c := range []*tab{ana[0], ana[1], ana[0]} {
				again := c.must(send.event, send.payload("c1"))
				for _, key := range []string{"Id", "Seq", "Timestamp"} {
					if again[key] != first[key] {
						w.t.Errorf("the ack of a repeat has another %s: %v, was %v", key, again, first)
					}
				}
			}
			w.expect(want{})
			other := ana[0].must(send.event, send.payload("c2"))
			if other["Id"] == first["Id"] {
				w.t.Error("another ClientId is the same message")
			}
			w.settle()
			w.forget()
		})
	}
	w.row("the same ClientId of somebody else, and in another room, is another message", func() {
		bens := ben[0].must("send-personal-message", obj{"ChatId": chat, "Content": "mine", "ClientId": "c1"})
		forAna := got("receive-personal-message", obj{"ChatId": chat, "Content": "mine", "Id": bens["Id"]})
		w.expect(all(forAna, ana...).and(want{ben[1]: {got("own-message", obj{"Id": bens["Id"]})}}))
	})
	w.row("repeats at the same time", func() {
		var acks []pending
		for i := range 10 {
			acks = append(acks, ana[i%2].start("send-personal-message", obj{"ChatId": chat, "Content": "now", "ClientId": "c3"}))
		}
		ids := map[any]bool{}
		for _, p := range acks {
			a, err := p.answer()
			if err != nil || a["success"] != true {
				w.t.Fatalf("%v %v", a, err)
			}
			ids[a["Id"]] = true
		}
		if len(ids) != 1 {
			w.t.Errorf("ten sends with one ClientId made %d messages", len(ids))
		}
		w.settle()
		for _, c := range ben {
			if n := c.count("receive-personal-message", "now"); n != 1 {
				w.t.Errorf("%s received it %d times", c, n)
			}
		}
		w.forget()
	})
	w.row("a ClientId that is too long, or no text", func() {
		for _, id := range []any{longText(65), 7, obj{}} {
			ana[0].refused("send-self-message", obj{"Content": "x", "ClientId": id})
		}
		w.expect(want{})
	})
}

// count is how often an event with some content was received.
func (c *tab) count(event, content string) int {
	n := 0
	for _, e := range c.events() {
		if p, ok := e.payload.(obj); ok && e.event == event && p["Content"] == content {
			n++
		}
	}
	return n
}

func TestReadUpTo(t *testing.T) {
	t.Parallel()
	w, ana, ben, cem, _ := crowd(t)
	chat := w.personalChat(ana[0], "ben")
	group := w.group(ana[0], "Walks", "ben", "cem")
	kinds := []struct {
		name, chat, send, read, listEvent, listKey string
		ack                                        received
		told                                       []*tab
	}{
		{
			"personal", chat, "send-personal-message", "read-personal-message", "personal-chat-list", "PersonalChatList",
			got("read-personal-msg-ack", obj{"ChatId": chat}), ana,
		},
		{
			"group", group, "send-group-message", "read-group-message", "group-chat-list", "GroupChatList",
			got("read-grp-msg-ack", obj{"ChatId": group, "Reader": ben[0].user.id}),
			[]*tab{ana[0], ana[1], cem},
		},
	}
	for _, k := range kinds {
		w.row(k.name, func() {
			var seqs []any
			for i := range 4 {
				seqs = append(seqs, w.say(ana[0], k.send, k.chat, fmt.Sprint("message ", i))["Seq"])
			}
			w.settle()
			w.forget()
			unread := func(n int) {
				w.t.Helper()
				c := w.open("ben")
				check(w.t, "the list", entryOf(c, k.listEvent, k.listKey, k.chat), obj{"Unread": n})
				c.close()
			}
			unread(4)
			ben[0].must(k.read, obj{"ChatId": k.chat, "Seq": seqs[1]})
			w.expect(all(k.ack, k.told...).and(want{ben[1]: {got("own-read", obj{"ChatId": k.chat, "Seq": seqs[1]})}}))
			unread(2)
			// Further back, or the same, moves nothing.
			ben[1].must(k.read, obj{"ChatId": k.chat, "Seq": seqs[0]})
			ben[1].must(k.read, obj{"ChatId": k.chat, "Seq": seqs[1]})
			w.expect(want{})
			unread(2)
			ben[1].must(k.read, obj{"ChatId": k.chat})
			w.expect(all(k.ack, k.told...).and(want{ben[0]: {got("own-read", obj{"ChatId": k.chat, "Seq": seqs[3]})}}))
			unread(0)
		})
	}
}

// An ack comes beside the events, never instead of them; a chat-error only where
// there is no ack and no fail event.
func TestAcksAndErrors(t *testing.T) {
	t.Parallel()
	w, ana, ben, _, _ := crowd(t)
	self := ana[0].user.id
	for _, event := range []string{"create-personal-chat", "check-chat"} {
		w.row(event+" without an ack", func() {
			ana[0].tell(event, obj{"Receiver": nobodysID, "Partner": "x", "UserName": "y"})
			ana[0].await("chat-error")
			w.expect(want{ana[0]: {got("chat-error", obj{"event": event, "code": someText, "message": someText})}})
		})
	}
	w.row("oneself, without an ack", func() {
		ana[0].tell("create-personal-chat", obj{"Receiver": self, "Partner": "x", "UserName": "y"})
		ana[0].await("chat-error")
		w.expect(want{ana[0]: {got("chat-error", obj{"event": "create-personal-chat", "code": someText, "message": someText})}})
	})
	w.row("a group with a ghost, without an ack", func() {
		ana[0].tell("create-group-chat", obj{"Name": "x", "Description": "", "Participants": list{nobodysID}})
		ana[0].await("chat-error")
		w.expect(want{ana[0]: {got("chat-error", obj{"event": "create-group-chat", "code": someText, "message": someText})}})
	})
	w.row("a refusal with an ack is in the ack alone", func() {
		ana[0].refused("create-personal-chat", obj{"Receiver": self, "Partner": "x", "UserName": "y"})
		w.expect(want{})
	})
	w.row("acks of what has no answer but an event", func() {
		chat := w.personalChat(ben[0], "ana")
		ana[0].must("check-chat", obj{"Receiver": ben[0].user.id})
		ana[0].must("search-user", obj{"Name": ben[0].user.name, "Type": "Add"})
		ana[0].must("fetch-personal-chat", obj{"ChatId": chat})
		w.expect(want{ana[0]: {
			got("create-chat-result", obj{"Exists": 1, "ChatId": chat}),
			got("added-user-match", obj{}),
			got("personal-chat", obj{"Messages": list{}}),
		}})
	})
}
