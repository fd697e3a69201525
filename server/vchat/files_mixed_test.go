package vchat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

// uploads has somebody upload a file on a page, and returns the answer.
func (h *house) uploads(p person, pieces ...piece) (got object) {
	h.Helper()
	body, kind := inPieces(pieces...)
	r, err := http.NewRequestWithContext(h.Context(), http.MethodPost, h.url+"/upload", bytes.NewReader(body))
	h.must(err)
	r.Header = http.Header{"Content-Type": {kind}, "Authorization": {"Bearer " + p.tokens.Access}}
	answered, err := h.http.Do(r)
	h.must(err)
	defer answered.Body.Close()
	if h.must(json.NewDecoder(answered.Body).Decode(&got)); answered.StatusCode != http.StatusOK {
		h.Fatalf("an upload is answered by %d %v", answered.StatusCode, got)
	}
	return got
}

// A file that an app sends is one like any other to a page, and the other way about.
func TestFilesCrossTheDoors(t *testing.T) {
	h := newHouse(t)
	ana, pia := h.person("Ana"), h.pagePerson("Pia")
	p := h.page(pia)
	room := p.did("create-personal-chat", m{"Receiver": ana.id}).text("ChatId")
	picture := drawing(1)
	files := map[string]struct {
		piece
		poster string
	}{
		"image": {piece{"file", picture, "cat.png"}, ""}, "voice": {piece{"file", voice, "note.ogg"}, ""},
		"video": {piece{"file", film, "film.mp4"}, picture}, "file": {piece{"file", paper, "a.pdf"}, ""},
	}
	for kind, f := range files {
		poster := []piece{{"file", f.poster, "p.png"}}
		if f.poster == "" {
			poster = nil
		}
		pieces := append([]piece{{"type", kind, ""}, {"roomId", room, ""}, {"content", "", ""}, {"attachment", `{"fileDuration":"1:02"}`, ""}}, append(poster, f.piece)...)
		h.settle()
		p.fresh()
		h.taken(ana, "POST", "message/single", pieces...)
		h.settle()
		got := p.told(p.fresh(), "receive-personal-message")
		a := object(got["Attachment"].(map[string]any))
		there := h.pages(ana, room)[0].obj("messageAttachment")
		url, thumb := there["playUrl"], there["imageUrl"]
		if kind == "image" {
			url = there["imageUrl"]
		}
		if got.text("Content") != "["+kind+"] "+f.file || a.text("Type") != kind || a.text("Name") != f.file || a.text("Caption") != "" ||
			a.text("Url") != "/media/"+fmt.Sprint(url) || a["Size"] != float64(len(f.text)) || a["Duration"] != 62.0 {
			t.Errorf("%s of an app: %v, which the app reads as %v", kind, got, there)
		}
		if kind == "video" && a.text("Thumb") != "/media/"+fmt.Sprint(thumb) || kind == "image" && (a.text("Thumb") == "" || a["Width"] != 40.0) {
			t.Errorf("%s of an app is shown by %v", kind, a)
		}

		poster = []piece{{"poster", f.poster, "p.png"}}
		if f.poster == "" {
			poster = nil
		}
		up := h.uploads(pia, append([]piece{{"type", kind, ""}}, append(poster, f.piece)...)...)
		p.did("send-personal-message", m{"ChatId": room, "Upload": up["id"], "Content": "look"})
		read := h.pages(ana, room)[0]
		there = read.obj("messageAttachment")
		url = there["playUrl"]
		if kind == "image" {
			url = there["imageUrl"]
		}
		if read.text("messageType") != kind || read.text("content") != "look" || url != up["id"] || (there["imageUrl"] != nil) != (kind == "image" || kind == "video") {
			t.Errorf("%s of a page is read as %v", kind, read)
		}
		h.serves(up.text("id"), f.text)
	}
	p.did("send-personal-message", m{"ChatId": room, "Upload": h.uploads(pia, files["file"].piece)["id"]})
	if read := h.pages(ana, room)[0]; read.text("content") != "" && read.text("content") != "a.pdf" {
		t.Errorf("a file without a word is read as %v", read)
	}
}
