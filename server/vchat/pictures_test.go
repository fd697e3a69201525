package vchat_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"expresschat/auth"
	"expresschat/server/doortest"
)

// isPicture fails unless a name is that of a picture that anybody may see.
func (h *house) isPicture(name string) {
	h.Helper()
	resp, all := h.public("profile", name, http.Header{})
	if name == "default_user_image.png" || resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "image/") || all == "" {
		h.Errorf("the picture %q: %d %s", name, resp.StatusCode, resp.Header)
	}
}

func TestPicturesOfPeople(t *testing.T) {
	h := newHouse(t)
	made := check(t, "user", h.taken(person{}, "POST", "user/register", piece{"name", "Ana", ""}, piece{"email", "ana", ""}, piece{"password", "open-sesame", ""}, piece{"file", drawing(1), "me.png"}))
	ana := person{id: auth.UserID(made.text("_id")), name: "Ana", email: "ana", token: made.text("accessToken")}
	first := made.text("imageThumb")
	h.isPicture(first)
	ben := h.person("Ben")
	room := h.single(ana, ben, "x")
	app := h.app(ben, 3)
	seen := func() (title, thumb string) {
		t.Helper()
		h.settle()
		r := check(t, "room", app.last(app.fresh(), "update_one_room"))
		return r.text("title"), r.text("thumbImage")
	}
	changed := check(t, "user", h.taken(ana, "PATCH", "user", piece{"file", drawing(2), "new.png"}))
	second := changed.text("imageThumb")
	h.isPicture(second)
	if title, thumb := seen(); title != "Ana" || thumb != second || second == first || changed.num("updatedAt") <= made.num("updatedAt") {
		t.Errorf("ben sees %s with %s, not %s", title, thumb, second)
	}
	both := check(t, "user", h.taken(ana, "PATCH", "user", piece{"file", drawing(3), "new.png"}, piece{"name", "Anna", ""}))
	if title, thumb := seen(); title != "Anna" || thumb != both.text("imageThumb") || thumb == second || both.text("name") != "Anna" {
		t.Errorf("ben sees %s with %s", title, thumb)
	}
	named := check(t, "user", h.done(ana, "PATCH", "user", m{"name": "Ana"}))
	if title, thumb := seen(); title != "Ana" || thumb != named.text("imageThumb") || thumb != both.text("imageThumb") {
		t.Errorf("ben sees %s with %s", title, thumb)
	}
	h.done(ana, "POST", "message/single", m{"roomId": room.text("_id"), "content": "hello"})
	if got := h.pages(ben, room.text("_id"))[0].text("senderImageThumb"); got != both.text("imageThumb") {
		t.Errorf("the sender looks like %s", got)
	}
	if got := check(t, "user", h.done(ben, "GET", "user/"+string(ana.id), nil)); got.text("imageThumb") != both.text("imageThumb") {
		t.Errorf("ana is %v", got)
	}
	kept := h.stock()
	for what, tt := range map[string][]piece{
		"two pictures":           {{"file", drawing(4), "a.png"}, {"file", drawing(5), "b.png"}},
		"no picture":             {{"file", "hello", "a.png"}},
		"a name that is none":    {{"name", strings.Repeat("x", 65), ""}, {"file", drawing(6), "a.png"}},
		"such a name afterwards": {{"file", drawing(7), "a.png"}, {"name", strings.Repeat("x", 65), ""}},
	} {
		if got := h.post(ana, "PATCH", "user", tt...); got.status != 400 || got.text(t) == "" || h.stock() != kept {
			t.Errorf("%s: %+v, %d files of %d", what, got, h.stock(), kept)
		}
	}
	if got := check(t, "user", h.done(ben, "GET", "user/"+string(ana.id), nil)); got.text("imageThumb") != both.text("imageThumb") || got.text("name") != "Ana" {
		t.Errorf("ana is %v", got)
	}
}

// An account and its picture are made together, or neither is.
func TestRegisteringWithPictures(t *testing.T) {
	bin := &counted{Bucket: doortest.Folder(t)}
	h := newHouseOn(t, doortest.Plan{Admission: auth.AdmitAnybody, Bucket: bin})
	h.person("Ben")
	fields := func(name, email, password string) []piece {
		return []piece{{"name", name, ""}, {"email", email, ""}, {"password", password, ""}}
	}
	picture, nothing := piece{"file", drawing(1), "a.png"}, piece{"file", "hello", "a.png"}
	h.done(person{}, "POST", "user/register", m{"name": "Cem", "email": "cem", "password": "x"})
	for what, tt := range map[string]struct {
		pieces []piece
		email  string
	}{
		"a bad picture":        {append(fields("Ana", "ana", "x"), nothing), "ana"},
		"a bad picture first":  {append([]piece{nothing}, fields("Ana", "ana", "x")...), "ana"},
		"two pictures":         {append(fields("Ana", "ana", "x"), picture, picture), "ana"},
		"no name":              {append(fields("", "ana", "x"), picture), "ana"},
		"no password":          {append(fields("Ana", "ana", ""), picture), "ana"},
		"a taken id":           {append(fields("Ana", "cem", "other"), picture), "cem"},
		"a taken id, in front": {append([]piece{picture}, fields("Ana", "cem", "other")...), "cem"},
	} {
		if got := h.post(person{}, "POST", "user/register", tt.pieces...); got.status != 400 || got.text(t) == "" || h.stock() != 0 {
			t.Errorf("%s: %+v, and %d files", what, got, h.stock())
		}
		if got := h.call(person{}, "POST", "user/login", m{"email": tt.email, "password": "other"}); got.ok || (tt.email == "ana") != (got.status == 404) {
			t.Errorf("%s: signed in with %+v", what, got)
		}
	}
	u := check(t, "user", h.taken(person{}, "POST", "user/register", append([]piece{picture}, fields("Ana", "ana@example.org", "x")...)...))
	h.isPicture(u.text("imageThumb"))
	if got := check(t, "user", h.done(person{}, "POST", "user/login", m{"email": "ana@example.org", "password": "x"})); got.text("imageThumb") != u.text("imageThumb") {
		t.Errorf("signed in as %v", got)
	}
	before, refused := bin.writes.Load(), 0
	for range 10 { // which may cost somebody a mail each
		got := h.post(person{}, "POST", "user/register", append(fields("Ana", "cem", "x"), picture)...)
		if got.status == http.StatusTooManyRequests {
			refused++
		}
	}
	if stored := int(bin.writes.Load() - before); refused == 0 || stored+refused*1 > 10*2 || h.stock() != 1 {
		t.Errorf("%d were refused, and %d times something was stored", refused, stored)
	} else if last := bin.writes.Load(); h.post(person{}, "POST", "user/register", append(fields("Ana", "cem", "x"), picture)...).status != 429 || bin.writes.Load() != last {
		t.Error("a picture is stored before it is counted")
	}
}

// Where nobody may register nothing is stored, and where a mail has to be answered first
// nothing is kept.
func TestPicturesOfThoseWhoMayNotRegister(t *testing.T) {
	for who, stores := range map[auth.Admission]bool{auth.AdmitNobody: false, auth.AdmitVerified: true} {
		t.Run(string(who), func(t *testing.T) {
			bin := &counted{Bucket: doortest.Folder(t)}
			h := newHouseOn(t, doortest.Plan{Admission: who, Bucket: bin})
			fields := []piece{{"name", "Ana", ""}, {"email", "ana@example.org", ""}, {"password", "x", ""}}
			got := h.post(person{}, "POST", "user/register", append(fields, piece{"file", drawing(1), "a.png"})...)
			if got.status != 403 || h.stock() != 0 || (bin.writes.Load() > 0) != stores {
				t.Errorf("%+v, %d files, stored %d", got, h.stock(), bin.writes.Load())
			}
		})
	}
}

func TestPicturesOfGroups(t *testing.T) {
	bin := &counted{Bucket: doortest.Folder(t)}
	h := newHouseOn(t, doortest.Plan{Admission: auth.AdmitAnybody, Bucket: bin})
	ana, ben, zoe := h.person("Ana"), h.person("Ben"), h.person("Zoe")
	app := h.app(ben, 3)
	r := check(t, "room", h.taken(ana, "POST", "room/group", piece{"title", "Club", ""}, piece{"peerEmails", toJSON(t, []string{ben.email}), ""}, piece{"file", drawing(1), "g.png"}))
	group, thumb := r.text("_id"), r.text("thumbImage")
	h.isPicture(thumb)
	seen := func(title, thumb, said string) {
		t.Helper()
		h.settle()
		got := check(t, "room", app.last(app.fresh(), "update_one_room"))
		if got.text("title") != title || got.text("thumbImage") != thumb || got.obj("groupSetting").text("imageThumb") != thumb ||
			got.obj("groupSetting").text("name") != title || got.obj("lastMessage").text("messageType") != said || got.obj("lastMessage").text("content") != title {
			t.Errorf("ben sees %v, want %s with %s", got, title, thumb)
		}
	}
	seen("Club", thumb, "create")
	change := func(pieces ...piece) object {
		t.Helper()
		return check(t, "info", h.taken(ana, "POST", "room/update-group-info", append([]piece{{"roomId", group, ""}}, pieces...)...))
	}
	painted := change(piece{"file", drawing(2), "g.png"})
	h.isPicture(painted.text("imageThumb"))
	seen("Club", painted.text("imageThumb"), "info")
	if painted.text("name") != "Club" || painted.text("imageThumb") == thumb {
		t.Errorf("painted: %v", painted)
	}
	both := change(piece{"groupName", "Team", ""}, piece{"file", drawing(3), "g.png"})
	seen("Team", both.text("imageThumb"), "info")
	if named := change(piece{"groupName", "Crew", ""}); named.text("imageThumb") != both.text("imageThumb") || both.text("imageThumb") == painted.text("imageThumb") {
		t.Errorf("named: %v", named)
	}
	seen("Crew", both.text("imageThumb"), "info")
	types := ""
	for _, one := range h.pages(ben, group) {
		types = one.text("messageType") + " " + one.text("content") + ", " + types
	}
	if want := "create Club, info Club, info Team, info Crew, "; types != want {
		t.Errorf("the log says %s want %s", types, want)
	}
	h.refusesPictures(bin, group, ana, ben, zoe)
}

// refusesPictures has ana own a group, ben be in it, and zoe not.
func (h *house) refusesPictures(bin *counted, group string, ana, ben, zoe person) {
	h.Helper()
	kept, before := h.stock(), h.done(ana, "GET", "room?page=0", nil)
	picture, in, bad := piece{"file", drawing(4), "a.png"}, piece{"roomId", group, ""}, piece{"groupName", "a\nb", ""}
	for what, tt := range map[string]struct {
		by     person
		path   string
		pieces []piece
		status int
		stores bool
	}{
		"a member":               {ben, "update-group-info", []piece{in, picture}, 403, false},
		"a member, room last":    {ben, "update-group-info", []piece{picture, in}, 403, true},
		"a stranger":             {zoe, "update-group-info", []piece{in, picture}, 404, false},
		"a stranger, room last":  {zoe, "update-group-info", []piece{picture, in}, 404, true},
		"no room":                {ana, "update-group-info", []piece{picture}, 400, true},
		"a bad name":             {ana, "update-group-info", []piece{in, bad, picture}, 400, false},
		"a bad name in the end":  {ana, "update-group-info", []piece{in, picture, bad}, 400, true},
		"neither":                {ana, "update-group-info", []piece{in}, 400, false},
		"two":                    {ana, "update-group-info", []piece{in, picture, picture}, 400, true},
		"no picture":             {ana, "update-group-info", []piece{in, {"file", "hello", "a.png"}}, 400, false},
		"a new group's bad name": {ana, "group", []piece{{"title", "a\nb", ""}, picture}, 400, false},
		"a new group of nobody":  {ana, "group", []piece{{"title", "x", ""}, {"peerEmails", auth.NewID(), ""}, picture}, 404, true},
		"a new group's no name":  {ana, "group", []piece{picture}, 400, true},
	} {
		stored := bin.writes.Load()
		got := h.post(tt.by, "POST", "room/"+tt.path, tt.pieces...)
		if got.status != tt.status || h.stock() != kept || (bin.writes.Load() != stored) != tt.stores {
			h.Errorf("%s: %d %s, %d files of %d, stored %d", what, got.status, got.data, h.stock(), kept, bin.writes.Load()-stored)
		}
	}
	if after := h.done(ana, "GET", "room?page=0", nil); after != before {
		h.Errorf("what was refused changed something: %s", fmt.Sprint(after))
	}
}
