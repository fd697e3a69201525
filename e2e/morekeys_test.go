package e2e

import "testing"

// What new clients lean on: wherever a message goes out it has a name, a place, a
// sender and a time, and wherever a chat is spoken of it has its id.
func TestMoreKeys(t *testing.T) {
	t.Parallel()
	w, ana, ben, _, _ := crowd(t)
	a := ana[0].user

	var chat, group any
	w.row("acks name what was created", func() {
		ack := ana[0].must("create-personal-chat", obj{"Receiver": ben[0].user.id, "Partner": "x", "UserName": "y"})
		chat = ana[0].await("create-personal-chat-creator")["ChatId"]
		check(w.t, "the ack of a chat", ack, obj{"ChatId": chat})
		ack = ana[0].must("create-group-chat", obj{"Name": "Walks", "Description": "", "Participants": w.ids("ben")})
		group = ana[0].await("create-group-chat-creator")["GroupId"]
		check(w.t, "the ack of a group", ack, obj{"GroupId": group})
		w.settle()
		w.forget()
	})
	message := func(ack obj) obj {
		return obj{"Id": ack["Id"], "Seq": ack["Seq"], "SenderId": a.id, "Timestamp": ack["Timestamp"]}
	}
	rows := []struct {
		name, send, receive, fetch, answer string
		chat                               any
	}{
		{"personal", "send-personal-message", "receive-personal-message", "fetch-personal-chat", "personal-chat", chat},
		{"group", "send-group-message", "receive-group-message", "fetch-group-chat", "group-chat", group},
		{"self", "send-self-message", "", "fetch-self-chat", "self-chat", a.id},
	}
	for _, r := range rows {
		w.row(r.name, func() {
			request := obj{"ChatId": r.chat, "GroupId": r.chat, "Content": "hi"}
			ack := ana[0].must(r.send, request)
			if r.receive != "" {
				check(w.t, r.receive, ben[0].await(r.receive), message(ack))
			}
			ana[0].must(r.fetch, request)
			payload := ana[0].await(r.answer)
			check(w.t, r.answer, payload, obj{"HasMore": false, "Messages": list{message(ack)}})
			if payload["ChatId"] != r.chat && payload["GroupId"] != r.chat {
				w.t.Errorf("%s does not say which chat it is: %v", r.answer, payload)
			}
			w.settle()
			w.forget()
		})
	}
}

// One tab less is one tab less, not somebody who went offline.
func TestClosingOneTabLeavesTheOther(t *testing.T) {
	t.Parallel()
	w, ana, ben, _ := personal(t)
	chat := w.personalChat(ana[0], "ben")
	ben[0].close()
	w.say(ana[0], "send-personal-message", chat, "are you there?")
	w.expect(want{
		ana[1]: {got("own-message", obj{"ChatId": chat})},
		ben[1]: {got("receive-personal-message", obj{"ChatId": chat, "Content": "are you there?"})},
	})
	w.open("ben")
	w.say(ben[1], "send-personal-message", chat, "I am")
	w.expect(all(got("receive-personal-message", obj{"Content": "I am"}), ana...).
		and(want{w.of("ben")[2]: {got("own-message", obj{"Content": "I am"})}}))
}
