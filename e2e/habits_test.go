package e2e

import (
	"bytes"
	"encoding/json"
	"testing"
)

// The Android client says ChatId where the web client says GroupId.
func TestAGroupMayBeCalledChatId(t *testing.T) {
	t.Parallel()
	w, ana, ben, cem, zoe := crowd(t)
	id := w.group(ana[0], "Walks", "ben", "cem")

	w.row("talking", func() {
		ana[0].must("send-group-message", obj{"ChatId": id, "Content": "hi"})
		w.expect(all(got("receive-group-message", obj{"ChatId": id, "Content": "hi"}), ben[0], ben[1], cem).
			and(all(got("own-message", obj{"ChatId": id}), ana[1])))
		cem.must("read-group-message", obj{"ChatId": id})
		w.expect(all(got("read-grp-msg-ack", obj{"ChatId": id, "Reader": cem.user.id}), ana[0], ana[1], ben[0], ben[1]))
		cem.must("fetch-group-chat", obj{"ChatId": id})
		w.expect(want{cem: {got("group-chat", obj{"Name": "Walks"})}})
	})
	w.row("ruling", func() {
		ana[0].must("add-member", obj{"ChatId": id, "Member": zoe.user.id})
		ana[0].must("kickout", obj{"ChatId": id, "Member": zoe.user.id})
		ana[0].must("change-admin", obj{"ChatId": id, "Member": cem.user.id})
		ben[0].must("leave-grp", obj{"ChatId": id})
		cem.must("delete-grp", obj{"ChatId": id})
		w.settle()
		ana[1].await("delete-grp-success-receiver")
		w.forget()
	})
	w.row("a personal chat called GroupId", func() {
		chat := w.personalChat(ana[0], "ben")
		ana[0].must("send-personal-message", obj{"GroupId": chat, "Content": "hi"})
		w.expect(all(got("receive-personal-message", obj{"ChatId": chat}), ben...).
			and(all(got("own-message", obj{"ChatId": chat}), ana[1])))
	})
}

func TestSilenceForWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	w, ana, _, _, _ := crowd(t)
	id := w.group(ana[0], "Walks", "ben", "cem")
	for _, event := range []string{"send-image", "no-such-event", "message", "join", "user-id", "__proto__"} {
		w.row(event, func() {
			for _, c := range w.tabs {
				c.tell(event, obj{"ChatId": id, "Content": "x", "Image": "data:image/png;base64,AAAA"})
				c.tell(event)
				c.tell(event, "a", 1, nil, list{})
			}
			w.expect(want{})
		})
	}
}

// A page reads and then fetches when a chat is opened, and reads at every message.
func TestReadThenFetch(t *testing.T) {
	t.Parallel()
	w, ana, ben, _, _ := crowd(t)
	chat := w.personalChat(ana[0], "ben")
	w.say(ana[0], "send-personal-message", chat, "one")
	w.say(ana[0], "send-personal-message", chat, "two")
	w.settle()
	w.forget()

	ben[0].tell("read-personal-message", obj{"ChatId": chat})
	ben[0].tell("fetch-personal-chat", obj{"ChatId": chat, "Partner": ana[0].user.name})
	read := exact{ana[0].user.id: "Read", ben[0].user.id: "Read"}
	check(t, "what is fetched right after reading", ben[0].await("personal-chat"),
		obj{"Messages": list{obj{"ReadStatus": read}, obj{"ReadStatus": read}}})
	w.settle()
	w.forget()

	for _, text := range []string{"three", "four"} {
		ana[0].tell("send-personal-message", obj{"ChatId": chat, "Content": text})
		ben[0].await("receive-personal-message")
		ben[0].tell("read-personal-message", obj{"ChatId": chat})
		ana[0].await("read-personal-msg-ack")
		w.expect(all(got("receive-personal-message", obj{"Content": text}), ben...).
			and(all(got("read-personal-msg-ack", obj{"ChatId": chat}), ana...)).
			and(want{ana[1]: {got("own-message", obj{"Content": text})}}).
			and(want{ben[1]: {got("own-read", obj{"ChatId": chat})}}))
	}
}

// A fetch sees what its own socket sent before, without waiting for any ack.
func TestSendThenFetch(t *testing.T) {
	t.Parallel()
	w, ana, _, _, _ := crowd(t)
	chat := w.personalChat(ana[0], "ben")
	for _, text := range []string{"one", "two", "three"} {
		ana[0].tell("send-personal-message", obj{"ChatId": chat, "Content": text})
		ana[0].tell("send-self-message", obj{"Content": text})
	}
	ana[0].tell("fetch-personal-chat", obj{"ChatId": chat})
	ana[0].tell("fetch-self-chat", obj{})
	newest := list{obj{"Content": "three"}, obj{"Content": "two"}, obj{"Content": "one"}}
	check(t, "the chat", ana[0].await("personal-chat"), obj{"Messages": newest})
	check(t, "the self chat", ana[0].await("self-chat"), obj{"Messages": newest})
}

// The page lists people in the order of the object's keys, so that order counts.
func TestParticipantsAreInOrderOfJoining(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.signUp("zoe", "ana", "ben", "cem")
	c := w.openAs("zoe", style{nodeNewest, websocketOnly, inCookies})
	for _, name := range []string{"ana", "ben", "cem"} {
		w.open(name)
	}
	id := w.group(c, "Walks", "cem")
	c.must("add-member", obj{"GroupId": id, "Member": w.users["ben"].id})
	c.must("add-member", obj{"GroupId": id, "Member": w.users["ana"].id})
	c.must("kickout", obj{"GroupId": id, "Member": w.users["cem"].id})
	c.must("add-member", obj{"GroupId": id, "Member": w.users["cem"].id})
	c.must("fetch-group-chat", obj{"GroupId": id})

	var chat struct{ Participants json.RawMessage }
	if err := json.Unmarshal(c.awaitSignal("group-chat").Args[0], &chat); err != nil {
		t.Fatal(err)
	}
	last := -1
	for _, name := range []string{"zoe", "ben", "ana", "cem"} {
		place := bytes.Index(chat.Participants, []byte(w.users[name].id))
		if place <= last {
			t.Errorf("%s is not where they joined: %s", name, chat.Participants)
		}
		last = place
	}
}

// A page throws at a message of a chat that it has no list item for.
func TestAChatIsAnnouncedBeforeItsFirstMessage(t *testing.T) {
	t.Parallel()
	w, ana, ben, cem, zoe := crowd(t)
	others := []*tab{ana[1], ben[0], ben[1], cem}

	for range 5 {
		// Created and spoken in by two sockets as fast as they can.
		ana[0].tell("create-group-chat", obj{"Name": "Fast", "Description": "", "Participants": w.ids("ben", "cem")})
		id := ana[1].await("create-group-chat-receiver")["GroupId"]
		last := ana[1].start("send-group-message", obj{"GroupId": id, "Content": "from the other tab"})
		ana[0].await("create-group-chat-creator")
		ana[0].must("send-group-message", obj{"GroupId": id, "Content": "from this tab"})
		if _, err := last.answer(); err != nil {
			t.Fatal(err)
		}
		ana[0].must("add-member", obj{"GroupId": id, "Member": zoe.user.id})
		ana[0].must("send-group-message", obj{"GroupId": id, "Content": "hello Zoe"})
		w.settle()
		for _, c := range others {
			announcedFirst(t, c, id, "create-group-chat-receiver")
		}
		announcedFirst(t, ana[0], id, "create-group-chat-creator")
		announcedFirst(t, zoe, id, "create-group-chat-receiver")
		w.forget()
	}

	ana[0].tell("create-personal-chat", obj{"Receiver": ben[0].user.id, "Partner": "x", "UserName": "y"})
	id := ben[0].await("create-personal-chat-partner")["ChatId"]
	ben[0].must("send-personal-message", obj{"ChatId": id, "Content": "so soon"})
	w.settle()
	announcedFirst(t, ana[0], id, "create-personal-chat-creator")
	announcedFirst(t, ana[1], id, "create-personal-chat-partner")
	announcedFirst(t, ben[1], id, "create-personal-chat-partner")
}

// announcedFirst checks that the first thing that a tab heard of a chat is how it
// came to be. Who is added hears of it twice, in either order.
func announcedFirst(t testing.TB, c *tab, chat any, announcement string) {
	t.Helper()
	for _, e := range c.events() {
		payload, ok := e.payload.(obj)
		if !ok || (payload["ChatId"] != chat && payload["GroupId"] != chat) || e.event == "new-grp-added" {
			continue
		}
		if e.event != announcement {
			t.Errorf("%s heard %s before %s", c, e, announcement)
		}
		return
	}
	t.Errorf("%s never heard of the chat", c)
}
