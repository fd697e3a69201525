package e2e

import "testing"

// personal is a world with Ana and Ben, who have two tabs each, and Zoe, who has
// nothing to do with them.
func personal(t *testing.T) (w *world, ana, ben []*tab, zoe *tab) {
	t.Helper()
	w = newWorld(t, "ana ana ben ben zoe")
	return w, w.of("ana"), w.of("ben"), w.of("zoe")[0]
}

func TestCreatePersonalChat(t *testing.T) {
	t.Parallel()
	w, ana, ben, _ := personal(t)
	a, b := ana[0].user, ben[0].user
	request := obj{"Receiver": b.id, "Partner": "Not " + b.name, "UserName": "Not " + a.name}
	var chat any

	w.row("check-chat before there is one", func() {
		ana[0].must("check-chat", obj{"Receiver": b.id})
		w.expect(want{ana[0]: {got("create-chat-result", obj{"Exists": 0, "Partner": b.name})}})
	})
	w.row("create-personal-chat", func() {
		ana[0].must("create-personal-chat", request)
		chat = ana[0].await("create-personal-chat-creator")["ChatId"]
		forBen := got("create-personal-chat-partner", obj{"ChatId": chat, "Partner": a.name})
		w.expect(want{
			ana[0]: {got("create-personal-chat-creator", obj{"ChatId": domID, "Partner": b.name})},
			ana[1]: {got("create-personal-chat-partner", obj{"ChatId": chat, "Partner": b.name})},
			ben[0]: {forBen},
			ben[1]: {forBen},
		})
	})
	exists := func(partner string) []received {
		return []received{got("create-chat-result", obj{"Exists": 1, "ChatId": chat, "Partner": partner})}
	}
	w.row("create it again", func() {
		ana[1].must("create-personal-chat", request)
		w.expect(want{ana[1]: exists(b.name)})
	})
	w.row("create it from the other side", func() {
		ben[1].must("create-personal-chat", obj{"Receiver": a.id, "Partner": "x", "UserName": "y"})
		w.expect(want{ben[1]: exists(a.name)})
	})
	w.row("check-chat once there is one", func() {
		ben[0].must("check-chat", obj{"Receiver": a.id})
		w.expect(want{ben[0]: exists(a.name)})
	})
	w.row("with oneself", func() {
		ana[0].refused("create-personal-chat", obj{"Receiver": a.id, "Partner": a.name, "UserName": a.name})
		w.expect(want{})
	})
	w.row("with nobody", func() {
		for _, id := range []any{nobodysID, "nobody", "", 7, nil} {
			ana[0].refused("create-personal-chat", obj{"Receiver": id, "Partner": "x", "UserName": "y"})
		}
		w.expect(want{})
	})
}

// nobodysID has the shape of an id that this server gives out.
const nobodysID = "01890a5d-ac96-774b-bcce-b302099a8057"

func TestBothCreateThePersonalChatAtOnce(t *testing.T) {
	t.Parallel()
	w, ana, ben, _ := personal(t)
	one := ana[0].start("create-personal-chat", obj{"Receiver": ben[0].user.id, "Partner": "x", "UserName": "y"})
	two := ben[0].start("create-personal-chat", obj{"Receiver": ana[0].user.id, "Partner": "x", "UserName": "y"})
	for _, p := range []pending{one, two} {
		if a, err := p.answer(); err != nil || a["success"] != true {
			t.Fatalf("create at once: %v %v", a, err)
		}
	}
	w.settle()
	ids := map[any]int{}
	for _, c := range []*tab{ana[0], ana[1], ben[0], ben[1]} {
		for _, e := range c.events() {
			if e.event == "create-personal-chat-creator" || e.event == "create-personal-chat-partner" || e.event == "create-chat-result" {
				ids[e.payload.(obj)["ChatId"]]++
			}
		}
	}
	if len(ids) != 1 {
		t.Errorf("two people have %d personal chats: %v", len(ids), ids)
	}
}

func TestPersonalMessages(t *testing.T) {
	t.Parallel()
	w, ana, ben, _ := personal(t)
	chat := w.personalChat(ana[0], "ben")
	a, b := ana[0].user, ben[0].user
	var first, second obj

	w.row("send", func() {
		first = ana[0].must("send-personal-message", obj{"ChatId": chat, "Content": "hi <b>Ben</b> 👋", "ClientId": "a1"})
		check(w.t, "the ack", first, obj{"success": true, "Id": domID, "Seq": someNumber, "Timestamp": isoTime})
		forBen := got("receive-personal-message", obj{
			"ChatId": chat, "Content": "hi <b>Ben</b> 👋", "Sender": a.name,
			"SenderId": a.id, "Id": first["Id"], "Seq": first["Seq"], "Timestamp": first["Timestamp"],
		})
		w.expect(want{
			ana[1]: {got("own-message", obj{
				"ChatId": chat, "Kind": "personal", "Id": first["Id"], "Seq": first["Seq"],
				"Content": "hi <b>Ben</b> 👋", "Timestamp": first["Timestamp"], "ClientId": "a1",
			})},
			ben[0]: {forBen},
			ben[1]: {forBen},
		})
	})
	w.row("answer", func() {
		second = ben[1].must("send-personal-message", obj{"ChatId": chat, "Content": "hi Ana", "ClientId": "b1"})
		forAna := got("receive-personal-message", obj{"ChatId": chat, "Content": "hi Ana", "Sender": b.name})
		w.expect(want{
			ana[0]: {forAna},
			ana[1]: {forAna},
			ben[0]: {got("own-message", obj{"ChatId": chat, "Kind": "personal", "Id": second["Id"], "ClientId": "b1"})},
		})
	})
	history := func(asker, other *user, anasStatus, bensStatus obj) received {
		return got("personal-chat", obj{
			"UserId": asker.id, "User": asker.name, "Partner": other.name,
			"Messages": list{
				obj{
					"_id": second["Id"], "Sender": b.id, "Content": "hi Ana", "Timestamp": second["Timestamp"],
					"ReadStatus": exact(bensStatus),
				},
				obj{
					"_id": first["Id"], "Sender": a.id, "Content": "hi <b>Ben</b> 👋", "Timestamp": first["Timestamp"],
					"ReadStatus": exact(anasStatus),
				},
			},
		})
	}
	w.row("fetch while nobody has read", func() {
		ben[0].must("fetch-personal-chat", obj{"ChatId": chat, "Partner": "Not " + a.name})
		w.expect(want{ben[0]: {history(b, a, obj{a.id: "Read", b.id: "Unread"}, obj{a.id: "Unread", b.id: "Read"})}})
	})
	w.row("read", func() {
		ben[0].must("read-personal-message", obj{"ChatId": chat})
		ack := got("read-personal-msg-ack", obj{"ChatId": chat})
		w.expect(want{
			ana[0]: {ack},
			ana[1]: {ack},
			ben[1]: {got("own-read", obj{"ChatId": chat, "Seq": second["Seq"]})},
		})
	})
	w.row("read again moves nothing", func() {
		ben[1].must("read-personal-message", obj{"ChatId": chat})
		w.expect(want{})
	})
	w.row("fetch once Ben has read", func() {
		ana[1].must("fetch-personal-chat", obj{"ChatId": chat, "Partner": b.name})
		w.expect(want{ana[1]: {history(a, b, obj{a.id: "Read", b.id: "Read"}, obj{a.id: "Unread", b.id: "Read"})}})
	})
}

func TestStrangersAndPersonalChats(t *testing.T) {
	t.Parallel()
	w, ana, _, zoe := personal(t)
	chat := w.personalChat(ana[0], "ben")
	w.say(ana[0], "send-personal-message", chat, "for Ben alone")
	w.settle()
	w.forget()
	requests := map[string]func(id string) obj{
		"fetch-personal-chat":   func(id string) obj { return obj{"ChatId": id, "Partner": "x"} },
		"send-personal-message": func(id string) obj { return obj{"ChatId": id, "Content": "let me in"} },
		"read-personal-message": func(id string) obj { return obj{"ChatId": id} },
	}
	for event, request := range requests {
		w.row(event, func() {
			w.refusedAlike(zoe, event, request(chat), request(nobodysID))
			w.expect(want{})
		})
		w.row(event+" without an ack", func() {
			zoe.tell(event, request(chat))
			zoe.await("chat-error")
			w.expect(want{zoe: {got("chat-error", obj{"event": event, "code": someText, "message": someText})}})
		})
	}
	w.row("nothing changed", func() {
		ana[0].must("fetch-personal-chat", obj{"ChatId": chat})
		check(w.t, "the chat", ana[0].await("personal-chat"), obj{"Messages": list{obj{"Content": "for Ben alone"}}})
	})
}

// refusedAlike checks that a stranger can't tell a chat of others from one that does
// not exist.
func (w *world) refusedAlike(by *tab, event string, others, nothing obj) {
	w.t.Helper()
	one, two := by.refused(event, others), by.refused(event, nothing)
	if one["code"] != two["code"] || one["message"] != two["message"] {
		w.t.Errorf("%s: a chat of others is answered with %v, no chat with %v", event, one, two)
	}
}
