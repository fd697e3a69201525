package vchat_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/media"
	"expresschat/server/doortest"
	"expresschat/server/limits"
	"expresschat/server/problem"
)

// Whatever is sent arrives in all the ways in which messages do, and its files are served.
func TestEveryTypeOfMessage(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	single, group := h.single(ana, ben, "x").text("_id"), h.group(ana, ben).text("_id")
	app, reading := h.app(ben, 3), map[string]*client{single: h.reader(ben, 3, single), group: h.reader(ben, 4, group)}
	poster, picture := drawing(1), drawing(2)
	const unset = `{"imageUrl":"null","playUrl":"../x","fileSize":"null","fileDuration":"12","width":"null","height":null,"lat":"null"}`
	for kind, tt := range map[string]struct {
		files          []piece
		content        string // what is read of an empty one
		shown, played  string
		size, duration any
		width          any
	}{
		"image":      {[]piece{{"file", picture, "a cat.png"}}, "a cat.png", picture, "", fmt.Sprint(len(picture)), "12", "40"},
		"voice":      {[]piece{{"FILE", voice, "note.m4a"}}, "note.m4a", "", voice, fmt.Sprint(len(voice)), "12", nil},
		"file":       {[]piece{{"file[]", paper, "../../etc/Größe.pdf"}}, "Größe.pdf", "", paper, fmt.Sprint(len(paper)), "12", nil},
		"video":      {[]piece{{"file", poster, "p.png"}, {"file", film, "film.mp4"}}, "film.mp4", poster, film, fmt.Sprint(len(film)), "12", nil},
		"reply":      {nil, "", "", "", nil, "12", nil},
		"forward":    {nil, "", "", "", nil, "12", nil},
		"location":   {nil, "", "", "", nil, "12", nil},
		"allDeleted": {nil, "", "", "", nil, "12", nil},
	} {
		for path, room := range map[string]string{"message/single": single, "message/group": group} {
			pieces := append([]piece{{"type", kind, ""}, {"roomId", room, ""}, {"content", "", ""}, {"attachment", unset, ""}}, tt.files...)
			if said := inside(t, h.taken(ana, "POST", path, pieces...)); said == "" {
				t.Errorf("%s: no text", kind)
			}
			m := h.pages(ben, room)[0]
			a := m.obj("messageAttachment")
			if m.text("messageType") != kind || m.text("content") != tt.content ||
				a["fileSize"] != tt.size || a["fileDuration"] != tt.duration || a["width"] != tt.width || a["lat"] != nil {
				t.Errorf("%s: %v", kind, m)
			}
			for key, want := range map[string]string{"imageUrl": tt.shown, "playUrl": tt.played} {
				if want == "" {
					if a[key] != nil {
						t.Errorf("%s: %s is %v", kind, key, a[key])
					}
					continue
				}
				h.serves(a.text(key), want)
			}
			h.settle()
			shown := check(t, "message", inside(t, reading[room].last(reading[room].fresh(), "new_message")))
			listed := check(t, "room", app.last(app.fresh(), "update_one_room")).obj("lastMessage")
			if toJSON(t, shown) != toJSON(t, m) || toJSON(t, listed) != toJSON(t, m) {
				t.Errorf("%s: shown as %v, listed as %v, read as %v", kind, shown, listed, m)
			}
		}
	}
}

// What a sender says of a file counts more than what the server knows, where it is said; and
// a video needs no picture.
func TestWhatASenderSaysOfAFile(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	room := h.single(ana, ben, "x").text("_id")
	said := `{"fileSize":"2 MB","width":"7","height":8,"fileDuration":"","imageUrl":"x.png"}`
	h.taken(ana, "POST", "message/single", piece{"attachment", said, ""}, piece{"file", film, "a.mp4"},
		piece{"content", "look", ""}, piece{"roomId", room, ""}, piece{"type", "video", ""}) // in any order
	m := h.pages(ben, room)[0]
	a := m.obj("messageAttachment")
	if m.text("content") != "look" || a.text("fileSize") != "2 MB" || a.text("width") != "7" || a.text("height") != "8" ||
		a["fileDuration"] != nil || a["imageUrl"] != nil {
		t.Errorf("read as %v", m)
	}
	h.serves(a.text("playUrl"), film)
	for kind, file := range map[string]string{"voice": voice, "image": drawing(3), "file": drawing(4)} { // before their type
		h.taken(ana, "POST", "message/single", piece{"file", file, "x"}, piece{"type", kind, ""}, piece{"roomId", room, ""})
		a := h.pages(ben, room)[0].obj("messageAttachment")
		h.serves(a.text("imageUrl")+a.text("playUrl"), file)
		if (a["imageUrl"] != nil) != (kind == "image") {
			t.Errorf("%s: %v", kind, a)
		}
	}
}

// What is refused says why, is not sent, and leaves no file; and what is known to be refused
// before its file comes is not stored at all.
func TestFilesThatAreRefused(t *testing.T) {
	bin := &counted{Bucket: doortest.Folder(t)}
	h := newHouseOn(t, doortest.Plan{Admission: auth.AdmitAnybody, Bucket: bin})
	ana, ben, zoe := h.person("Ana"), h.person("Ben"), h.person("Zoe")
	room, group := h.single(ana, ben, "x").text("_id"), h.group(ana, ben).text("_id")
	blocked := h.single(ana, zoe, "x").text("_id")
	h.done(zoe, "POST", "room/ban-chat-user", m{"peerId": ana.id})
	newest, kept := h.pages(ana, room)[0].text("_id"), h.stock()
	file := func(text string) piece { return piece{"file", text, "a.bin"} }
	kind, in := func(k string) piece { return piece{"type", k, ""} }, func(r string) piece { return piece{"roomId", r, ""} }
	image := drawing(1)
	for what, tt := range map[string]struct {
		by     person
		pieces []piece
		status int
		stores bool // before it is known
	}{
		"an image without a file":      {ana, []piece{kind("image"), in(room)}, 400, false},
		"a video without a file":       {ana, []piece{kind("video"), in(room)}, 400, false},
		"text with a file":             {ana, []piece{kind("text"), in(room), file(image)}, 400, false},
		"a place with a file":          {ana, []piece{kind("location"), in(room), file(image)}, 400, false},
		"a reply with a file":          {ana, []piece{kind("reply"), in(room), file(image)}, 400, false},
		"a file and then text":         {ana, []piece{file(image), kind("text"), in(room)}, 400, true},
		"a file of no type":            {ana, []piece{file(image), in(room)}, 400, true},
		"words of the server":          {ana, []piece{kind("create"), in(room), file(image)}, 400, false},
		"two images":                   {ana, []piece{kind("image"), in(room), file(image), file(image)}, 400, true},
		"two images before their type": {ana, []piece{file(image), file(image), kind("image"), in(room)}, 400, true},
		"three for a video":            {ana, []piece{kind("video"), in(room), file(image), file(film), file(film)}, 400, true},
		"a hundred files":              {ana, append([]piece{in(room)}, slices.Repeat([]piece{file(image)}, 100)...), 400, true},
		"a video before its picture":   {ana, []piece{kind("video"), in(room), file(film), file(image)}, 400, true},
		"a video of two pictures":      {ana, []piece{kind("video"), in(room), file(image), file(image)}, 400, true},
		"a video of a picture":         {ana, []piece{kind("video"), in(room), file(image)}, 400, true},
		"an image that is text":        {ana, []piece{kind("image"), in(room), file("hello")}, 400, false},
		"an image that is a program":   {ana, []piece{kind("image"), in(room), file(`<svg xmlns="http://www.w3.org/2000/svg"/>`)}, 400, false},
		"an image that breaks off":     {ana, []piece{kind("image"), in(room), file(image[:60])}, 400, true},
		"sound that is a picture":      {ana, []piece{kind("voice"), in(room), file(image)}, 400, false},
		"text as sound, type last":     {ana, []piece{file("hello"), kind("voice"), in(room)}, 400, true},
		"a bad attachment":             {ana, []piece{kind("image"), in(room), {"attachment", "{", ""}, file(image)}, 400, true},
		"an attachment without end":    {ana, []piece{kind("image"), in(room), {"attachment", `{"lat":"` + strings.Repeat("x", 9000) + `"}`, ""}, file(image)}, 400, true},
		"no room":                      {ana, []piece{kind("image"), file(image)}, 400, true},
		"no room of this world":        {ana, []piece{kind("image"), in("x"), file(image)}, 404, false},
		"a room of another kind":       {ana, []piece{kind("image"), in(group), file(image)}, 404, false},
		"a stranger":                   {zoe, []piece{kind("image"), in(room), file(image)}, 404, false},
		"a stranger, room last":        {zoe, []piece{kind("image"), file(image), in(room)}, 404, true},
		"who is blocked":               {ana, []piece{kind("image"), in(blocked), file(image)}, 403, false},
		"who is blocked, room last":    {ana, []piece{kind("image"), file(image), in(blocked)}, 403, true},
		"nobody":                       {person{}, []piece{kind("image"), in(room), file(image)}, 401, false},
		"too much text":                {ana, []piece{kind("image"), in(room), file(image), {"content", strings.Repeat("x", 70_000), ""}}, 413, true},
	} {
		before := bin.writes.Load()
		got := h.post(tt.by, "POST", "message/single", tt.pieces...)
		if got.status != tt.status || got.text(t) == "" {
			t.Errorf("%s: %d %s, want %d", what, got.status, got.data, tt.status)
		}
		if n := h.stock(); n != kept {
			t.Errorf("%s: %d files are kept, and were %d", what, n, kept)
		}
		if stored := bin.writes.Load() != before; stored != tt.stores {
			t.Errorf("%s: stored is %v", what, stored)
		}
	}
	if now := h.pages(ana, room)[0].text("_id"); now != newest {
		t.Errorf("something was sent: %s", now)
	}
}

// A file may be as large as is set, and no larger, and so may the request.
func TestFilesThatAreTooLarge(t *testing.T) {
	const most = 5000
	h := newHouseOn(t, doortest.Plan{Admission: auth.AdmitAnybody, Limits: media.Limits{Image: most, Voice: most, Video: most, File: most, Profile: most}})
	ana, ben := h.person("Ana"), h.person("Ben")
	room := h.single(ana, ben, "x").text("_id")
	send := func(sizes ...int) reply {
		pieces := []piece{{"type", "file", ""}, {"roomId", room, ""}}
		for _, n := range sizes {
			pieces = append(pieces, piece{"file", strings.Repeat("x", n), "a.txt"})
		}
		return h.post(ana, "POST", "message/single", pieces...)
	}
	if got := send(most); !got.ok {
		t.Errorf("all that is allowed: %+v", got)
	}
	p, _ := problem.Of(media.ErrTooLarge)
	for _, n := range []int{most + 1, most + 1<<20, 2*most + 1<<20 + 1} { // of the file, of one that is read to its end, of the request
		if got := send(n); got.status != 413 || got.text(t) != p.Text {
			t.Errorf("%d bytes: %+v", n, got)
		}
	}
	if got := len(h.pages(ana, room)); got != 2 || h.stock() != 1 {
		t.Errorf("%d messages, %d files", got, h.stock())
	}
}

// Who has as much as one may have is told so.
func TestNoRoomForMoreFiles(t *testing.T) {
	h := newHouseOn(t, doortest.Plan{Admission: auth.AdmitAnybody, Quota: 3000})
	ana, ben := h.person("Ana"), h.person("Ben")
	room := h.single(ana, ben, "x").text("_id")
	send := func() reply {
		return h.post(ana, "POST", "message/single", piece{"type", "file", ""}, piece{"roomId", room, ""}, piece{"file", paper, "a.pdf"})
	}
	// What a send brought that fails takes no room, so that trying again is of use.
	for _, room := range []string{"", "0190f3c2-0000-7000-8000-000000000000"} {
		got := h.post(ana, "POST", "message/single", piece{"type", "file", ""}, piece{"file", paper, "a.pdf"}, piece{"roomId", room, ""})
		if got.ok || h.stock() != 0 {
			t.Errorf("to %q: %+v, and %d files", room, got, h.stock())
		}
	}
	if got := send(); !got.ok {
		t.Errorf("the first: %+v", got)
	}
	if got := send(); got.status != 403 || got.text(t) == "" || h.stock() != 1 {
		t.Errorf("one too many: %+v", got)
	}
}

// Parts that are none are the client's fault, and so is a body that ends halfway; what had
// come by then is not kept.
func TestBrokenParts(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	room := h.single(ana, ben, "x").text("_id")
	whole, kind := inPieces(piece{"type", "video", ""}, piece{"roomId", room, ""}, piece{"file", drawing(1), "a.png"}, piece{"file", film, "b.mp4"})
	for what, tt := range map[string]struct {
		kind string
		body []byte
	}{
		"no boundary":         {"multipart/form-data", whole},
		"another boundary":    {"multipart/form-data; boundary=x", whole},
		"nothing":             {kind, nil},
		"the first file only": {kind, whole[:len(whole)-len(film)-300]},
		"half of the film":    {kind, whole[:len(whole)-600]},
		"all but the end":     {kind, whole[:len(whole)-4]},
	} {
		got := h.request("POST", "/api/v1/message/single", http.Header{"Content-Type": {tt.kind}, "Authorization": {ana.token}}, tt.body)
		if got.status != 400 || got.text(t) == "" || h.stock() != 0 {
			t.Errorf("%s: %+v, and %d files", what, got, h.stock())
		}
	}
	if got := h.hangUp(ana, kind, whole, len(whole)-600); !strings.HasPrefix(got, "HTTP/1.1 400 ") || h.stock() != 0 {
		t.Errorf("a client that stops: %.60q, and %d files", got, h.stock())
	}
	if n := len(h.pages(ben, room)); n != 1 {
		t.Errorf("%d messages", n)
	}
}

// A forward names the files of others. It has them for as long as it is there itself, whatever
// becomes of where they were.
func TestForwardsOfFiles(t *testing.T) {
	h := newHouse(t)
	ana, ben, cem := h.person("Ana"), h.person("Ben"), h.person("Cem")
	group, room := h.group(ana, ben).text("_id"), h.single(ben, cem, "x").text("_id")
	picture := drawing(1)
	h.taken(ana, "POST", "message/group", piece{"type", "image", ""}, piece{"roomId", group, ""}, piece{"file", picture, "a.png"})
	original := h.pages(ben, group)[0].obj("messageAttachment")
	name := original.text("imageUrl")
	for _, kind := range []string{"forward", "reply"} {
		said := fmt.Sprintf(`{"imageUrl":%q,"playUrl":"0123456789abcdef0123456789abcdef.mp4"}`, name)
		h.done(ben, "POST", "message/single", m{"roomId": room, "type": kind, "content": "", "attachment": said})
		if a := h.pages(cem, room)[0].obj("messageAttachment"); !reflect.DeepEqual(a, original) {
			t.Errorf("%s: %v, want what the server knows of it, %v", kind, a, original)
		}
	}
	var whole int // of the three, those that have all that the other door shows
	const complete = `SELECT count(*) FROM messages WHERE attachment->>'name' = 'a.png' AND attachment->>'thumb' <> '' AND attachment->>'mime' = 'image/png'`
	if h.must(h.looks().QueryRow(t.Context(), complete).Scan(&whole)); whole != 3 {
		t.Errorf("%d are whole", whole)
	}
	for _, p := range []person{ben, ana} {
		h.done(p, "POST", "room/leave-group-chat", m{"groupId": group})
	}
	const age = `UPDATE files SET kept_until = now() - interval '1 day', condemned_at = condemned_at - interval '1 day'`
	for range 3 {
		_, err := h.looks().Exec(t.Context(), age)
		h.must(err)
		h.must(h.ground.Media.Collect(t.Context()))
	}
	h.serves(name, picture)
}

// Files are paid for as what makes much work.
func TestAFloodOfFiles(t *testing.T) {
	t.Parallel()
	stopped := func() time.Duration { return 0 }
	h := openHouse(t, doortest.Plan{Admission: auth.AdmitAnybody}, limits.NewUsersBy(true, stopped))
	ana, ben := h.person("Ana"), h.person("Ben")
	room := h.single(ana, ben, "x").text("_id")
	taken := 0
	for range 100 {
		got := h.post(ana, "POST", "message/single", piece{"type", "file", ""}, piece{"roomId", room, ""}, piece{"file", "x", "a"})
		if got.status == http.StatusTooManyRequests {
			break
		}
		taken++
	}
	if taken < 20 || taken > 60 || h.stock() != taken {
		t.Errorf("%d files were taken, %d are kept", taken, h.stock())
	}
}
