package e2e

import "testing"

func TestAddMember(t *testing.T) {
	t.Parallel()
	w, ana, ben, cem, zoe := crowd(t)
	id := w.group(ana[0], "Walks", "ben")
	w.say(ben[0], "send-group-message", id, "before Cem")
	w.settle()
	w.forget()

	w.row("add-member", func() {
		ana[0].must("add-member", obj{"GroupId": id, "Member": cem.user.id})
		w.expect(want{cem: {
			got("new-grp-added", obj{"ChatId": id}),
			got("create-group-chat-receiver", obj{"GroupId": id, "Name": "Walks"}),
		}}.and(all(got("add-member-success", obj{"ChatId": id, "Member": cem.user.id}), ana[0], ana[1], ben[0], ben[1])))
	})
	w.row("the new one sees the history and has nothing unread", func() {
		cem.must("fetch-group-chat", obj{"GroupId": id})
		w.expect(want{cem: {got("group-chat", obj{"Messages": list{obj{"Content": "before Cem"}}})}})
		lists := w.open("cem")
		check(w.t, "unread", entryOf(lists, "group-chat-list", "GroupChatList", id), obj{"Unread": 0})
		lists.close()
	})
	fail := got("add-member-fail", obj{"Message": someText})
	w.row("somebody who is in already", func() {
		ana[0].refused("add-member", obj{"GroupId": id, "Member": cem.user.id})
		w.expect(want{ana[0]: {fail}})
	})
	w.row("an ordinary member may not", func() {
		ben[0].refused("add-member", obj{"GroupId": id, "Member": zoe.user.id})
		w.expect(want{ben[0]: {fail}})
	})
	w.row("nor without an ack", func() {
		ben[0].tell("add-member", obj{"GroupId": id, "Member": zoe.user.id})
		ben[0].await("add-member-fail")
		w.expect(want{ben[0]: {fail}})
	})
	w.row("nobody who exists", func() {
		ana[0].refused("add-member", obj{"GroupId": id, "Member": nobodysID})
		w.expect(want{ana[0]: {fail}})
	})
	w.row("a stranger may not, and learns nothing", func() {
		w.refusedAlike(zoe, "add-member", obj{"GroupId": id, "Member": zoe.user.id},
			obj{"GroupId": nobodysID, "Member": zoe.user.id})
		w.expect(want{zoe: {fail, fail}})
	})
}

func TestKickout(t *testing.T) {
	t.Parallel()
	w, ana, ben, cem, zoe := crowd(t)
	id := w.group(ana[0], "Walks", "ben", "cem")
	payload := obj{"GroupId": id, "GroupName": "Walks"}

	w.row("kickout", func() {
		ana[0].must("kickout", obj{"GroupId": id, "Member": ben[0].user.id})
		w.expect(want{ana[0]: {got("kickout-successful", obj{"GroupId": id})}}.
			and(all(got("someone-kicked-out", payload), ana[1], cem)).
			and(all(got("kicked-out", payload), ben[0], ben[1])))
	})
	w.row("who was kicked out is a stranger", func() {
		w.say(ana[0], "send-group-message", id, "without Ben")
		w.expect(all(got("receive-group-message", obj{"ChatId": id}), cem).
			and(all(got("own-message", obj{"ChatId": id}), ana[1])))
		w.refusedAlike(ben[0], "fetch-group-chat", obj{"GroupId": id}, obj{"GroupId": nobodysID})
		w.refusedAlike(ben[0], "send-group-message", obj{"GroupId": id, "Content": "x"},
			obj{"GroupId": nobodysID, "Content": "x"})
		w.expect(want{})
		lists := w.open("ben")
		if e := entryOf(lists, "group-chat-list", "GroupChatList", id); e != nil {
			w.t.Errorf("still in the list: %v", e)
		}
		lists.close()
	})
	w.row("nobody without the role, nobody themself, nobody who is not in", func() {
		refusals := map[*tab][]obj{
			cem:    {{"GroupId": id, "Member": ana[0].user.id}, {"GroupId": id, "Member": cem.user.id}}, // no role
			ana[0]: {{"GroupId": id, "Member": ana[0].user.id}, {"GroupId": id, "Member": ben[0].user.id}, {"GroupId": id, "Member": nobodysID}},
		}
		for c, requests := range refusals {
			for _, request := range requests {
				c.refused("kickout", request)
			}
		}
		w.refusedAlike(zoe, "kickout", obj{"GroupId": id, "Member": cem.user.id},
			obj{"GroupId": nobodysID, "Member": cem.user.id})
		w.expect(want{})
	})
	w.row("refused without an ack", func() {
		cem.tell("kickout", obj{"GroupId": id, "Member": ana[0].user.id})
		cem.await("chat-error")
		w.expect(want{cem: {got("chat-error", obj{"event": "kickout", "code": someText, "message": someText})}})
	})
}

func TestChangeAdmin(t *testing.T) {
	t.Parallel()
	w, ana, ben, cem, zoe := crowd(t)
	id := w.group(ana[0], "Walks", "ben", "cem")

	w.row("nobody but the owner, and to nobody but a member", func() {
		ben[0].refused("change-admin", obj{"GroupId": id, "Member": ben[0].user.id})
		ana[0].refused("change-admin", obj{"GroupId": id, "Member": zoe.user.id})
		ana[0].refused("change-admin", obj{"GroupId": id, "Member": nobodysID})
		w.refusedAlike(zoe, "change-admin", obj{"GroupId": id, "Member": zoe.user.id},
			obj{"GroupId": nobodysID, "Member": zoe.user.id})
		w.expect(want{})
	})
	w.row("change-admin", func() {
		ana[0].must("change-admin", obj{"GroupId": id, "Member": ben[0].user.id})
		w.expect(want{ana[0]: {got("change-admin-success-creator", obj{"GroupId": id})}}.
			and(all(got("change-admin-success-receiver", obj{"GroupId": id}), ana[1], ben[0], ben[1], cem)))
		cem.must("fetch-group-chat", obj{"GroupId": id})
		w.expect(want{cem: {got("group-chat", obj{"Admin": ben[0].user.id})}})
	})
	w.row("the old owner is an ordinary member", func() {
		ana[0].refused("kickout", obj{"GroupId": id, "Member": cem.user.id})
		ana[0].refused("change-admin", obj{"GroupId": id, "Member": cem.user.id})
		ana[0].refused("delete-grp", obj{"GroupId": id})
		w.expect(want{})
		ana[0].refused("add-member", obj{"GroupId": id, "Member": zoe.user.id})
		w.expect(want{ana[0]: {got("add-member-fail", obj{"Message": someText})}})
	})
	w.row("the new one has the role", func() {
		ben[0].must("add-member", obj{"GroupId": id, "Member": zoe.user.id})
		w.expect(want{zoe: {
			got("new-grp-added", obj{"ChatId": id}),
			got("create-group-chat-receiver", obj{"GroupId": id, "Name": "Walks"}),
		}}.and(all(got("add-member-success", obj{"ChatId": id, "Member": zoe.user.id}), ana[0], ana[1], ben[0], ben[1], cem)))
	})
}

func TestLeaveGroup(t *testing.T) {
	t.Parallel()
	w, ana, ben, cem, zoe := crowd(t)
	id := w.group(ana[0], "Walks", "ben", "cem")
	w.say(ben[0], "send-group-message", id, "farewell")
	w.settle()
	w.forget()

	w.row("leave-grp", func() {
		ben[0].must("leave-grp", obj{"GroupId": id})
		w.expect(all(got("group-left-success", obj{"Message": someText, "GroupId": id}), ben[0], ben[1]).
			and(all(got("user-left-grp", obj{"GroupId": id, "User": ben[0].user.id}), ana[0], ana[1], cem)))
	})
	fail := got("group-left-fail", obj{"Message": someText})
	w.row("the owner has to pass the role on first", func() {
		ana[0].refused("leave-grp", obj{"GroupId": id})
		w.expect(want{ana[0]: {fail}})
		ana[1].tell("leave-grp", obj{"GroupId": id})
		ana[1].await("group-left-fail")
		w.expect(want{ana[1]: {fail}})
	})
	w.row("what they said stays, under their name", func() {
		cem.must("fetch-group-chat", obj{"GroupId": id})
		w.expect(want{cem: {got("group-chat", obj{
			"Messages":     list{obj{"Content": "farewell", "Sender": ben[0].user.name}},
			"Participants": exact{ana[0].user.id: ana[0].user.name, cem.user.id: cem.user.name},
		})}})
	})
	w.row("strangers learn nothing", func() {
		for _, c := range []*tab{zoe, ben[0]} {
			w.refusedAlike(c, "leave-grp", obj{"GroupId": id}, obj{"GroupId": nobodysID})
			w.expect(want{c: {fail, fail}})
		}
	})
	w.row("and then may leave", func() {
		ana[0].must("change-admin", obj{"GroupId": id, "Member": cem.user.id})
		w.settle()
		w.forget()
		ana[1].must("leave-grp", obj{"GroupId": id})
		w.expect(all(got("group-left-success", obj{"Message": someText, "GroupId": id}), ana[0], ana[1]).
			and(all(got("user-left-grp", obj{"GroupId": id, "User": ana[0].user.id}), cem)))
	})
}

func TestDeleteGroup(t *testing.T) {
	t.Parallel()
	w, ana, ben, cem, zoe := crowd(t)
	id := w.group(ana[0], "Walks", "ben", "cem")

	w.row("nobody but the owner", func() {
		ben[0].refused("delete-grp", obj{"GroupId": id})
		w.refusedAlike(zoe, "delete-grp", obj{"GroupId": id}, obj{"GroupId": nobodysID})
		w.expect(want{})
	})
	w.row("delete-grp", func() {
		ana[1].must("delete-grp", obj{"GroupId": id})
		w.expect(all(got("delete-group-chat-creator", obj{"GroupId": id}), ana[0], ana[1]).
			and(all(got("delete-grp-success-receiver", obj{"GroupId": id}), ben[0], ben[1], cem)))
	})
	w.row("it is gone for everybody", func() {
		for _, c := range []*tab{ana[0], ben[0], cem} {
			w.refusedAlike(c, "fetch-group-chat", obj{"GroupId": id}, obj{"GroupId": nobodysID})
			w.refusedAlike(c, "delete-grp", obj{"GroupId": id}, obj{"GroupId": nobodysID})
		}
		w.expect(want{})
		lists := w.open("cem")
		if e := entryOf(lists, "group-chat-list", "GroupChatList", id); e != nil {
			w.t.Errorf("still in the list: %v", e)
		}
		lists.close()
	})
}

// entryOf is the entry of a chat in the list that a socket got when it connected, or
// nil if it is not there.
func entryOf(c *tab, event, key, chat string) any {
	c.t().Helper()
	for _, e := range c.events() {
		if e.event != event {
			continue
		}
		payload, _ := e.payload.(obj)
		entries, ok := payload[key].([]any)
		if !ok {
			c.t().Fatalf("%s: no list %s in %s", c, key, e)
		}
		for _, entry := range entries {
			if o, ok := entry.(obj); ok && o["_id"] == chat {
				return entry
			}
		}
	}
	return nil
}
