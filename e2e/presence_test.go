package e2e

import "testing"

// Partners of personal chats hear who is there, through any door, and nobody else does.
func TestPresence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ana zoe")
	w.signUp("ben")
	w.registered("cem")
	ana, zoe := w.of("ana")[0], w.of("zoe")[0]
	news := func(who string, chat string, online bool) obj {
		return obj{"User": w.users[who].id, "ChatId": chat, "Online": online}
	}
	hears := func(c *tab, wanted obj) {
		t.Helper()
		if why := mismatch("", wanted, any(c.await("presence-changed"))); why != "" {
			t.Error(why)
		}
		c.forget()
	}

	ben := w.open("ben")
	chat, _ := ana.must("create-personal-chat", obj{"Receiver": w.users["ben"].id})["ChatId"].(string)
	hears(ana, news("ben", chat, true))
	hears(ben, news("ana", chat, true))

	second := w.open("ben")
	ben.close()
	second.close()
	hears(ana, news("ben", chat, false))
	back := w.openAs("ben", style{nodeNewest, websocketOnly, inCookies})
	hears(ana, news("ben", chat, true))
	all := back.events()
	check(t, "the list", all[1].payload, obj{"PersonalChatList": list{obj{"_id": chat, "Online": true}}})
	check(t, "who is there", all[3].payload, obj{"Users": list{ana.user.id}})

	room := w.single("cem", "ana", "hi")
	hears(ana, news("cem", room, false))
	cem := w.arrive("cem", appStyles()[0])
	hears(ana, news("cem", room, true))
	cem.close()
	hears(ana, news("cem", room, false))
	for _, e := range zoe.events() {
		if e.event == "presence-changed" {
			t.Errorf("a stranger heard %v", e)
		}
	}
}
