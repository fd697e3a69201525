package expresschat_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"testing"

	"expresschat/push"
	"expresschat/server/doortest"
)

// subscriptionOf is what a browser writes of its subscription (PushSubscription.toJSON), with
// more keys than are used. The endpoint is of somebody alone.
func subscriptionOf(p person, keys bool) string {
	key, _ := ecdh.P256().GenerateKey(rand.Reader) // fails for want of chance only
	s := map[string]any{"endpoint": "https://push.example.org/" + p.email, "expirationTime": nil}
	if keys {
		s["keys"] = map[string]string{
			"p256dh": base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()),
			"auth":   base64.RawURLEncoding.EncodeToString(make([]byte, 16)),
		}
	}
	text, _ := json.Marshal(s) // fails for no such values
	return string(text)
}

// subscribe has somebody's browser told of messages.
func (h *house) subscribe(p person, method string) response {
	h.Helper()
	return h.ask(request{method: method, path: "/push/subscription", kind: asJSON, body: subscriptionOf(p, true), cookies: [2]string{p.tokens.Access, p.tokens.Refresh}})
}

// told waits for what a browser is told.
func (h *house) told() doortest.Told {
	h.Helper()
	return h.push.Next(h)
}

// A browser that subscribed is told while its user has no page open, until they sign out or
// unsubscribe.
func TestABrowserIsToldWhileItsUserIsAway(t *testing.T) {
	h := newHouse(t)
	ana, ben, mia, zoe := h.person("Ana"), h.person("Ben"), h.person("Mia"), h.person("Zoe")
	key := h.ask(request{method: "GET", path: "/push/key"})
	var said struct {
		Success int
		Key     string
	}
	h.must(json.Unmarshal([]byte(key.text), &said))
	if said.Success != 1 || said.Key != h.push.Browsers.Key() {
		t.Errorf("the key is %s", key.text)
	}
	for _, p := range []person{ana, ben, mia, zoe} {
		if got := h.subscribe(p, "POST"); got.String() != "200:1" {
			t.Fatalf("subscribed: %s", got.text)
		}
	}
	h.connect(ben).roundtrip()
	c := h.connect(ana)
	made := h.done(c.emit("create-group-chat", object{"Name": "Tea", "Participants": []any{ben.id, mia.id, zoe.id}}))
	say := func(text string, to ...person) {
		t.Helper()
		h.done(c.emit("send-group-message", object{"GroupId": made["GroupId"], "Content": text}))
		told := map[string]int{}
		for range to { // who is told of a message is decided about all of them at once
			got := h.told()
			told[string(got.Device.User)]++
			if got.Device.Kind != push.Web || got.Notification.Title != "Tea" || got.Notification.Body != "Ana: "+text {
				t.Errorf("told %+v", got)
			}
		}
		for _, p := range to {
			if told[string(p.id)] != 1 {
				t.Errorf("%s: told were %v, and not %s once", text, told, p.name)
			}
		}
	}
	say("while Ben looks", mia, zoe)
	if got := h.subscribe(mia, "DELETE"); got.String() != "200:1" {
		t.Errorf("unsubscribed: %s", got.text)
	}
	say("without Mia", zoe)
	h.must(h.auth.SignOut(t.Context(), zoe.tokens))
	h.subscribe(mia, "POST")
	say("without Zoe", mia)
	if len(h.push.Told) > 0 {
		t.Errorf("%d were told more", len(h.push.Told))
	}
}

func TestSubscriptionsThatAreNone(t *testing.T) {
	h := newHouse(t)
	ana := h.person("Ana")
	for _, body := range []string{
		``, `{`, `[]`, `{"endpoint": 1}`, `{}`, `{"endpoint": "https://push.example.org/x"}`,
		`{"endpoint": "https://push.example.org/x", "keys": {"p256dh": "AAAA", "auth": "AAAA"}}`,
	} {
		for _, method := range []string{"POST", "DELETE"} {
			if body == `{"endpoint": "https://push.example.org/x"}` && method == "DELETE" || method == "DELETE" && len(body) > 60 {
				continue // enough to name one
			}
			got := h.ask(request{method: method, path: "/push/subscription", kind: asJSON, body: body, bearer: ana.tokens.Access})
			if got.String() != "400:-1" || got.oddity != "" {
				t.Errorf("%s %s: %s %s", method, body, got, got.text)
			}
		}
	}
}
