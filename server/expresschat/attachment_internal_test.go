package expresschat

import (
	"encoding/json"
	"strings"
	"testing"

	"expresschat/bus"
	"expresschat/media"
)

func of(s string) *string { return &s }

// named is a name as files have it, which begins and ends like this one.
func named(short string) string {
	return strings.Replace(short, ".", strings.Repeat("0", 32-strings.Index(short, "."))+".", 1)
}

// Durations are text of whichever client, and numbers here; what JSON can't say is none.
func TestDurations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{
		"12": 12, "12.5": 12.5, "0:12": 12, "1:02:03": 3723, "00:00:05.250": 5.25, "": 0, "0": 0,
		"soon": 0, "-1": 0, "1:-2": 0, "NaN": 0, "Inf": 0, "1e400": 0, "1e7": 0, "1:2:3:4": 0, ":": 0, "12 s": 0, "1e6:1e6:1e6": maxSeconds,
	} {
		if got := seconds(text); got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}

func TestPixels(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"480": 480, "479.6": 480, "": 0, "null": 0, "-3": 0, "NaN": 0, "1e300": 0} {
		if got := pixels(text); got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}

// A file is said in the same words whatever door it came by.
func TestAttachments(t *testing.T) {
	t.Parallel()
	sized := media.File{
		Name: named("a1.jpg"), Type: bus.Image, Title: "sun.jpg", Size: 9, Width: 3, Height: 2, Thumb: named("t1.jpg"), MIME: "image/jpeg",
	}
	tests := map[string]struct {
		t       bus.Type
		content string
		a       *bus.Attachment
		want    string // empty for none
		shown   string
	}{
		"a text": {bus.Text, "hi", nil, "", "hi"},
		"an image": {
			bus.Image, "", sized.Attachment(),
			`{"Url":"/media/` + named("a1.jpg") + `","Type":"image","Name":"sun.jpg","Size":9,"Width":3,"Height":2,"Duration":0,"Thumb":"/media/` + named("t1.jpg") + `","Caption":""}`,
			"[image] sun.jpg",
		},
		"a video with a poster": {
			bus.Video, "look", &bus.Attachment{File: of(named("v.mp4")), Picture: of(named("p.jpg")), Thumb: of(named("t.jpg")), Duration: of("1:01"), Bytes: 5},
			`{"Url":"/media/` + named("v.mp4") + `","Type":"video","Name":"","Size":5,"Width":0,"Height":0,"Duration":61,"Thumb":"/media/` + named("p.jpg") + `","Caption":"look"}`,
			"look",
		},
		"a voice message": {
			bus.Voice, "", &bus.Attachment{File: of(named("v.ogg")), Duration: of("2.5"), Size: of("?")},
			`{"Url":"/media/` + named("v.ogg") + `","Type":"voice","Name":"","Size":0,"Width":0,"Height":0,"Duration":2.5,"Thumb":"","Caption":""}`,
			"[voice]",
		},
		"a file": {
			bus.File, "", &bus.Attachment{File: of(named("f.pdf")), Name: of("a <b>.pdf"), Width: of("big")},
			`{"Url":"/media/` + named("f.pdf") + `","Type":"file","Name":"a \u003cb\u003e.pdf","Size":0,"Width":0,"Height":0,"Duration":0,"Thumb":"","Caption":""}`,
			"[file] a <b>.pdf",
		},
		"a forwarded image": {
			bus.Forward, "", &bus.Attachment{Picture: of(named("p.jpg"))},
			`{"Url":"/media/` + named("p.jpg") + `","Type":"image","Name":"","Size":0,"Width":0,"Height":0,"Duration":0,"Thumb":"","Caption":""}`,
			"[forward]",
		},
		"an answer to a video": {
			bus.Reply, "yes", &bus.Attachment{File: of(named("v.mp4")), Picture: of(named("p.jpg"))},
			`{"Url":"/media/` + named("v.mp4") + `","Type":"video","Name":"","Size":0,"Width":0,"Height":0,"Duration":0,"Thumb":"/media/` + named("p.jpg") + `","Caption":"yes"}`,
			"yes",
		},
		"a file of a VChat app": {
			bus.File, "a.pdf", &bus.Attachment{File: of(named("f.pdf")), Name: of("a.pdf")},
			`{"Url":"/media/` + named("f.pdf") + `","Type":"file","Name":"a.pdf","Size":0,"Width":0,"Height":0,"Duration":0,"Thumb":"","Caption":""}`,
			"[file] a.pdf",
		},
		"a place":              {bus.Location, "", &bus.Attachment{Latitude: of("52.5"), Longitude: of("13.4"), File: of(named("f.pdf"))}, "", "[location] 52.5, 13.4"},
		"a place in words":     {bus.Location, "here", &bus.Attachment{Latitude: of("52.5"), Longitude: of("13.4")}, "", "here"},
		"a place that is none": {bus.Location, "", &bus.Attachment{Latitude: of("x\u202e"), Longitude: of("13.4")}, "", "[location]"},
		"half a place":         {bus.Location, "", &bus.Attachment{Latitude: of("52.5")}, "", "[location]"},
		"a link in a text":     {bus.Text, "see", &bus.Attachment{LinkURL: of("http://x.example")}, "", "see"},
		"an image without any": {bus.Image, "", &bus.Attachment{File: of(named("f.pdf"))}, "", "[image]"},
		"a path":               {bus.File, "", &bus.Attachment{File: of("../logout")}, "", "[file]"},
		"another path":         {bus.File, "", &bus.Attachment{File: of("..")}, "", "[file]"},
		"an address":           {bus.Image, "", &bus.Attachment{Picture: of("javascript:alert(1)")}, "", "[image]"},
		"no name of ours":      {bus.Image, "", &bus.Attachment{Picture: of("cat.jpg")}, "", "[image]"},
		"too long a name":      {bus.Image, "", &bus.Attachment{Picture: of(named("p.jpg") + "jpg")}, "", "[image]"},
	}
	for name, tt := range tests {
		got := ""
		if a := attachmentOf(tt.t, tt.content, tt.a); a != nil {
			text, err := json.Marshal(a)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			got = string(text)
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
		if got := bus.Gist(tt.t, tt.content, tt.a); got != tt.shown {
			t.Errorf("%s is shown as %q, want %q", name, got, tt.shown)
		}
	}
}

// A text costs what it cost before there were files: two arguments in a list, and no more.
func TestATextTakesNoMore(t *testing.T) {
	text := bus.MessageSent{Place: bus.Place{Room: "r", Kind: bus.Personal}, Type: bus.Text, Content: "hi"}
	if n := testing.AllocsPerRun(100, func() { renderMessage(text) }); n != 3 {
		t.Errorf("a text is rendered in %v allocations", n)
	}
	wire, err := json.Marshal(renderMessage(text)[0].arg)
	if err != nil || strings.Contains(string(wire), "Attachment") {
		t.Errorf("%s %v", wire, err)
	}
}
