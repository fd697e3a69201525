package vchat_test

import (
	"net/http"
	"strings"
	"testing"

	"expresschat/auth"
)

// A deleted user is in the rooms that there were, and nowhere else.
func TestADeletedUser(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.pagePerson("Ben")
	room := h.single(ana, ben, "hello").text("_id")
	_, token, err := h.auth.SignInLong(t.Context(), ben.email, "open-sesame")
	h.must(err)
	ben.token = token
	app := h.app(ben, 4)
	h.settle()
	h.must(h.auth.DeleteAccount(t.Context(), auth.Identity{User: auth.User{ID: ben.id}}, "open-sesame"))
	app.await(func() bool { return app.closed })
	<-h.departed

	if got := h.call(ben, "GET", "room", nil); got.status != http.StatusUnauthorized {
		t.Errorf("the token is good for %d", got.status)
	}
	if got := h.call(ana, "GET", "user/"+string(ben.id), nil); got.status != http.StatusNotFound {
		t.Errorf("the user is %d %s", got.status, got.data)
	}
	if got := h.call(ana, "POST", "room/single", m{"peerEmail": ben.email, "message": "x"}); got.status != http.StatusNotFound {
		t.Errorf("a message to the address: %d %s", got.status, got.data)
	}
	for what, list := range map[string]string{"searched": "user/search?query=e", "listed": "user"} {
		if got := h.call(ana, "GET", list, nil); strings.Contains(got.data, string(ben.id)) {
			t.Errorf("%s: %d %s", what, got.status, got.data)
		}
	}
	rooms := h.done(ana, "GET", "room", nil)
	if !strings.Contains(rooms, auth.DeletedName) || !strings.Contains(rooms, room) {
		t.Errorf("the rooms are %s", rooms)
	}
}
