package expresschat_test

import (
	"net/http"
	"testing"

	"expresschat/auth"
)

// Whoever deletes their account is gone from everywhere, and what they said is a deleted
// user's.
func TestADeletedAccount(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("Ana"), w.person("Ben")
	a, b := w.enter("Ana", ana), w.enter("Ben", ben)
	phone := w.connect(person{tokens: w.signIn(ana)})
	phone.roundtrip()
	personal := w.done(a.emit("create-personal-chat", object{"Receiver": ben.id}))["ChatId"].(string)
	group := w.done(a.emit("create-group-chat", object{"Name": "group", "Participants": []any{ben.id}}))["GroupId"].(string)
	w.done(a.emit("send-personal-message", object{"ChatId": personal, "Content": "between us"}))
	w.done(a.emit("send-self-message", object{"Content": "a note"}))
	w.forget()

	w.expect("200:1", "the password", request{
		method: http.MethodDelete, path: "/ACCOUNT", kind: asJSON, body: `{"password":"open-sesame"}`, bearer: ana.tokens.Access,
	})
	for _, c := range []*client{a, phone} {
		c.ended()
		if all := c.all(); all[len(all)-1].name != "auth-failure" || !c.sentAway() {
			t.Errorf("a socket was told %v", all)
		}
	}
	if gone := <-w.departed; gone != ana.id {
		t.Errorf("%s is gone", gone)
	}
	delete(w.sockets, "Ana")
	heard := map[string]event{}
	for _, e := range w.news()["Ben"] {
		heard[e.name] = e
	}
	for _, name := range []string{"name-changed", "change-admin-success-receiver", "user-left-grp", "block-changed"} {
		if _, told := heard[name]; !told {
			t.Errorf("Ben heard no %s, but %v", name, heard)
		}
	}
	if got := heard["name-changed"].arg["Name"]; got != auth.DeletedName {
		t.Errorf("the name is %v", got)
	}
	if got := b.emit("send-personal-message", object{"ChatId": personal, "Content": "still there?"})(); got["code"] != "blocked" {
		t.Errorf("what is said to nobody: %v", got)
	}
	if got := b.emit("add-member", object{"GroupId": group, "Member": ana.id})(); got["code"] != "no-such-user" {
		t.Errorf("added again: %v", got)
	}
	var notes int
	w.must(w.db.QueryRow(t.Context(), `SELECT count(*) FROM messages WHERE room_id = $1`, ana.id).Scan(&notes))
	if notes > 0 {
		t.Errorf("%d notes are left", notes)
	}
	w.expect("404:0", "signing in", posting("/login", `{"email":"`+ana.email+`","password":"open-sesame"}`))
	w.expect("200:1", "signing up again", posting("/signup", `{"name":"Ana","email":"`+ana.email+`","password":"correct horse"}`))
}

// Who has somebody's open session can't guess their password by deleting, and whoever floods
// the sign-in does not keep the owner from it.
func TestGuessesByDeletingAreLimited(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("Ana"), w.person("Ben")
	deletion := func(p person, password string) request {
		return request{method: http.MethodDelete, path: "/account", kind: asJSON, body: `{"password":"` + password + `"}`, bearer: p.tokens.Access}
	}
	for range 10 {
		w.expect("200:0", "a guess", deletion(ana, "passwort"))
		w.expect("200:0", "a guess", posting("/login", `{"email":"`+ben.email+`","password":"passwort"}`))
	}
	w.expect("429:-1", "one too many", deletion(ana, "open-sesame"))
	w.expect("429:-1", "signing in", posting("/login", `{"email":"`+ben.email+`","password":"open-sesame"}`))
	w.expect("200:1", "the owner", deletion(ben, "open-sesame"))
	<-w.departed
}
