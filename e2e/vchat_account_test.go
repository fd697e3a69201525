package e2e

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestVChatRegister(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	form := func(id string) obj {
		return obj{"name": "Ana", "email": id, "password": digest, "fcmToken": "Out", "platform": "IOS"}
	}
	id := addressOf(unique("ana"))

	var token string
	w.row("the token comes at once", func() {
		data := w.nobody().like(wireUser(obj{
			"name": "Ana", "email": id, "accessToken": someText, "imageThumb": "default_user_image.png",
		}), http.MethodPost, "user/register", form(id))
		token = data.(obj)["accessToken"].(string)
		api{w, token}.get("room?page=0")
	})
	w.row("an id is nobody's address", func() {
		phone := "+49 151 " + unique("")[1:]
		w.nobody().like(wireUser(obj{"email": phone}), http.MethodPost, "user/register", form(phone))
	})
	w.row("what an app sends before it has a token is of no matter", func() {
		for _, value := range []string{"Bearer xxx", ""} {
			other := addressOf(unique("ana"))
			set := header("Authorization", value)
			w.nobody().ok(http.MethodPost, "user/register", form(other), set)
			w.nobody().ok(http.MethodPost, "user/login", obj{"email": other, "password": digest}, set)
		}
	})
	w.row("in parts, and without a platform", func() {
		other := addressOf(unique("ana"))
		body, kind := parts(w.t, map[string]string{"name": "Ana", "email": other, "password": digest, "fcmToken": ""})
		w.nobody().like(wireUser(obj{"email": other}), http.MethodPost, "user/register", body, kind)
	})
	w.row("an id that is taken", func() {
		w.nobody().fails(http.StatusBadRequest, http.MethodPost, "user/register", form(id))
	})
	w.row("something is missing", func() {
		for _, key := range []string{"name", "email", "password"} {
			half := form(addressOf(unique("ana")))
			delete(half, key)
			w.nobody().fails(http.StatusBadRequest, http.MethodPost, "user/register", half)
		}
	})
	w.row("no JSON", func() {
		w.nobody().fails(http.StatusBadRequest, http.MethodPost, "user/register", `{"name":`)
	})
}

// parts is a multipart body.
func parts(t testing.TB, fields map[string]string) (string, change) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return body.String(), header("Content-Type", w.FormDataContentType())
}

func TestVChatLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.registered("ana")
	ana := w.users["ana"]
	w.row("log in", func() {
		data := w.nobody().like(wireUser(obj{
			"_id": ana.id, "name": ana.name, "email": ana.email, "accessToken": someText,
		}), http.MethodPost, "user/login", obj{"email": ana.email, "password": digest, "fcmToken": "you don't use firebase", "platform": "web"})
		if data.(obj)["accessToken"] == ana.access {
			w.t.Error("two sign-ins have one token")
		}
	})
	w.row("by the user id, as a form", func() {
		w.nobody().like(wireUser(obj{"_id": ana.id}), http.MethodPost, "user/login",
			url.Values{"email": {ana.id}, "password": {digest}})
	})
	w.row("refusals", func() {
		w.nobody().fails(http.StatusBadRequest, http.MethodPost, "user/login", obj{"email": ana.email, "password": "x"})
		w.nobody().fails(http.StatusNotFound, http.MethodPost, "user/login", obj{"email": "nobody", "password": digest})
		w.nobody().fails(http.StatusBadRequest, http.MethodPost, "user/login", obj{"email": ana.email})
		w.nobody().fails(http.StatusBadRequest, http.MethodPost, "user/login", obj{"password": digest})
	})
	w.row("ExpressChat does not let in who was never verified", func() {
		restOf(w.t, w.s).post("/login", obj{"email": ana.email, "password": digest}).says(w.t, http.StatusNotFound, -2)
	})
}

func TestVChatTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.registered("ana")
	token := w.users["ana"].access
	w.row("with Bearer, bare, and with a slash too many", func() {
		for _, value := range []string{"Bearer " + token, token} {
			w.nobody().ok(http.MethodGet, "room?page=0", nil, header("Authorization", value))
		}
		a := restOf(w.t, w.s).do(http.MethodGet, "//api/v1/room?page=0", nil, header("Authorization", token))
		if a.status != http.StatusOK {
			w.t.Errorf("//api/v1 answers %d: %s", a.status, a.short())
		}
	})
	w.row("bad ones", func() {
		for _, value := range []string{"", "xxx", "Bearer xxx", "Bearer", "Basic " + token, token + "x"} {
			for _, call := range []string{"GET room?page=0", "GET user?lastId=first", "PATCH user", "POST message/single"} {
				method, path, _ := strings.Cut(call, " ")
				w.nobody().fails(http.StatusUnauthorized, method, path, nil, header("Authorization", value))
			}
		}
	})
	w.row("an ExpressChat token does not do here, nor this one there", func() {
		w.signUp("ben")
		for _, token := range []string{w.users["ben"].access, w.users["ben"].refresh} {
			w.nobody().fails(http.StatusUnauthorized, http.MethodGet, "room?page=0", nil, header("Authorization", token))
		}
	})
	w.row("no such route", func() {
		w.as("ana").fails(http.StatusNotFound, http.MethodGet, "no/such/route", nil)
	})
}

func TestVChatProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.registered("ana", "ben")
	ana := w.users["ana"]
	name := unique("Anna")
	w.row("rename", func() {
		w.as("ana").like(wireUser(obj{"_id": ana.id, "name": name}), http.MethodPatch, "user", obj{"name": name})
		w.as("ana").like(wireUser(obj{"name": name}), http.MethodGet, "user/"+ana.id, nil)
		w.as("ben").like(wireUser(obj{"name": name, "accessToken": "", "email": ana.id}), http.MethodGet, "user/"+ana.id, nil)
	})
	w.row("what is of no matter here is taken", func() {
		w.as("ana").like(wireUser(obj{"name": name}), http.MethodPatch, "user",
			obj{"platform": "android", "fcmToken": "abc", "appLanguage": "de"})
	})
	w.row("no such user", func() {
		for _, id := range []string{nobodysID, "nobody"} {
			w.as("ana").fails(http.StatusNotFound, http.MethodGet, "user/"+id, nil)
		}
	})
	w.row("signing out answers and ends the session", func() {
		again := w.nobody().ok(http.MethodPost, "user/login", obj{"email": ana.email, "password": digest})
		other := api{w, again.(obj)["accessToken"].(string)}
		other.like(wireUser(nil), http.MethodPatch, "user", obj{"fcmToken": "Out"})
		other.fails(http.StatusUnauthorized, http.MethodGet, "room?page=0", nil)
		w.as("ana").get("room?page=0")
	})
}

func TestVChatSignOutEndsTheSockets(t *testing.T) {
	t.Parallel()
	inEveryApp(t, func(t *testing.T, how style) {
		w := newWorld(t, "")
		w.registered("ana", "ben")
		room := w.single("ana", "ben", "hi")
		home := w.arrive("ana", how)
		reader, _ := w.enter("ana", room, how)
		w.as("ana").like(wireUser(nil), http.MethodPatch, "user", obj{"fcmToken": "Out"})
		home.awaitKind(sawDisconnect)
		reader.awaitKind(sawDisconnect)
	})
}

func TestVChatUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.registered("ana", "ben", "cem")
	ben, cem := w.users["ben"], w.users["cem"]
	w.single("ana", "ben", "hi")

	w.row("all, 20 a page, to the end", func() {
		seen, last := map[any]obj{}, "first"
		for page := 0; ; page++ {
			users := w.as("ana").list("user?lastId=" + last)
			if len(users) == 0 {
				break
			}
			check(w.t, "a page", users, each{wireUser(obj{"accessToken": ""})})
			if len(users) > 20 || page > 500 {
				w.t.Fatalf("page %d has %d users", page, len(users))
			}
			for _, u := range users {
				u := u.(obj)
				if seen[u["_id"]] != nil {
					w.t.Fatalf("twice: %v", u)
				}
				seen[u["_id"]] = u
				last = u["_id"].(string)
			}
		}
		check(w.t, "who shares a chat", seen[ben.id], wireUser(obj{"name": ben.name, "email": ben.email}))
		check(w.t, "who does not", seen[cem.id], wireUser(obj{"name": cem.name, "email": cem.id}))
	})
	w.row("search", func() {
		find := func(query string) list {
			return w.as("ana").list("user/search?lastId=first&query=" + url.QueryEscape(query))
		}
		check(w.t, "by name", find(cem.name), list{wireUser(obj{"_id": cem.id, "email": cem.id, "accessToken": ""})})
		check(w.t, "who shares a chat", find(ben.name), list{wireUser(obj{"_id": ben.id, "email": ben.email})})
		check(w.t, "nobody", find(unique("nobody")), list{})
		if more := w.as("ana").list("user/search?lastId=" + ben.id + "&query=" + url.QueryEscape(ben.name)); len(more) != 0 {
			w.t.Errorf("after the last one: %v", more)
		}
	})
	w.row("search has pages", func() {
		family := unique("Family")
		for i := range 23 {
			w.nobody().ok(http.MethodPost, "user/register", obj{
				"name": fmt.Sprint(family, " ", i), "email": addressOf(unique("x")), "password": digest,
			})
		}
		path := "user/search?query=" + url.QueryEscape(family) + "&lastId="
		first := w.as("ana").list(path + "first")
		if len(first) != 20 {
			w.t.Fatalf("%d users on the first page, want 20", len(first))
		}
		second := w.as("ana").list(path + first[19].(obj)["_id"].(string))
		if len(second) != 3 {
			w.t.Errorf("%d users on the second page, want 3", len(second))
		}
	})
	w.row("the picture of those who have none", func() {
		a := w.nobody().do(http.MethodGet, "public/profile/default_user_image.png", nil, header("Range", "bytes=0-3"))
		if a.status != http.StatusPartialContent || a.body != "\x89PNG" {
			w.t.Errorf("status %d, %q", a.status, a.short())
		}
	})
}
