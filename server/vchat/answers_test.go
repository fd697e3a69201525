package vchat_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"expresschat/media"
	"expresschat/server/doortest"
	"expresschat/server/problem"
	"expresschat/server/vchat"
)

// Whatever goes wrong under /api/v1, it is told in the shape of the protocol; request checks that.
func TestWrongMethods(t *testing.T) {
	h := newHouse(t)
	for call, allowed := range map[string][]string{
		"POST user":           {"GET", "OPTIONS", "PATCH"},
		"DELETE user":         {"GET", "OPTIONS", "PATCH"},
		"PUT user/register":   {"OPTIONS", "POST"},
		"POST user/search":    {"GET", "OPTIONS"},
		"POST user/x":         {"GET", "OPTIONS"},
		"GET room/single":     {"OPTIONS", "POST"},
		"PATCH message/group": {"OPTIONS", "POST"},
		"POST room":           {"GET", "OPTIONS"},
		"POST public/profile/default_user_image.png": {"GET", "HEAD", "OPTIONS"},
	} {
		method, path, _ := strings.Cut(call, " ")
		got := h.call(person{}, method, path, nil)
		told := strings.Split(got.header.Get("Allow"), ", ")
		slices.Sort(told)
		if got.status != http.StatusMethodNotAllowed || !slices.Equal(told, allowed) {
			t.Errorf("%s: %d, allowed are %q", call, got.status, told)
		}
	}
	for _, path := range []string{"/api/v1", "/api/v1/", "/api/v1/users", "//api/v1/room/x/y", "/api/v1/room/"} {
		if got := h.request("POST", path, http.Header{}, nil); got.status != http.StatusNotFound {
			t.Errorf("%s: %+v", path, got)
		}
	}
}

// Pages of other origins are refused before anything happens, and in the protocol's shape.
func TestOriginsThatMayNotCall(t *testing.T) {
	h := newHouse(t)
	ana := h.person("Ana")
	for _, path := range []string{"/api/v1/user", "//api/v1/user", "/api/v1/nothing"} {
		header := http.Header{"Origin": {"https://evil.example"}, "Authorization": {ana.token}, "Content-Type": {"application/json"}}
		got := h.request("PATCH", path, header, []byte(`{"name":"Eve"}`))
		if got.status != http.StatusForbidden || !strings.Contains(got.text(t), "origin") {
			t.Errorf("%s: %+v", path, got)
		}
	}
	if u := check(t, "user", h.done(ana, "GET", "user/"+string(ana.id), nil)); u.text("name") != "Ana" {
		t.Errorf("renamed to %s", u.text("name"))
	}
	header := http.Header{"Origin": {"http://chat.example"}, "Authorization": {ana.token}}
	if got := h.request("GET", "/api/v1/room", header, nil); got.status != http.StatusOK {
		t.Errorf("an origin that may: %+v", got)
	}
}

// bounded is a place for files that bounds requests.
type bounded struct {
	vchat.Media
	most int64
}

func (b bounded) Request() int64 { return b.most }

// A request with a file may be as large as is set, and no larger. Nobody has to be signed in
// to be told so.
func TestRequestsThatAreTooLarge(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	d := vchat.New(vchat.Parts{Media: bounded{most: limit}, Log: doortest.NoErrors(t)})
	defer func() { _ = d.Stop(context.Background()) }()
	e := echo.New()
	d.Mount(e)
	send := func(size int, inPieces bool) *httptest.ResponseRecorder {
		const begin = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
		const end = "\r\n--x--\r\n"
		body := begin + strings.Repeat("x", size-len(begin)-len(end)) + end
		r := httptest.NewRequest("POST", "/api/v1/user/login", strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		if inPieces {
			r.ContentLength = -1
		}
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		return w
	}
	p, _ := problem.Of(media.ErrTooLarge)
	for _, inPieces := range []bool{false, true} {
		if w := send(limit, inPieces); w.Code != http.StatusBadRequest { // it names nobody
			t.Errorf("all that is allowed: %d %s", w.Code, w.Body)
		}
		more := 1
		if inPieces { // it is noticed only when it is read
			more = 64 << 10
		}
		w := send(limit+more, inPieces)
		if want := fmt.Sprintf(`{"success":false,"data":%q}`, p.Text); w.Code != http.StatusRequestEntityTooLarge || strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("more than that: %d %s", w.Code, w.Body)
		}
	}
}

// What a body says of itself is bounded too: the names of its fields, and how many there are.
func TestRequestsOfManyParts(t *testing.T) {
	h := newHouse(t)
	ana := h.person("Ana")
	many := func(n int) map[string][]string { return map[string][]string{"name": make([]string, n)} }
	if got := h.parts(ana, "PATCH", "user", many(1900)); got.status != http.StatusOK {
		t.Errorf("parts: %+v", got)
	}
	for what, fields := range map[string]map[string][]string{
		"parts of nothing": many(2001), "a long name": {strings.Repeat("x", 64<<10): {""}, "name": {"x"}},
	} {
		if got := h.parts(ana, "PATCH", "user", fields); got.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %+v", what, got)
		}
	}
}

// A room is not opened for what can't be said there.
func TestNoRoomForWhatCanNotBeSaid(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	for _, text := range []string{"", strings.Repeat("x", 16<<10+1), "a\x00b"} {
		if got := h.call(ana, "POST", "room/single", m{"peerEmail": ben.email, "message": text}); got.status != http.StatusBadRequest {
			t.Errorf("%.10q: %+v", text, got)
		}
	}
	o, err := h.store.FindPersonal(t.Context(), ana.id, ben.id)
	h.must(err)
	if o.Room != "" {
		t.Error("there is a room in which nothing is said")
	}
}

// How old an account is, and when it last changed, is the same for everybody.
func TestTimesOfPeople(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	h.done(ben, "PATCH", "user", m{"name": "Benno"})
	own := check(t, "user", h.done(ben, "GET", "user/"+string(ben.id), nil))
	if own.num("createdAt") >= own.num("updatedAt") {
		t.Fatalf("made at %v, changed at %v", own["createdAt"], own["updatedAt"])
	}
	seen := []object{check(t, "user", h.done(ana, "GET", "user/"+string(ben.id), nil))}
	for _, list := range []string{"user?lastId=first", "user/search?query=benno"} {
		seen = append(seen, checkList(t, "user", h.done(ana, "GET", list, nil))...)
	}
	if len(seen) != 3 {
		t.Fatalf("ben is seen as %v", seen)
	}
	for _, u := range seen {
		if u.num("createdAt") != own.num("createdAt") || u.num("updatedAt") != own.num("updatedAt") {
			t.Errorf("to others ben is %v, to himself %v", u, own)
		}
	}
}
