package store_test

import (
	"errors"
	"slices"
	"testing"

	"expresschat/auth"
	"expresschat/chat"
)

func TestPagesOfPeople(t *testing.T) {
	w := newWorld(t)
	var all []auth.UserID
	for _, name := range []string{"ana", "ben", "cem", "dee", "eve"} {
		all = append(all, w.person(name))
	}
	w.paint(all[1], "ben.png")
	w.personal(all[0], all[1])
	w.group(all[0], all[3])
	var seen []chat.Person
	after := auth.UserID("")
	for {
		page, err := w.People(t.Context(), all[0], after, 2)
		w.must(err)
		if len(page) == 0 {
			break
		}
		seen = append(seen, page...)
		after = page[len(page)-1].ID
	}
	if !slices.Equal(ids(seen), all) {
		t.Fatalf("%+v", seen)
	}
	for i, p := range seen {
		if known := i == 0 || i == 1 || i == 3; known != (p.Email != "") {
			t.Errorf("%s has the address %q", p.Name, p.Email)
		}
	}
	if seen[1].Picture != "ben.png" {
		t.Errorf("the picture is %q", seen[1].Picture)
	}
}

// A page after another goes on where that one ended, in the same order, whatever the rank.
func TestPagesOfASearch(t *testing.T) {
	w := newWorld(t)
	me := w.person("me")
	for _, name := range []string{"an", "An", "anna", "hanna", "Ann", "ann", "joan", "ban_an", "zoe"} {
		if u := w.person(name); name == "joan" || name == "ann" {
			w.personal(me, u)
		}
	}
	want, err := w.Search(t.Context(), me, "An", 100)
	w.must(err)
	if len(want) != 8 {
		t.Fatalf("found %+v", want)
	}
	for size := 1; size <= 9; size++ {
		var got []chat.Person
		after := auth.UserID("")
		for {
			page, err := w.SearchPage(t.Context(), me, "An", after, size)
			w.must(err)
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			after = page[len(page)-1].ID
		}
		if !slices.Equal(got, want) {
			t.Errorf("by %d: %+v, want %+v", size, got, want)
		}
	}
	if got, err := w.SearchPage(t.Context(), me, "An", me, 9); err != nil || len(got) != 0 {
		t.Errorf("behind somebody else: %+v (%v)", got, err)
	}
}

func TestFindingAPerson(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("ana"), w.person("ben"), w.person("zoe")
	w.personal(ana, ben)
	address := func(u auth.UserID) string {
		p, err := w.Person(t.Context(), u)
		w.must(err)
		return p.Email
	}
	// Somebody whose address is another one's id gets nothing meant for them.
	w.must(w.Execute(t.Context(), `UPDATE users SET email = $2, email_key = $2 WHERE id = $1`, zoe, string(ben)))
	w.must(w.Execute(t.Context(), `UPDATE users SET email = 'Odd One', email_key = 'odd one' WHERE id = $1`, ana))
	tests := map[string]struct {
		by    auth.UserID
		key   string
		want  auth.UserID
		known bool
	}{
		"by id":                        {ana, string(ben), ben, true},
		"by address":                   {ana, " " + address(ben), ben, true},
		"by an address that is none":   {ben, "ODD ONE", ana, true},
		"oneself":                      {zoe, string(zoe), zoe, true},
		"by id, of a stranger":         {zoe, string(ana), ana, false},
		"by address, of a stranger":    {zoe, "odd one", ana, false},
		"by an id that is nobody's":    {ana, auth.NewID(), "", false},
		"by an address of nobody":      {ana, "nobody@example.org", "", false},
		"by nothing":                   {ana, "", "", false},
		"by what no database takes":    {ana, "a\x00", "", false},
		"by what is no text":           {ana, "\xff", "", false},
		"by an id in another spelling": {ana, "{" + string(ben) + "}", "", false},
	}
	for name, tt := range tests {
		p, err := w.FindPerson(t.Context(), tt.by, tt.key)
		if p.ID != tt.want || (p.Email != "") != tt.known || errors.Is(err, chat.ErrNoUser) != (tt.want == "") || (err != nil && tt.want != "") {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}
