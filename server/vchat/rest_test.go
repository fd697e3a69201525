package vchat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"expresschat/auth"
)

// reply is an answer to a request.
type reply struct {
	status int
	ok     bool
	data   string
	header http.Header
}

func (r reply) text(t *testing.T) string {
	t.Helper()
	return inside(t, r.data)
}

// call sends a request with a body of JSON, or without one for nil.
func (h *house) call(p person, method, path string, body any) reply {
	h.Helper()
	var text []byte
	if body != nil {
		text = []byte(toJSON(h.T, body))
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if p.token != "" {
		header.Set("Authorization", "Bearer "+p.token)
	}
	return h.request(method, "/api/v1/"+path, header, text)
}

func (h *house) request(method, path string, header http.Header, body []byte) reply {
	h.Helper()
	req, err := http.NewRequestWithContext(h.Context(), method, h.url+path, bytes.NewReader(body))
	h.must(err)
	req.Header = header
	resp, err := h.http.Do(req)
	h.must(err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	h.must(err)
	var a struct {
		Success *bool           `json:"success"`
		Data    json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(raw, &a); err != nil || a.Success == nil || a.Data == nil {
		h.Errorf("%s %s: %d, and no answer: %.200s", method, path, resp.StatusCode, raw)
		return reply{status: resp.StatusCode}
	}
	if *a.Success != (resp.StatusCode == http.StatusOK) || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		h.Errorf("%s %s: %d %s with %s", method, path, resp.StatusCode, resp.Header, raw)
	}
	return reply{resp.StatusCode, *a.Success, string(a.Data), resp.Header}
}

// done fails unless a request was carried out.
func (h *house) done(p person, method, path string, body any) string {
	h.Helper()
	r := h.call(p, method, path, body)
	if !r.ok {
		h.Fatalf("%s %s by %s: %d %s", method, path, p.name, r.status, r.data)
	}
	return r.data
}

type m = map[string]any

// single has a write to b, and returns the room as a sees it.
func (h *house) single(a, b person, text string) object {
	h.Helper()
	return check(h.T, "room", h.done(a, "POST", "room/single", m{"peerEmail": b.email, "message": text}))
}

// group makes a group of a's.
func (h *house) group(a person, others ...person) object {
	h.Helper()
	emails := make([]string, len(others))
	for i, o := range others {
		emails[i] = o.email
	}
	return check(h.T, "room", h.done(a, "POST", "room/group", m{"title": "Club", "peerEmails": emails}))
}

func TestRegisterAndLogIn(t *testing.T) {
	h := newHouse(t)
	xxx := http.Header{"Authorization": {"Bearer xxx"}, "Content-Type": {"application/json"}}
	body := []byte(`{"name":"Ana","email":"+49 170 1","password":"sha","fcmToken":"you don't use firebase","platform":"Android"}`)
	made := h.request("POST", "/api/v1/user/register", xxx, body)
	u := check(t, "user", made.data)
	if u.text("name") != "Ana" || u.text("email") != "+49 170 1" || u.text("imageThumb") != "default_user_image.png" || u.text("accessToken") == "" {
		t.Errorf("registered as %v", u)
	}
	if again := h.request("POST", "//api/v1/user/register", xxx, body); again.status != 400 {
		t.Errorf("registered again: %+v", again)
	}
	in := h.request("POST", "//api/v1/user/login", xxx, []byte(`{"email":"+49 170 1","password":"sha"}`))
	if got := check(t, "user", in.data); got.text("_id") != u.text("_id") || got.text("accessToken") == "" {
		t.Errorf("signed in as %v", got)
	}
	for text, want := range map[string]int{
		`{"email":"+49 170 1","password":"other"}`: 400, `{"email":"nobody","password":"x"}`: 404, `{"email":"x"}`: 400, `[]`: 400, `{`: 400,
	} {
		if got := h.request("POST", "/api/v1/user/login", xxx, []byte(text)); got.status != want {
			t.Errorf("%s: %+v, want %d", text, got, want)
		}
	}
}

// parts is a request in parts, of fields alone.
func (h *house) parts(p person, method, path string, fields map[string][]string) reply {
	h.Helper()
	var pieces []piece
	for name, values := range fields {
		for _, v := range values {
			pieces = append(pieces, piece{name, v, ""})
		}
	}
	return h.post(p, method, path, pieces...)
}

// What takes a file takes its fields without one, and in the other shapes in which they come.
func TestRequestsInParts(t *testing.T) {
	h := newHouse(t)
	made := h.parts(person{}, "POST", "user/register", map[string][]string{"name": {"Ana"}, "email": {"ana"}, "password": {"x"}})
	u := check(t, "user", made.data)
	ana := person{token: u.text("accessToken"), email: "ana"}
	empty := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nAnna\r\n--b--\r\n" // as pages send a field in which nobody chose a file
	changed := h.request("PATCH", "/api/v1/user", http.Header{"Content-Type": {"multipart/form-data; boundary=b"}, "Authorization": {ana.token}}, []byte(empty))
	if got := check(t, "user", changed.data); got.text("name") != "Anna" || got.text("accessToken") != "" || got.text("imageThumb") != "default_user_image.png" {
		t.Errorf("changed to %v", got)
	}
	ben, cem := h.person("Ben"), h.person("Cem")
	for _, emails := range [][]string{{ben.email, cem.email}, {toJSON(t, []string{ben.email, string(cem.id)})}} {
		g := h.parts(ana, "POST", "room/group", map[string][]string{"title": {"Club"}, "peerEmails": emails})
		if r := check(t, "room", g.data); r.num("roomMembersCount") != "3" {
			t.Errorf("%v made %v", emails, r)
		}
	}
	room := h.group(ana, ben).text("_id")
	if got := h.parts(ana, "POST", "message/group", map[string][]string{"roomId": {room}, "content": {strings.Repeat("x", 300_000)}}); got.status != 413 {
		t.Errorf("too much text: %d", got.status)
	}
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {ana.token}}
	sent := h.request("POST", "/api/v1/message/group", form, []byte(url.Values{"roomId": {room}, "content": {"a form"}, "type": {"text"}}.Encode()))
	if !sent.ok || sent.text(t) == "" {
		t.Errorf("a form: %+v", sent)
	}
}

func TestThePictureOfThoseWhoHaveNone(t *testing.T) {
	h := newHouse(t)
	get := func(path string, header http.Header) (*http.Response, []byte) {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", h.url+path, nil)
		req.Header = header
		resp, err := h.http.Do(req)
		h.must(err)
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return resp, body
	}
	const path = "/api/v1/public/profile/default_user_image.png"
	resp, all := get(path, http.Header{})
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "image/png" || !bytes.HasPrefix(all, []byte("\x89PNG")) {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	resp, part := get("/"+path, http.Header{"Range": {"bytes=1-3"}})
	if resp.StatusCode != 206 || string(part) != "PNG" {
		t.Errorf("a part: %d %q", resp.StatusCode, part)
	}
	for _, path := range []string{"public/profile/other.png", "public/messages/x.png", "nothing"} {
		if got := h.call(person{}, "GET", path, nil); got.status != 404 {
			t.Errorf("%s: %+v", path, got)
		}
	}
}

func TestPeople(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	for i := range 22 {
		h.person(fmt.Sprintf("Zoe %d", i))
	}
	h.single(ana, ben, "hello")
	seen := map[string]string{}
	for last, pages := "first", 0; ; pages++ {
		list := checkList(t, "user", h.done(ana, "GET", "user?lastId="+last, nil))
		if len(list) == 0 {
			break
		}
		for _, u := range list {
			seen[u.text("_id")] = u.text("email")
			last = u.text("_id")
		}
		if pages > 3 || len(list) > 20 {
			t.Fatalf("page %d has %d users", pages, len(list))
		}
	}
	if len(seen) != 23 || seen[string(ana.id)] != "" || seen[string(ben.id)] != ben.email {
		t.Errorf("%d users, ben as %q", len(seen), seen[string(ben.id)])
	}
	for id, email := range seen {
		if id != string(ben.id) && email != id {
			t.Errorf("a stranger's address is %s", email)
		}
	}
	found := checkList(t, "user", h.done(ana, "GET", "user/search?query=zoe", nil))
	rest := checkList(t, "user", h.done(ana, "GET", "user/search?query=zoe&lastId="+found[len(found)-1].text("_id"), nil))
	if len(found) != 20 || len(rest) != 2 {
		t.Errorf("found %d, and then %d", len(found), len(rest))
	}
	if got := check(t, "user", h.done(ben, "GET", "user/"+string(ana.id), nil)); got.text("email") != ana.email {
		t.Errorf("ana is %v", got)
	}
	for _, id := range []string{auth.NewID(), "x", strings.ToUpper(string(ana.id))} {
		if got := h.call(ben, "GET", "user/"+id, nil); got.status != 404 {
			t.Errorf("user %s: %+v", id, got)
		}
	}
}

func TestSingleRooms(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	if got := h.done(ana, "POST", "room/check-if-there-room", m{"peerEmail": ben.email}); got != "null" {
		t.Errorf("a room before there is one: %s", got)
	}
	r := h.single(ana, ben, "first")
	last := r.obj("lastMessage")
	if r.text("roomType") != "single" || r.text("title") != "Ben" || r.text("peerEmail") != ben.email || r.text("peerId") != string(ben.id) ||
		r.num("roomMembersCount") != "2" || r["groupSetting"] != nil || r["blockerId"] != nil || r.num("unReadCount") != "0" ||
		last.text("content") != "first" || last.text("messageType") != "text" || last.text("senderName") != "Ana" {
		t.Errorf("the room is %v", r)
	}
	again := check(t, "room", h.done(ben, "POST", "room/single", m{"peerEmail": ana.id, "message": "second"}))
	if again.text("_id") != r.text("_id") || again.obj("lastMessage").text("content") != "second" {
		t.Errorf("there and back: %v", again)
	}
	mine := checkList(t, "room", h.done(ana, "GET", "room?page=0", nil))
	if len(mine) != 1 || mine[0].num("unReadCount") != "1" || mine[0].text("title") != "Ben" {
		t.Errorf("ana's rooms: %v", mine)
	}
	if got := checkList(t, "room", h.done(ana, "GET", "room?page=1", nil)); len(got) != 0 {
		t.Errorf("the second page: %v", got)
	}
	for _, bad := range []m{{"peerEmail": "nobody", "message": "x"}, {"peerEmail": auth.NewID(), "message": "x"}, {"peerEmail": ana.email, "message": "x"}, {"peerEmail": ben.email}, {}} {
		if got := h.call(ana, "POST", "room/single", bad); got.status != 400 && got.status != 404 {
			t.Errorf("%v: %+v", bad, got)
		}
	}
	h.messagesOf(ana, ben, r.text("_id"))
}

// messagesOf reads the pages of a room.
func (h *house) messagesOf(ana, ben person, room string) {
	h.Helper()
	for i := range 35 {
		h.done(ana, "POST", "message/single", m{"roomId": room, "type": "text", "content": strconv.Itoa(i)})
	}
	page := checkList(h.T, "message", h.done(ben, "GET", "message?roomId="+room+"&lastId=first", nil))
	older := checkList(h.T, "message", h.done(ben, "GET", "message?roomId="+room+"&lastId="+page[29].text("_id"), nil))
	if len(page) != 30 || len(older) != 7 || page[0].text("content") != "34" || older[6].text("content") != "first" {
		h.Errorf("pages of %d and %d", len(page), len(older))
	}
	for i := 1; i < 30; i++ {
		if page[i-1].text("_id") <= page[i].text("_id") {
			h.Errorf("ids do not sort by time")
		}
	}
	for _, last := range []string{auth.NewID(), "x"} {
		if got := h.done(ben, "GET", "message?roomId="+room+"&lastId="+last, nil); got != "[]" {
			h.Errorf("before an unknown message: %.100s", got)
		}
	}
}

func TestAttachments(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	room := h.single(ana, ben, "x").text("_id")
	place := `{"lat":"1.5","lang":2.5,"linkTitle":"null","imageUrl":"a.png","playUrl":"../x"}`
	for _, kind := range []string{"location", "reply", "forward", "allDeleted"} {
		h.done(ana, "POST", "message/single", m{"roomId": room, "type": kind, "content": kind, "attachment": place})
		got := checkList(t, "message", h.done(ben, "GET", "message?roomId="+room+"&lastId=first", nil))[0]
		a := got.obj("messageAttachment")
		if got.text("messageType") != kind || a.text("lat") != "1.5" || a.text("lang") != "2.5" || a["linkTitle"] != nil || a["playUrl"] != nil {
			t.Errorf("%s: %v", kind, got)
		}
		if a["imageUrl"] != nil {
			t.Errorf("%s: the picture is %v, which there is not", kind, a["imageUrl"])
		}
	}
	for _, kind := range []string{"image", "create", "kick", "other"} {
		if got := h.call(ana, "POST", "message/single", m{"roomId": room, "type": kind, "content": "x"}); got.status != 400 {
			t.Errorf("a message of type %s: %+v", kind, got)
		}
	}
}

func TestGroups(t *testing.T) {
	h := newHouse(t)
	ana, ben, cem := h.person("Ana"), h.person("Ben"), h.person("Cem")
	r := h.group(ana, ben)
	room, set := r.text("_id"), r.obj("groupSetting")
	if r.text("roomType") != "groupChat" || r.text("title") != "Club" || r["peerId"] != nil || r["peerEmail"] != nil || r.text("creatorId") != string(ana.id) ||
		set.text("role") != "admin" || set["isGroupCreator"] != true || r.obj("lastMessage").text("messageType") != "create" {
		t.Errorf("made %v", r)
	}
	h.done(ana, "POST", "room/add-member", m{"roomId": room, "peersId": []string{cem.email, ben.email}})
	h.done(ana, "POST", "room/update-member-state", m{"roomId": room, "peerId": ben.id, "state": "admin"})
	info := check(t, "info", h.done(ben, "POST", "room/update-group-info", m{"roomId": room, "groupName": "Team"}))
	if info.text("name") != "Team" {
		t.Errorf("renamed to %v", info)
	}
	members := checkList(t, "member", h.done(cem, "GET", "room/group-members?roomId="+room+"&lastIndex=1", nil))
	roles := ""
	for _, one := range members {
		roles += one.text("name") + " " + one.text("role") + ", "
	}
	if roles != "Ana admin, Ben admin, Cem member, " {
		t.Errorf("members: %s", roles)
	}
	if got := h.done(cem, "GET", "room/group-members?roomId="+room+"&lastIndex=2", nil); got != "[]" {
		t.Errorf("the second page: %s", got)
	}
	h.done(ana, "POST", "room/update-member-state", m{"roomId": room, "peerId": ben.id, "state": "member"})
	h.done(ana, "POST", "room/kick-member", m{"roomId": room, "peerId": cem.id})
	h.done(ana, "POST", "room/leave-group-chat", m{"groupId": room}) // it is Ben's now
	types := ""
	for _, one := range checkList(t, "message", h.done(ben, "GET", "message?roomId="+room+"&lastId=first", nil)) {
		types = one.text("messageType") + " " + one.text("content") + ", " + types
	}
	if want := "create Club, add Cem, upgrade Ben, info Team, downgrade Ben, kick Cem, upgrade Ben, leave Ana, "; types != want {
		t.Errorf("the log says %s want %s", types, want)
	}
	mine := checkList(t, "room", h.done(ben, "GET", "room", nil))
	if len(mine) != 1 || mine[0].obj("groupSetting")["isGroupCreator"] != true || mine[0].num("roomMembersCount") != "1" || mine[0].num("unReadCount") != "0" {
		t.Errorf("Ben sees %v", mine)
	}
	h.done(ben, "POST", "room/kick-member", m{"groupId": room})
	if got := h.call(ben, "GET", "message?roomId="+room, nil); got.status != 404 {
		t.Errorf("of a group that has ended: %+v", got)
	}
}

func TestSignUpIsASetting(t *testing.T) {
	for _, who := range []auth.Admission{auth.AdmitNobody, auth.AdmitVerified} {
		t.Run(string(who), func(t *testing.T) {
			h := newHouseFor(t, who)
			body := m{"name": "Ana", "email": "ana@example.org", "password": "x"}
			if got := h.call(person{}, "POST", "user/register", body); got.status != 403 || got.text(t) == "" {
				t.Errorf("registered: %+v", got)
			}
			if who == auth.AdmitNobody {
				return
			}
			_, err := h.auth.Verify(t.Context(), "ana@example.org", h.mail.Code("ana@example.org"))
			h.must(err)
			check(t, "user", h.done(person{}, "POST", "user/login", body))
		})
	}
}
