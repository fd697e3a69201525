package e2e

import "testing"

// crowd is a world with Ana and Ben, who have two tabs each, Cem, and Zoe, who has
// nothing to do with them.
func crowd(t *testing.T) (w *world, ana, ben []*tab, cem, zoe *tab) {
	t.Helper()
	w = newWorld(t, "ana ana ben ben cem zoe")
	return w, w.of("ana"), w.of("ben"), w.of("cem")[0], w.of("zoe")[0]
}

// all is the same event for each of some tabs.
func all(r received, tabs ...*tab) want {
	what := want{}
	for _, c := range tabs {
		what[c] = []received{r}
	}
	return what
}

// and adds what others are expected to receive.
func (what want) and(more want) want {
	for c, events := range more {
		what[c] = append(what[c], events...)
	}
	return what
}

func TestCreateGroup(t *testing.T) {
	t.Parallel()
	w, ana, ben, cem, _ := crowd(t)

	w.row("create-group-chat", func() {
		ack := ana[0].must("create-group-chat", obj{
			"Name": "Walks", "Description": "On Sundays", "Participants": w.ids("ben", "cem"),
		})
		id := ana[0].await("create-group-chat-creator")["GroupId"]
		check(w.t, "the ack", ack, obj{"success": true})
		payload := obj{"GroupId": id, "Name": "Walks"}
		w.expect(want{ana[0]: {got("create-group-chat-creator", obj{"GroupId": domID, "Name": "Walks"})}}.
			and(all(got("create-group-chat-receiver", payload), ana[1], ben[0], ben[1], cem)))

		ana[0].must("fetch-group-chat", obj{"GroupId": id})
		w.expect(want{ana[0]: {got("group-chat", obj{
			"Admin": ana[0].user.id, "Name": "Walks", "Description": "On Sundays", "Messages": list{},
			"Participants": exact{
				ana[0].user.id: ana[0].user.name, ben[0].user.id: ben[0].user.name, cem.user.id: cem.user.name,
			},
		})}})
	})
	w.row("oneself and repeats are dropped", func() {
		ana[1].must("create-group-chat", obj{
			"Name": "Twice", "Description": "", "Participants": w.ids("ben", "ana", "ben"),
		})
		id := ana[1].await("create-group-chat-creator")["GroupId"]
		payload := obj{"GroupId": id, "Name": "Twice"}
		w.expect(want{ana[1]: {got("create-group-chat-creator", payload)}}.
			and(all(got("create-group-chat-receiver", payload), ana[0], ben[0], ben[1])))
		ben[0].must("fetch-group-chat", obj{"GroupId": id})
		w.expect(want{ben[0]: {got("group-chat", obj{
			"Description": "", "Participants": exact{ana[0].user.id: ana[0].user.name, ben[0].user.id: ben[0].user.name},
		})}})
	})
	w.row("nobody but oneself", func() {
		ana[0].must("create-group-chat", obj{"Name": "Alone", "Description": "", "Participants": list{}})
		id := ana[0].await("create-group-chat-creator")["GroupId"]
		payload := obj{"GroupId": id, "Name": "Alone"}
		w.expect(want{
			ana[0]: {got("create-group-chat-creator", payload)},
			ana[1]: {got("create-group-chat-receiver", payload)},
		})
	})
	w.row("an unknown id makes no group", func() {
		for _, id := range []any{nobodysID, "nobody", "", 7} {
			ana[0].refused("create-group-chat", obj{
				"Name": "Ghosts", "Description": "", "Participants": list{ben[0].user.id, id},
			})
		}
		w.expect(want{})
	})
}

func TestGroupMessages(t *testing.T) {
	t.Parallel()
	w, ana, ben, cem, _ := crowd(t)
	id := w.group(ana[0], "Walks", "ben", "cem")
	a, b := ana[0].user, ben[0].user
	var first, second obj

	w.row("send", func() {
		first = ana[0].must("send-group-message", obj{"GroupId": id, "Content": "who comes?", "ClientId": "a1"})
		check(w.t, "the ack", first, obj{"success": true, "Id": domID, "Seq": someNumber, "Timestamp": isoTime})
		forOthers := got("receive-group-message", obj{
			"ChatId": id, "Sender": a.name, "Content": "who comes?",
			"SenderId": a.id, "Id": first["Id"], "Seq": first["Seq"], "Timestamp": first["Timestamp"],
		})
		w.expect(want{ana[1]: {got("own-message", obj{
			"ChatId": id, "Kind": "group", "Id": first["Id"], "Seq": first["Seq"],
			"Content": "who comes?", "Timestamp": first["Timestamp"], "ClientId": "a1",
		})}}.and(all(forOthers, ben[0], ben[1], cem)))
	})
	w.row("answer", func() {
		second = ben[0].must("send-group-message", obj{"GroupId": id, "Content": "I do"})
		forOthers := got("receive-group-message", obj{"ChatId": id, "Sender": b.name, "Content": "I do"})
		w.expect(want{ben[1]: {got("own-message", obj{"ChatId": id, "Kind": "group", "Content": "I do"})}}.
			and(all(forOthers, ana[0], ana[1], cem)))
	})
	w.row("read", func() {
		ben[0].must("read-group-message", obj{"GroupId": id})
		w.expect(want{ben[1]: {got("own-read", obj{"ChatId": id, "Seq": second["Seq"]})}}.
			and(all(got("read-grp-msg-ack", obj{"Reader": b.id, "ChatId": id}), ana[0], ana[1], cem)))
	})
	w.row("read again moves nothing", func() {
		ben[1].must("read-group-message", obj{"GroupId": id})
		w.expect(want{})
	})
	w.row("fetch", func() {
		cem.must("fetch-group-chat", obj{"GroupId": id})
		status := func(ana, ben, cem string) exact {
			return exact{w.users["ana"].id: ana, w.users["ben"].id: ben, w.users["cem"].id: cem}
		}
		w.expect(want{cem: {got("group-chat", obj{
			"Name": "Walks", "Description": "what we do", "Messages": list{
				obj{
					"Id": second["Id"], "Sender": b.name, "Content": "I do", "Timestamp": second["Timestamp"],
					"ReadStatus": status("Unread", "Read", "Unread"),
				},
				obj{
					"Id": first["Id"], "Sender": a.name, "Content": "who comes?", "Timestamp": first["Timestamp"],
					"ReadStatus": status("Read", "Read", "Unread"),
				},
			},
		})}})
	})
}
