package e2e

import "testing"

// Others in a room see who is about to say something, whatever door they came through.
func TestTyping(t *testing.T) {
	t.Parallel()
	inEveryApp(t, func(t *testing.T, how style) {
		m := newMixed(t, how)
		m.signUp("zoe")
		zoe := m.open("zoe")
		other := m.open("ana")
		chat, group := m.personalChat(m.ana, "ben"), m.group(m.ana, "Walks", "ben", "cem")
		room := m.single("cem", "ana", "hi")
		m.next()
		typing := func(who, status, chat string) obj {
			return obj{"ChatId": chat, "User": m.users[who].id, "Name": m.users[who].name, "Status": status}
		}

		m.row("of two", func() {
			for _, status := range []string{"typing", "recording", "stop"} {
				m.ana.must("typing", obj{"ChatId": chat, "Status": status})
				m.expect(want{m.ben: {got("user-typing", typing("ana", status, chat))}})
			}
		})
		m.row("in a group", func() {
			m.ben.must("typing", obj{"GroupId": group, "Status": "typing"})
			news := typing("ben", "typing", group)
			news["GroupId"] = group
			m.expect(all(got("user-typing", news), m.ana, other))
			m.cem.hears("user_typing_changed", exact{"status": "typing", "name": m.ben.user.name, "roomId": group})
		})
		m.row("on an app", func() {
			m.cem.tell("typing_changed", obj{"status": "recording", "roomId": room})
			for _, c := range []*tab{m.ana, other} {
				check(t, "typing", c.await("user-typing"), typing("cem", "recording", room))
			}
			m.next()
		})
		m.row("not at all", func() {
			m.ana.must("typing", obj{"ChatId": m.ana.user.id, "Status": "typing"})
			for _, bad := range []obj{{"ChatId": chat}, {"ChatId": chat, "Status": "asleep"}, {"Status": "typing"}} {
				check(t, "a refusal", m.ana.refused("typing", bad), obj{"code": "bad-input"})
			}
			for _, id := range []string{chat, group, nobodysID} {
				check(t, "a refusal", zoe.refused("typing", obj{"ChatId": id, "Status": "typing"}), obj{"code": "no-such-chat"})
			}
			m.expect(want{})
		})
	})
}
