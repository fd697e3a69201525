package expresschat_test

import (
	"fmt"
	"maps"
	"sync"
	"testing"

	"expresschat/server/expresschat"
)

// together are two with a chat of their own and a group, each with what they hear by.
type together struct {
	*world
	ana, ben        person
	a, other, b     *client
	personal, group string
}

func newTogether(t *testing.T, changes ...func(*expresschat.Parts)) *together {
	t.Helper()
	w := &together{world: newWorld(t, changes...)}
	w.ana, w.ben = w.person("Ana"), w.person("Ben")
	w.a, w.other, w.b = w.enter("Ana", w.ana), w.enter("Ana"+otherTab, w.ana), w.enter("Ben", w.ben)
	w.personal = w.done(w.a.emit("create-personal-chat", object{"Receiver": w.ben.id}))["ChatId"].(string)
	w.group = w.done(w.a.emit("create-group-chat", object{"Name": "g", "Participants": []any{w.ben.id}}))["GroupId"].(string)
	w.forget()
	return w
}

// last is the newest event of a name that a socket has heard.
func (c *client) last(name string) map[string]any {
	c.Helper()
	all := c.all()
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].name == name {
			return all[i].arg
		}
	}
	c.Errorf("has not heard %s", name)
	return nil
}

// Every type of file goes into every kind of chat, and looks the same to all who see it, live
// and later.
func TestFilesInChats(t *testing.T) {
	w := newTogether(t)
	files := map[string]struct {
		parts   []part
		caption string
		want    object // beside Url and Thumb
		content string
		thumb   bool
	}{
		"image": {
			[]part{{"width", "", "3"}, {"height", "", "2"}, {"file", "sun.png", aPicture}},
			"",
			object{"Type": "image", "Name": "sun.png", "Size": len(aPicture), "Width": 3, "Height": 2, "Duration": 0},
			"[image] sun.png", true,
		},
		"voice": {
			[]part{{"type", "", "voice"}, {"duration", "", "2.5"}, {"file", "rec.ogg", aVoice}},
			"",
			object{"Type": "voice", "Name": "rec.ogg", "Size": len(aVoice), "Width": 0, "Height": 0, "Duration": 2.5},
			"[voice] rec.ogg", false,
		},
		"video": {
			[]part{{"width", "", "640"}, {"height", "", "360"}, {"duration", "", "61"}, {"poster", "p.png", aPicture}, {"file", "v.mp4", aVideo}},
			"look",
			object{"Type": "video", "Name": "v.mp4", "Size": len(aVideo), "Width": 640, "Height": 360, "Duration": 61},
			"look", true,
		},
		"file": {
			[]part{{"file", "..\\../etc/a\u202e b.pdf", aFile}, {"type", "", "meaningless"}, {"file", "large.bin", ofBytes(100_000, "x")}},
			"",
			object{"Type": "file", "Name": "a b.pdf", "Size": len(aFile), "Width": 0, "Height": 0, "Duration": 0},
			"[file] a b.pdf", false,
		},
	}
	for what, f := range files {
		up := w.uploads(w.ana, f.parts...)
		url, thumb := fmt.Sprint(up["Url"]), fmt.Sprint(up["Thumb"])
		want := object{"Url": url, "Thumb": thumb, "Caption": f.caption}
		for key, value := range f.want {
			want[key] = value
			if fmt.Sprint(up[key]) != fmt.Sprint(value) {
				t.Errorf("%s: the answer has %s %v, want %v", what, key, up[key], value)
			}
		}
		if url != "/media/"+fmt.Sprint(up["id"]) || (thumb != "") != f.thumb {
			t.Errorf("%s: the answer is %v", what, up)
		}
		draft := object{"Content": f.caption, "Upload": up["id"]}
		for event, in := range map[string][2]string{
			"send-self-message": {}, "send-personal-message": {"ChatId", w.personal}, "send-group-message": {"GroupId", w.group},
		} {
			w.sees(what+" by "+event, event, in, draft, want, f.content)
		}
		w.lists(what, object{"Type": want["Type"], "Name": want["Name"], "Caption": f.caption}, f.content)
	}
	for where, in := range map[string]object{"send-self-message": {}, "send-personal-message": {"ChatId": w.personal}, "send-group-message": {"GroupId": w.group}} {
		in["Content"] = "[image] a text"
		w.done(w.a.emit(where, in))
	}
	w.settle()
	w.lists("a text", nil, "[image] a text")
}

// lists checks what was said last, in the lists of who comes now.
func (w *together) lists(what string, want object, content string) {
	w.Helper()
	c := w.connect(w.ana)
	for where, got := range map[string]any{
		"of oneself": c.first("user-id").arg["Self"],
		"personal":   c.first("personal-chat-list").arg["PersonalChatList"].([]any)[0],
		"group":      c.first("group-chat-list").arg["GroupChatList"].([]any)[0],
	} {
		last := got.(map[string]any)["LastMessage"].(map[string]any)
		file, there := last["Attachment"]
		if last["Content"] != content || there != (want != nil) || there && toJSON(w.T, file) != toJSON(w.T, want) {
			w.Errorf("%s, listed %s: %v %v, want %s %v", what, where, last["Content"], file, content, want)
		}
	}
}

// sees sends a message, and checks it where it is seen.
func (w *together) sees(what, event string, in [2]string, draft, want object, content string) {
	w.Helper()
	send, fetch := object{}, object{}
	for key, value := range draft {
		send[key] = value
	}
	if in[0] != "" {
		send[in[0]], fetch[in[0]] = in[1], in[1]
	}
	w.done(w.a.emit(event, send))
	w.settle()
	check := func(where string, got map[string]any) {
		w.Helper()
		if got["Content"] != content || toJSON(w.T, got["Attachment"]) != toJSON(w.T, want) {
			w.Errorf("%s, %s: %v %v, want %s %v", what, where, got["Content"], got["Attachment"], content, want)
		}
	}
	newest := func(where string, page map[string]any) {
		w.Helper()
		check(where, page["Messages"].([]any)[0].(map[string]any))
	}
	check("in another tab", w.other.last("own-message"))
	switch event {
	case "send-self-message":
		w.done(w.a.emit("fetch-self-chat", fetch))
		newest("fetched", w.a.last("self-chat"))
		return
	case "send-personal-message":
		check("by the other", w.b.last("receive-personal-message"))
		w.done(w.b.emit("fetch-personal-chat", fetch))
		newest("fetched", w.b.last("personal-chat"))
	default:
		check("by the others", w.b.last("receive-group-message"))
		w.done(w.b.emit("fetch-group-chat", fetch))
		newest("fetched", w.b.last("group-chat"))
	}
}

// Of a message with a file that is sent again there is one, whatever is in it; the same file may
// be in many. Nobody else can send it, nor what is none.
func TestUploadsInSends(t *testing.T) {
	w := newTogether(t)
	up := w.uploads(w.ana, part{"file", "a.pdf", aFile})
	send := func(c *client, upload any, clientID string) map[string]any {
		return c.emit("send-personal-message", object{"ChatId": w.personal, "Upload": upload, "ClientId": clientID})()
	}
	first, again := send(w.a, up["id"], "1"), send(w.a, up["id"], "1")
	if first["success"] != true || toJSON(t, first) != toJSON(t, again) {
		t.Errorf("acked by %v, and again by %v", first, again)
	}
	if next := send(w.other, up["id"], "2"); next["success"] != true || next["Seq"] != 2.0 {
		t.Errorf("sent once more: %v", next)
	}
	w.forget()
	before := w.rows()
	for what, upload := range map[string]any{
		"of somebody else": up["id"], "of nobody": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.pdf", "no name": "../" + fmt.Sprint(up["id"]), "NUL": "a\x00b",
	} {
		for _, withText := range []string{"", "caption"} {
			got := w.b.emit("send-personal-message", object{"ChatId": w.personal, "Upload": upload, "Content": withText})()
			if got["code"] != "no-file" || got["success"] != false {
				t.Errorf("%s: %v", what, got)
			}
		}
	}
	w.b.say("send-group-message", toJSON(t, object{"GroupId": w.group, "Upload": up["id"]}), false)
	w.b.roundtrip()
	if got := w.b.last("chat-error"); got["code"] != "no-file" || got["event"] != "send-group-message" {
		t.Errorf("told %v", got)
	}
	if after := w.rows(); !maps.Equal(before, after) {
		t.Errorf("refused sends changed %v to %v", before, after)
	}
}

// What a client sends behind a message with a file comes behind it, however long that is looked
// for; and a text is not looked for at all.
func TestAFileAndATextKeepTheirOrder(t *testing.T) {
	looking, goOn := make(chan struct{}, 8), make(chan struct{})
	w := newTogether(t, func(p *expresschat.Parts) {
		p.Media = studio{Media: p.Media, own: func() error {
			looking <- struct{}{}
			<-goOn
			return nil
		}}
	})
	release := sync.OnceFunc(func() { close(goOn) })
	t.Cleanup(release)
	up := w.uploads(w.ana, part{"file", "a.pdf", aFile})
	var acks []func() map[string]any
	for _, draft := range []object{{"Content": "before"}, {"Upload": up["id"]}, {"Content": "behind"}} {
		draft["GroupId"] = w.group
		acks = append(acks, w.a.emit("send-group-message", draft))
	}
	<-looking
	w.a.overheard() // the text has arrived, too
	w.done(w.b.emit("send-group-message", object{"GroupId": w.group, "Content": "of another"}))
	release()
	var seqs []any
	for _, ack := range acks {
		seqs = append(seqs, w.done(ack)["Seq"])
	}
	if got := fmt.Sprint(seqs); got != "[2 4 5]" {
		t.Errorf("stored as %s", got)
	}
	if len(looking) > 0 {
		t.Error("a text was looked for")
	}
}

// The first page sent pictures in an event of its own, which gets silence.
func TestThePictureOfTheFirstPage(t *testing.T) {
	w := newTogether(t)
	before := w.rows()
	for _, arg := range []string{`{"ChatId":"` + w.personal + `","Image":"data:image/png;base64,AAAA","Content":"x"}`, "", `"x"`} {
		w.a.say("send-image", arg, false)
	}
	w.a.roundtrip()
	if heard := w.news(); len(heard) > 0 || !maps.Equal(before, w.rows()) {
		t.Errorf("heard %v", heard)
	}
}
