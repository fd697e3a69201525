package e2e

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// Who may register is the operator's to say.
func TestVChatSignupIsTheOperators(t *testing.T) {
	t.Parallel()
	start := func(t *testing.T, setting string) *world {
		t.Helper()
		s, err := startServer(shared.binary, filepath.Join(shared.dir, "vchat-"+setting),
			"CHAT_LIMITS=off", "CHAT_VCHAT_SIGNUP="+setting)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.stop(); err != nil {
				t.Error(err)
			}
		})
		return newWorldOn(t, s, "")
	}
	form := func(id string) obj { return obj{"name": "Ana", "email": id, "password": digest} }
	t.Run("off", func(t *testing.T) {
		t.Parallel()
		w := start(t, "off")
		a := w.nobody().do(http.MethodPost, "user/register", form("ana"))
		if a.status != http.StatusForbidden || !strings.Contains(a.body, "CHAT_VCHAT_SIGNUP") {
			t.Errorf("status %d: %s", a.status, a.short())
		}
		w.nobody().fails(http.StatusForbidden, http.MethodPost, "user/register", form("ana"))
	})
	t.Run("verified", func(t *testing.T) {
		t.Parallel()
		w := start(t, "verified")
		id := addressOf(unique("ana"))
		w.nobody().fails(http.StatusBadRequest, http.MethodPost, "user/register", form("no address"))
		w.nobody().fails(http.StatusForbidden, http.MethodPost, "user/register", form(id))
		w.nobody().fails(http.StatusForbidden, http.MethodPost, "user/login", obj{"email": id, "password": digest})
		mail, err := w.s.awaitLetter(t.Context(), id, 1)
		if err != nil {
			t.Fatal(err)
		}
		link, err := mail.link()
		if err != nil {
			t.Fatal(err)
		}
		restOf(t, w.s).get(link, asBrowser()).isPage(t, http.StatusOK)
		w.nobody().like(wireUser(obj{"email": id, "accessToken": someText}), http.MethodPost, "user/login", obj{"email": id, "password": digest})
	})
}

// An address belongs to who verifies it, whoever called themself by it before.
func TestVChatAnUnverifiedIDYields(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.registered("eve", "ben")
	eve := w.users["eve"]
	room := w.single("eve", "ben", "hi")
	owner, err := signUpAs(t.Context(), w.s, eve.name) // whose address is made of the name
	if err != nil {
		t.Fatal(err)
	}
	w.users["owner"] = owner
	page := w.open("owner")

	w.row("they are two", func() {
		if owner.id == eve.id || owner.email != eve.email {
			w.t.Fatalf("%+v and %+v", owner, eve)
		}
		check(w.t, "the owner's chats", page.must("fetch-user-details", obj{}), obj{"success": true})
		w.as("ben").like(nil, http.MethodPost, "room/check-if-there-room", obj{"peerEmail": owner.email})
	})
	w.row("the earlier one keeps its chats under its id", func() {
		w.as("eve").like(list{wireRoom(obj{"_id": room})}, http.MethodGet, "room?page=0", nil)
		w.nobody().like(wireUser(obj{"_id": eve.id, "email": eve.id}), http.MethodPost, "user/login", obj{"email": eve.id, "password": digest})
		w.nobody().fails(http.StatusBadRequest, http.MethodPost, "user/login", obj{"email": eve.email, "password": digest})
		w.as("ben").like(list{wireRoom(obj{"_id": room, "peerId": eve.id, "peerEmail": eve.id})}, http.MethodGet, "room?page=0", nil)
	})
	w.row("the verified one signs in here, too, with their own password", func() {
		data := w.nobody().like(wireUser(obj{"_id": owner.id, "email": owner.email}), http.MethodPost, "user/login",
			obj{"email": owner.email, "password": password})
		token, _ := data.(obj)["accessToken"].(string)
		check(w.t, "their rooms", api{w, token}.list("room?page=0"), list{})
	})
	w.row("and can't be registered over", func() {
		w.nobody().fails(http.StatusBadRequest, http.MethodPost, "user/register", obj{"name": "Eve", "email": owner.email, "password": digest})
	})
}

func TestVChatTooLarge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.registered("ana", "ben")
	room := w.single("ana", "ben", "hi")
	w.as("ana").fails(http.StatusRequestEntityTooLarge, http.MethodPost, "message/single",
		obj{"type": "text", "roomId": room, "content": strings.Repeat("x", 1<<20)})
	w.as("ana").fails(http.StatusBadRequest, http.MethodPost, "message/single",
		obj{"type": "text", "roomId": room, "content": strings.Repeat("x", 16<<10+1)})
	w.write("ana", "single", room, strings.Repeat("x", 16<<10))
}
