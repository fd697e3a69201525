package e2e

import (
	"testing"
	"time"
)

func TestWhatANewConnectionIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ana ben cem")
	ana, ben, cem := w.of("ana")[0], w.of("ben")[0], w.of("cem")[0]

	w.row("somebody new has nothing but a name", func() {
		events := ana.events()
		if why := inOrder(events, "user-id", "personal-chat-list", "group-chat-list", "presence"); why != "" {
			w.t.Fatal(why)
		}
		for i, payload := range []obj{
			{"userId": domID, "userName": ana.user.name}, {"PersonalChatList": list{}}, {"GroupChatList": list{}},
		} {
			check(w.t, events[i].event, events[i].payload, payload)
		}
	})

	withBen := w.personalChat(ana, "ben")
	withCem := w.personalChat(cem, "ana")
	walks := w.group(ben, "Walks", "ana")
	songs := w.group(ana, "Songs", "cem")
	w.say(cem, "send-personal-message", withCem, "one")
	w.say(ben, "send-personal-message", withBen, "two")
	w.say(ben, "send-personal-message", withBen, "three")
	w.say(cem, "send-group-message", songs, "la")
	w.say(ben, "send-group-message", walks, "go")
	w.say(ana, "send-group-message", walks, "mine is not unread to me")
	w.settle()

	for _, how := range []style{
		{node4, pollingFirst, inQuery},
		{nodeNewest, websocketOnly, inCookies},
		{goNewest, pollingFirst, inAuth},
		{node2, websocketOnly, inQuery},
		{node3, pollingOnly, inAuth},
		{python, pollingOnly, inCookies},
	} {
		w.row("lists, newest first/"+how.String(), func() {
			c := w.openAs("ana", how)
			events := c.events()
			if why := inOrder(events, "user-id", "personal-chat-list", "group-chat-list", "presence"); why != "" {
				w.t.Fatal(why)
			}
			check(w.t, "personal", events[1].payload, obj{"PersonalChatList": list{
				obj{"_id": withBen, "Partner": ben.user.name, "Unread": 2, "LastChat": isoTime},
				obj{"_id": withCem, "Partner": cem.user.name, "Unread": 1, "LastChat": isoTime},
			}})
			check(w.t, "groups", events[2].payload, obj{"GroupChatList": list{
				obj{"_id": walks, "Name": "Walks", "Unread": 1, "LastChat": isoTime},
				obj{"_id": songs, "Name": "Songs", "Unread": 1, "LastChat": isoTime},
			}})
			fallingTimes(w.t, events[1].payload, "PersonalChatList")
			fallingTimes(w.t, events[2].payload, "GroupChatList")
		})
	}
	w.row("after reading, and after newer messages", func() {
		ana.must("read-personal-message", obj{"ChatId": withBen})
		ana.must("read-group-message", obj{"GroupId": songs})
		w.say(cem, "send-personal-message", withCem, "four")
		w.say(cem, "send-group-message", songs, "la la")
		events := w.open("ana").events()
		check(w.t, "personal", events[1].payload, obj{"PersonalChatList": list{
			obj{"_id": withCem, "Unread": 2}, obj{"_id": withBen, "Unread": 0},
		}})
		check(w.t, "groups", events[2].payload, obj{"GroupChatList": list{
			obj{"_id": songs, "Unread": 1}, obj{"_id": walks, "Unread": 1},
		}})
	})
}

// fallingTimes checks that a list is sorted by LastChat, newest first.
func fallingTimes(t testing.TB, payload any, key string) {
	t.Helper()
	entries, _ := payload.(obj)[key].([]any)
	var last time.Time
	for i, e := range entries {
		text, _ := e.(obj)["LastChat"].(string)
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Errorf("%s[%d]: LastChat: %v", key, i, err)
		}
		if i > 0 && at.After(last) {
			t.Errorf("%s[%d] is newer than the entry above it", key, i)
		}
		last = at
	}
}

// Ids become DOM ids, so no two things on a page may share one.
func TestIdsAreUniqueAcrossKinds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ana ben")
	ana, ben := w.of("ana")[0], w.of("ben")[0]
	ids := []any{ana.user.id, ben.user.id, w.personalChat(ana, "ben"), w.group(ana, "A", "ben"), w.group(ana, "A", "ben")}
	seen := map[any]bool{}
	for _, id := range ids {
		check(t, "an id", id, domID)
		if seen[id] {
			t.Errorf("%v is the id of two things: %v", id, ids)
		}
		seen[id] = true
	}
}
