package e2e

import (
	"net/http"
	"testing"
)

// A new name is told to all who see it, and is on all that is said from then on.
func TestANewName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ana ana ben cem zoe")
	w.registered("dora")
	ana, ben, cem := w.of("ana"), w.of("ben")[0], w.of("cem")[0]
	chat, group := w.personalChat(ana[0], "ben"), w.group(ana[0], "Walks", "ben", "cem")
	room := w.single("dora", "ana", "hi")
	dora := w.arrive("dora", appStyles()[0])
	w.settle()
	w.forget()
	told := func(name string) received { return got("name-changed", obj{"User": ana[0].user.id, "Name": name}) }

	w.row("through a page", func() {
		check(w.t, "the ack", ana[0].must("change-name", obj{"Name": "  Änne "}), obj{"Name": "Änne"})
		dora.hears("update_one_room", wireRoom(obj{"_id": room, "title": "Änne"}))
		w.expect(all(told("Änne"), ana[0], ana[1], ben, cem))
	})
	w.row("what is said then", func() {
		w.say(ana[1], "send-group-message", group, "it is me")
		check(w.t, "a message", ben.await("receive-group-message"), obj{"Sender": "Änne"})
		ana[0].must("fetch-personal-chat", obj{"ChatId": chat})
		check(w.t, "a page", ana[0].await("personal-chat"), obj{"User": "Änne"})
		events := w.open("ben").events()
		check(w.t, "a list", events[1].payload, obj{"PersonalChatList": list{obj{"_id": chat, "Partner": "Änne"}}})
		w.settle()
		w.forget()
	})
	w.row("that is none", func() {
		for _, name := range []any{"", "  ", longText(65), "a\nb", nil} {
			check(w.t, "a refusal", ana[0].refused("change-name", obj{"Name": name}), obj{"code": "bad-name"})
		}
		w.expect(want{})
	})
	w.row("on an app", func() {
		w.as("dora").like(wireUser(nil), http.MethodPatch, "user", obj{"name": "Dörte"})
		news := got("name-changed", obj{"User": w.users["dora"].id, "Name": "Dörte"})
		w.expect(all(news, ana...))
	})
}

// A single room has the peer's name for its title, so a new name changes the room.
func TestVChatANewNameIsAnUpdate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.registered("ana", "ben")
	room := w.single("ana", "ben", "hi")
	ofBen := w.arrive("ben", appStyles()[0])
	w.as("ana").like(wireUser(nil), http.MethodPatch, "user", obj{"name": "Anna"})
	ofBen.hears("update_one_room", wireRoom(obj{"_id": room, "title": "Anna"}))
}
