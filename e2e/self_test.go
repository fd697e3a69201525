package e2e

import "testing"

func TestSelfChat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ana ana ben ben")
	ana := w.of("ana")
	me := ana[0].user

	w.row("fetch an empty one", func() {
		ana[0].must("fetch-self-chat", obj{})
		w.expect(want{ana[0]: {got("self-chat", obj{"Messages": list{}, "Name": me.name})}})
	})
	var first, second obj
	w.row("send", func() {
		first = ana[0].must("send-self-message", obj{"Content": "buy milk", "ClientId": "c1"})
		check(w.t, "the ack", first, obj{"success": true, "Id": domID, "Seq": someNumber, "Timestamp": isoTime})
		w.expect(want{ana[1]: {got("own-message", obj{
			"ChatId": me.id, "Kind": "self", "Id": first["Id"], "Seq": first["Seq"],
			"Content": "buy milk", "Timestamp": first["Timestamp"], "ClientId": "c1",
		})}})
	})
	w.row("send from the other tab, without an ack", func() {
		ana[1].tell("send-self-message", obj{"Content": "<b>buy</b> bread"})
		second = ana[0].await("own-message")
		w.expect(want{ana[0]: {got("own-message", obj{
			"ChatId": me.id, "Kind": "self", "Id": domID, "Seq": someNumber,
			"Content": "<b>buy</b> bread", "Timestamp": isoTime,
		})}})
	})
	w.row("fetch", func() {
		ana[1].must("fetch-self-chat", obj{})
		w.expect(want{ana[1]: {got("self-chat", obj{"Name": me.name, "Messages": list{
			obj{"_id": second["Id"], "Content": "<b>buy</b> bread", "Timestamp": second["Timestamp"]},
			obj{"_id": first["Id"], "Content": "buy milk", "Timestamp": first["Timestamp"]},
		}})}})
	})
	w.row("nobody else has it", func() {
		ben := w.of("ben")[0]
		ben.must("fetch-self-chat", obj{})
		w.expect(want{ben: {got("self-chat", obj{"Name": ben.user.name, "Messages": list{}})}})
	})
}
