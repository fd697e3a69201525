package e2e

import "testing"

// What is said in a group, and done to it, is for its members.
func TestStrangersAndGroups(t *testing.T) {
	t.Parallel()
	w, ana, _, cem, zoe := crowd(t)
	id := w.group(ana[0], "Walks", "ben", "cem")
	requests := map[string]func(id string) obj{
		"fetch-group-chat":   func(id string) obj { return obj{"GroupId": id} },
		"send-group-message": func(id string) obj { return obj{"GroupId": id, "Content": "let me in"} },
		"read-group-message": func(id string) obj { return obj{"GroupId": id} },
		"kickout":            func(id string) obj { return obj{"GroupId": id, "Member": cem.user.id} },
		"change-admin":       func(id string) obj { return obj{"GroupId": id, "Member": zoe.user.id} },
		"delete-grp":         func(id string) obj { return obj{"GroupId": id} },
	}
	for event, request := range requests {
		w.row(event, func() {
			w.refusedAlike(zoe, event, request(id), request(nobodysID))
			w.expect(want{})
		})
		w.row(event+" without an ack", func() {
			zoe.tell(event, request(id))
			zoe.await("chat-error")
			w.expect(want{zoe: {got("chat-error", obj{"event": event, "code": someText, "message": someText})}})
		})
	}
	w.row("nothing changed", func() {
		cem.must("fetch-group-chat", obj{"GroupId": id})
		check(w.t, "the group", cem.await("group-chat"), obj{"Admin": ana[0].user.id, "Messages": list{}})
	})
}

// A chat of one kind is no chat of another: the events of personal chats do not reach
// into groups, nor the other way round, nor either into a self chat.
func TestEventsKeepToTheirKind(t *testing.T) {
	t.Parallel()
	w, ana, _, _, zoe := crowd(t)
	group := w.group(ana[0], "Walks", "ben")
	chat := w.personalChat(ana[0], "ben")
	self := ana[0].user.id
	tests := map[string]obj{
		"send-personal-message": {"ChatId": group, "Content": "x"},
		"fetch-personal-chat":   {"ChatId": group, "Partner": "x"},
		"send-group-message":    {"GroupId": chat, "Content": "x"},
		"fetch-group-chat":      {"GroupId": chat},
		"add-member":            {"GroupId": chat, "Member": zoe.user.id},
		"leave-grp":             {"GroupId": chat},
		"delete-grp":            {"GroupId": self},
		"kickout":               {"GroupId": chat, "Member": w.users["ben"].id},
	}
	failEvents := map[string]string{"add-member": "add-member-fail", "leave-grp": "group-left-fail"}
	for event, request := range tests {
		w.row(event, func() {
			ana[0].refused(event, request)
			what := want{}
			if fail, ok := failEvents[event]; ok {
				what[ana[0]] = []received{got(fail, obj{"Message": someText})}
			}
			w.expect(what)
		})
	}
}

// A payload of another shape than expected must not hurt anybody, least of all the
// server: it is refused, and the socket that sent it lives on.
func TestPayloadsOfOtherShapes(t *testing.T) {
	t.Parallel()
	w, ana, _, _, _ := crowd(t)
	id := w.group(ana[0], "Walks", "ben", "cem")
	chat := w.personalChat(ana[0], "ben")
	events := []string{
		"check-chat", "create-personal-chat", "fetch-personal-chat", "send-personal-message", "read-personal-message",
		"send-self-message", "create-group-chat", "fetch-group-chat", "send-group-message", "read-group-message",
		"kickout", "change-admin", "delete-grp",
	}
	payloads := map[string][]any{
		"nothing":          {},
		"null":             {nil},
		"a text":           {"text"},
		"a number":         {17},
		"a list":           {list{1, 2}},
		"an empty object":  {obj{}},
		"numbers for text": {obj{"ChatId": 1, "GroupId": 2, "Content": 3, "Receiver": 4, "Member": 5, "Name": 6, "Participants": 7}},
		"objects for text": {obj{
			"ChatId": obj{}, "GroupId": obj{"$ne": 1}, "Content": obj{}, "Receiver": list{}, "Member": obj{},
			"Name": list{}, "Participants": obj{},
		}},
	}
	for name, payload := range payloads {
		w.row(name, func() {
			for _, event := range events {
				ana[0].refused(event, payload...)
			}
			w.expect(want{})
		})
	}
	w.row("texts that are too long or empty", func() {
		for _, content := range []any{"", nil, longText(20 << 10)} {
			ana[0].refused("send-personal-message", obj{"ChatId": chat, "Content": content})
			ana[0].refused("send-group-message", obj{"GroupId": id, "Content": content})
			ana[0].refused("send-self-message", obj{"Content": content})
		}
		w.expect(want{})
	})
}

// longText is n letters.
func longText(n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = "abcdefghij"[i%10]
	}
	return string(text)
}
