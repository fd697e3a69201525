package expresschat_test

import (
	"slices"
	"testing"
)

// knows is what a client believes of somebody's being online, by all that it was told.
func (c *client) knows(partner string) bool {
	online := false
	for _, e := range c.all() {
		switch e.name {
		case "personal-chat-list":
			for _, item := range e.arg["PersonalChatList"].([]any) {
				if item := item.(map[string]any); item["PartnerId"] == partner {
					online = item["Online"].(bool)
				}
			}
		case "presence":
			online = online || slices.Contains(e.arg["Users"].([]any), any(partner))
		case "presence-changed":
			if e.arg["User"] == partner {
				online = e.arg["Online"].(bool)
			}
		}
	}
	return online
}

// Whoever arrives while somebody comes or goes believes in the end what is.
func TestArrivingWhileAPartnerComesAndGoes(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("Ana"), w.person("Ben")
	a := w.enter("Ana", ana)
	chat := w.done(a.emit("create-personal-chat", object{"Receiver": ben.id}))["ChatId"]
	arriving := []*client{a}
	arriveUntil := func(online bool) {
		t.Helper()
		for a.knows(string(ben.id)) != online {
			c := w.connect(ana)
			c.first("presence")
			arriving = append(arriving, c)
			if len(arriving) > 20 { // far fewer than somebody may have
				_ = arriving[1].ws.CloseNow()
				arriving = slices.Delete(arriving, 1, 2)
			}
		}
		for range 5 {
			arriving = append(arriving, w.connect(ana))
		}
		for _, c := range arriving {
			c.first("presence")
		}
		w.settle()
		for i, c := range arriving {
			c.roundtrip()
			if c.knows(string(ben.id)) != online {
				t.Errorf("connection %d believes that online is %v", i, !online)
			}
		}
	}
	for range 2 {
		b := w.dial(ben)
		go b.join()
		arriveUntil(true)
		b.first("presence")
		_ = b.ws.CloseNow()
		arriveUntil(false)
	}
	for _, e := range a.all() {
		if e.name == "presence-changed" && (e.arg["User"] != string(ben.id) || e.arg["ChatId"] != chat) {
			t.Errorf("Ana heard %s", e.raw)
		}
	}
}
