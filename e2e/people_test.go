package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestUserDetails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ana ana ben")
	ana := w.of("ana")
	ana[0].must("fetch-user-details", obj{})
	w.expect(want{ana[0]: {got("user-details", obj{
		"Name": ana[0].user.name, "Email": ana[0].user.email, "Id": ana[0].user.id,
	})}})
}

func TestSearch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ana ana ben zoe")
	ana, ben := w.of("ana"), w.users["ben"]
	piece := ben.name[2 : len(ben.name)-1]
	found := func(email string) list {
		return list{obj{"_id": ben.id, "Name": ben.name, "Email": email}}
	}

	w.row("a substring in any case, and no address for strangers", func() {
		ana[0].must("search-user", obj{"Name": strings.ToUpper(piece), "Type": "Search"})
		w.expect(want{ana[0]: {got("searched-user", obj{"Users": found("")})}})
	})
	w.row("for somebody to add", func() {
		ana[0].must("search-user", obj{"Name": piece, "Type": "Add"})
		w.expect(want{ana[0]: {got("added-user-match", obj{"Users": found("")})}})
	})
	w.row("nobody", func() {
		ana[0].must("search-user", obj{"Name": piece + "nobody", "Type": "Search"})
		w.expect(want{ana[0]: {got("searched-user", obj{"Users": list{}})}})
	})
	w.row("signs that mean something elsewhere", func() {
		for _, text := range []string{".*", "%", "_", `\`, "(", "[a-z", "'; --", "ben%" + piece} {
			ana[0].must("search-user", obj{"Name": text + piece, "Type": "Search"})
			w.expect(want{ana[0]: {got("searched-user", obj{"Users": list{}})}})
		}
	})
	w.row("empty text at a keystroke", func() {
		ana[0].must("search-user", obj{"Name": "", "Type": "Search"})
		users, ok := ana[0].await("searched-user")["Users"].([]any)
		if !ok || len(users) > 8 {
			w.t.Errorf("want at most 8 users, got %v", users)
		}
		ana[0].must("search-user", obj{"Name": "", "Type": "Add"})
		users, ok = ana[0].await("added-user-match")["Users"].([]any)
		if !ok || len(users) > 3 {
			w.t.Errorf("want at most 3 users, got %v", users)
		}
		w.settle()
		w.forget()
	})
	w.row("another type is met with silence", func() {
		ana[0].tell("search-user", obj{"Name": piece, "Type": "search"})
		ana[0].tell("search-user", obj{"Name": piece, "Type": "Everything"})
		ana[0].tell("search-user", obj{"Name": piece})
		// The same socket's next search starts after those.
		ana[0].must("search-user", obj{"Name": piece, "Type": "Search"})
		w.expect(want{ana[0]: {got("searched-user", obj{"Users": found("")})}})
	})
	w.row("the address is for those who share a chat", func() {
		w.personalChat(ana[0], "ben")
		ana[0].must("search-user", obj{"Name": piece, "Type": "Search"})
		w.expect(want{ana[0]: {got("searched-user", obj{"Users": found(ben.email)})}})
		zoe := w.of("zoe")[0]
		zoe.must("search-user", obj{"Name": piece, "Type": "Search"})
		w.expect(want{zoe: {got("searched-user", obj{"Users": found("")})}})
	})
	w.row("or a group", func() {
		w.group(ana[0], "A group", "zoe", "ben")
		zoe := w.of("zoe")[0]
		zoe.must("search-user", obj{"Name": piece, "Type": "Search"})
		w.expect(want{zoe: {got("searched-user", obj{"Users": found(ben.email)})}})
	})
}

func TestSearchRanksAndStops(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "zoe")
	zoe := w.of("zoe")[0]
	stem := strings.ReplaceAll(unique("x"), " ", "")
	// Nine names of three kinds, in an order that is not the one wanted.
	var names []string
	for i := range 3 {
		names = append(names, fmt.Sprintf("in %d %s", i, stem), fmt.Sprintf("%s at %d", stem, i))
	}
	names = append(names, "also in "+stem, strings.ToUpper(stem), "very much in "+stem)
	for i, name := range names {
		u, err := signUpAs(t.Context(), w.s, name)
		if err != nil {
			t.Fatal(err)
		}
		w.users[fmt.Sprintf("u%d", i)] = u
	}
	// Somebody who never followed the link can't sign in, so can't be found.
	restOf(t, w.s).post("/signup", obj{"name": stem, "email": addressOf("never " + stem), "password": password}).
		says(t, http.StatusOK, 1)

	search := func(kind, event string) []string {
		zoe.must("search-user", obj{"Name": stem, "Type": kind})
		users, ok := zoe.await(event)["Users"].([]any)
		if !ok {
			w.t.Fatal("no list of users")
		}
		w.settle()
		w.forget()
		var found []string
		for _, u := range users {
			name, _ := u.(obj)["Name"].(string)
			found = append(found, name)
		}
		return found
	}
	w.row("exact, then prefix, then substring, at most eight", func() {
		found := search("Search", "searched-user")
		if len(found) != 8 {
			w.t.Fatalf("want 8 users, got %q", found)
		}
		for i, name := range found {
			wantRank := []int{0, 1, 1, 1, 2, 2, 2, 2}[i]
			if rank(name, stem) != wantRank {
				w.t.Fatalf("place %d is %q: %q", i, name, found)
			}
		}
	})
	w.row("at most three to add", func() {
		if found := search("Add", "added-user-match"); len(found) != 3 || rank(found[0], stem) != 0 {
			w.t.Errorf("got %q", found)
		}
	})
	w.row("people I share a chat with come first", func() {
		last := search("Search", "searched-user")[3]
		for i, name := range names {
			if name == last {
				c := w.open(fmt.Sprintf("u%d", i))
				w.personalChat(c, "zoe")
			}
		}
		found := search("Search", "searched-user")
		if found[0] != last && found[1] != last {
			w.t.Errorf("%q is not before the others of its kind: %q", last, found)
		}
	})
}

func rank(name, stem string) int {
	switch name = strings.ToLower(name); {
	case name == stem:
		return 0
	case strings.HasPrefix(name, stem):
		return 1
	default:
		return 2
	}
}
