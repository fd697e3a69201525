package e2e

import "testing"

// Every client has to come through the same first conversation, however it connects.
// It is played as existing pages play it: no acks, only events.
func TestEveryClientInEveryStyle(t *testing.T) {
	t.Parallel()
	for _, how := range styles() {
		t.Run(how.String(), func(t *testing.T) {
			t.Parallel()
			firstConversation(t, how)
		})
	}
}

func firstConversation(t *testing.T, how style) {
	t.Helper()
	w := newWorld(t, "")
	w.signUp("ana", "ben")
	ana, ben := w.openAs("ana", how), w.openAs("ben", how)

	ana.tell("create-personal-chat", obj{
		"Receiver": ben.user.id, "Partner": ben.user.name, "UserName": ana.user.name,
	})
	chat, _ := ana.await("create-personal-chat-creator")["ChatId"].(string)
	ben.await("create-personal-chat-partner")

	ana.tell("send-personal-message", obj{"ChatId": chat, "Content": "over what we began with"})
	received := ben.await("receive-personal-message")
	check(t, "the first message", received,
		obj{"ChatId": chat, "Content": "over what we began with", "Sender": ana.user.name})
	if how.transport == pollingFirst {
		for _, c := range []*tab{ana, ben} {
			if s := c.upgraded(); s.Text != "websocket" {
				t.Errorf("%s upgraded to %q", c, s.Text)
			}
		}
	}
	ben.tell("read-personal-message", obj{"ChatId": chat})
	check(t, "the read ack", ana.await("read-personal-msg-ack"), obj{"ChatId": chat})
	w.forget()

	ben.tell("send-personal-message", obj{"ChatId": chat, "Content": "over what we ended with"})
	received = ana.await("receive-personal-message")
	check(t, "the second message", received,
		obj{"ChatId": chat, "Content": "over what we ended with", "Sender": ben.user.name})
	ana.tell("fetch-personal-chat", obj{"ChatId": chat, "Partner": ben.user.name})
	check(t, "the history", ana.await("personal-chat"), obj{
		"UserId": ana.user.id, "User": ana.user.name, "Partner": ben.user.name,
		"Messages": list{
			obj{"Content": "over what we ended with", "Sender": ben.user.id},
			obj{"Content": "over what we began with", "Sender": ana.user.id},
		},
	})
	answer := ana.must("fetch-user-details", obj{})
	check(t, "an ack", answer, obj{"success": true})
}

// check compares one payload with what is wanted of it.
func check(t testing.TB, what string, payload, wanted any) {
	t.Helper()
	if why := mismatch("", wanted, payload); why != "" {
		t.Errorf("%s: %s", what, why)
	}
}

// upgraded waits until the socket has left polling; it may have done so before it was
// connected, as far as its log is concerned.
func (c *tab) upgraded() signal {
	c.t().Helper()
	s, err := c.find("an upgrade", func(log []signal) int {
		return indexFrom(log, 0, func(s signal) bool { return s.Kind == sawUpgrade })
	})
	if err != nil {
		c.t().Fatal(err)
	}
	return s
}
