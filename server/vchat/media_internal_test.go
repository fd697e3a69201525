package vchat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/media"
)

// shelf is a Media that counts what it has.
type shelf struct {
	noMedia
	kept []string
}

func (s *shelf) Put(_ context.Context, u media.Upload) (media.File, error) {
	body, err := io.ReadAll(u.Body)
	if err != nil {
		return media.File{}, fmt.Errorf("%w: %w", media.ErrBody, err)
	}
	s.kept = append(s.kept, string(body))
	return media.File{Name: string(body), Owner: u.Owner, Title: u.Title}, nil
}

func (s *shelf) Discard(_ context.Context, _ auth.UserID, names ...string) {
	s.kept = slices.DeleteFunc(s.kept, func(k string) bool { return slices.Contains(names, k) })
}

// part is one of a body with the boundary b.
func part(head, text string) string {
	return "--b\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + text + "\r\n"
}

func inParts(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", parts)
	return r
}

// What failed for certain leaves no file behind. Where something may refer to one by now, it
// stays.
func TestWhatFailsKeepsNoFiles(t *testing.T) {
	t.Parallel()
	body := part(`name="file"; filename="a"`, "one") + part(`name="file"; filename="b"`, "two") + "--b--\r\n"
	all := intake{next: func(form) (media.Upload, error) { return media.Upload{}, nil }}
	for what, tt := range map[string]struct {
		err  error
		kept int
	}{
		"nothing fails":           {nil, 2},
		"a stranger":              {chat.ErrNotMember, 0},
		"a blocked chat":          {chat.ErrBlocked, 0},
		"too much in its lane":    {chat.ErrBusy, 0},
		"words of the door's":     {errFileUnasked, 0},
		"a commit in doubt":       {fmt.Errorf("send: %w", chat.ErrInDoubt), 2},
		"no database":             {chat.ErrUnavailable, 2}, // an attempt before the last may have been in doubt
		"a full database":         {chat.ErrFull, 2},
		"a room that is held":     {chat.ErrHeld, 2},
		"a client that gave up":   {context.Canceled, 2},
		"a send that takes long":  {context.DeadlineExceeded, 2},
		"what nobody thought of":  {errors.New("what"), 2},
		"nobody has such a thing": {media.ErrNoFile, 0},
	} {
		s := &shelf{}
		d := &Door{media: s}
		err := d.withFiles(inParts(body), all, func(f form) error {
			if len(f.files) != 2 || f.picture() != "one" {
				t.Errorf("%s: used with %v", what, f.files)
			}
			return tt.err
		})
		if !errors.Is(err, tt.err) || len(s.kept) != tt.kept {
			t.Errorf("%s: %v, and kept %q", what, err, s.kept)
		}
	}
}

// A body that can't be read to its end is carried out in no part of it.
func TestBodiesThatBreakOff(t *testing.T) {
	t.Parallel()
	whole := part(`name="roomId"`, "x") + part(`name="file"; filename="a"`, "one") + part(`name="file"; filename="b"`, "two") + "--b--\r\n"
	all := intake{next: func(form) (media.Upload, error) { return media.Upload{}, nil }}
	end := strings.LastIndex(whole, "--") // without these two it is no end
	for n := range len(whole) + 1 {
		s := &shelf{}
		d := &Door{media: s}
		used := false
		err := d.withFiles(inParts(whole[:n]), all, func(form) error {
			used = true
			return nil
		})
		if complete := n == end+2 || n == len(whole); used != complete || (err == nil) != complete || (len(s.kept) == 2) != complete || (!complete && len(s.kept) > 0) {
			t.Fatalf("%q: %v, used is %v, and kept %q", whole[:n], err, used, s.kept)
		}
	}
}

// What a body has beside its files is bounded, and its files are not part of that.
func TestHeadsOfParts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("y", maxHeads)
	read := 0
	all := func(_ form, _ string, file io.Reader) (media.File, error) {
		n, err := io.Copy(io.Discard, file)
		read += int(n)
		return media.File{}, err
	}
	if _, err := readBody(inParts("--b\r\nX: "+long), all); !errors.Is(err, errTooMuch) {
		t.Errorf("a head without end: %v", err)
	}
	file := part(`name="file"; filename="a"`, long)
	whole := file + file + part(`name="x"`, "y") + "--b--\r\n"
	for _, take := range []taker{all, nil} {
		if f, err := readBody(inParts(whole), take); err != nil || f.get("x") != "y" {
			t.Errorf("%v, %v", f.values, err)
		}
	}
	if read != 2*len(long) {
		t.Errorf("%d bytes of files", read)
	}
}

// What is no file to one is none to all: by its name, or by its field and type.
func TestWhatIsAFile(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]bool{
		`name="file"; filename="a"`:                                    true,
		`name="FILE"; filename="a"`:                                    true,
		`name="file[]"; filename="a"`:                                  true,
		`name="picture"; filename="../../a"`:                           true,
		`name="file"` + "\r\nContent-Type: image/png":                  true,
		`name="File[]"` + "\r\nContent-Type: application/octet-stream": true,
		`name="file"`: false,
		`name="file"` + "\r\nContent-Type: text/plain; charset=utf-8": false,
		`name="file"` + "\r\nContent-Type: nonsense;;":                true,
		`name="content"` + "\r\nContent-Type: application/json":       false,
		`name="content"; filename=""` + "\r\nContent-Type: image/png": false,
	} {
		got := 0
		f, err := readBody(inParts(part(head, "x")+"--b--"), func(form, string, io.Reader) (media.File, error) {
			got++
			return media.File{}, nil
		})
		if err != nil || (got == 1) != want || (len(f.values) == 1) == want {
			t.Errorf("%s: %d files and %v, %v", head, got, f.values, err)
		}
	}
	none, err := readBody(inParts(part(`name="file"; filename=""`+"\r\nContent-Type: application/octet-stream", "")+"--b--"), func(form, string, io.Reader) (media.File, error) {
		t.Error("where no file was chosen there is one")
		return media.File{}, nil
	})
	if err != nil || len(none.files) > 0 {
		t.Errorf("%v, %v", none, err)
	}
}

// What a sender says of a file stands beside what the server knows, and names no file.
func TestAttachmentsOfFiles(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	said := &bus.Attachment{
		Picture: text("../x"), File: text("y"), Thumb: text("z"), Name: text("lie"), MIME: text("text/html"), Bytes: 5,
		Size: text("2 MB"), Width: text(""), Height: text("7"), Latitude: text("1.5"),
	}
	video := media.File{Name: "v.mp4", Type: bus.Video, MIME: "video/mp4", Title: "film", Size: 9, Width: 3, Height: 4, Duration: "8"}
	poster := media.File{Name: "p.png", Type: bus.Image, MIME: "image/png", Title: "first", Size: 1, Thumb: "t.jpg"}
	a, err := attach(bus.Video, []media.File{poster, video}, said)
	if err != nil {
		t.Fatal(err)
	}
	want := bus.Attachment{
		Picture: text("p.png"), File: text("v.mp4"), Name: text("film"), MIME: text("video/mp4"), Bytes: 9,
		Size: text("2 MB"), Width: text("3"), Height: text("7"), Duration: text("8"), Latitude: text("1.5"),
	}
	if got, want := inText(a), inText(want); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	wire := attachmentOf(a)
	if *wire.FileSize != "2 MB" || *wire.PlayURL != "v.mp4" || *wire.ImageURL != "p.png" {
		t.Errorf("sent as %s", inText(wire))
	}
	a, err = attach(bus.Image, []media.File{poster}, nil)
	if wire := attachmentOf(a); err != nil || *wire.FileSize != "1" || *wire.ImageURL != "p.png" || wire.PlayURL != nil || wire.Width != nil {
		t.Errorf("sent as %s, %v", inText(wire), err)
	}
}

// A file that came before its type is judged when that has come.
func TestFilesBeforeTheirType(t *testing.T) {
	t.Parallel()
	image := media.File{Name: "i", Type: bus.Image, MIME: "image/png"}
	video := media.File{Name: "v", Type: bus.Video, MIME: "video/mp4"}
	sound := media.File{Name: "s", Type: bus.File, MIME: "audio/mpeg"}
	other := media.File{Name: "o", Type: bus.File, MIME: "text/plain"}
	for what, tt := range map[string]struct {
		t     bus.Type
		files []media.File
		want  error
	}{
		"an image":                   {bus.Image, []media.File{image}, nil},
		"an image that is a video":   {bus.Image, []media.File{video}, media.ErrType},
		"an image that is text":      {bus.Image, []media.File{other}, media.ErrType},
		"two images":                 {bus.Image, []media.File{image, image}, errManyFiles},
		"no image":                   {bus.Image, nil, errFileMissing},
		"sound":                      {bus.Voice, []media.File{sound}, nil},
		"sound in a film's box":      {bus.Voice, []media.File{video}, nil},
		"sound that is text":         {bus.Voice, []media.File{other}, media.ErrType},
		"a file":                     {bus.File, []media.File{other}, nil},
		"an image as a file":         {bus.File, []media.File{image}, nil},
		"a video":                    {bus.Video, []media.File{image, video}, nil},
		"a video alone":              {bus.Video, []media.File{video}, nil},
		"a picture alone":            {bus.Video, []media.File{image}, media.ErrType},
		"a video before its picture": {bus.Video, []media.File{video, image}, media.ErrType},
		"two videos":                 {bus.Video, []media.File{video, video}, errThumbnail},
		"text":                       {bus.Text, []media.File{image}, errFileUnasked},
		"a place":                    {bus.Location, []media.File{image}, errFileUnasked},
		"a reply":                    {bus.Reply, []media.File{image}, errFileUnasked},
		"text alone":                 {bus.Text, nil, nil},
	} {
		a, err := attach(tt.t, tt.files, nil)
		if !errors.Is(err, tt.want) || (err != nil && a != nil) {
			t.Errorf("%s: %v, want %v", what, err, tt.want)
		}
		if tt.t == bus.File && err == nil && (a.File == nil || a.Picture != nil) {
			t.Errorf("%s: %s", what, inText(a))
		}
	}
}

// An error of the door's own words is a stranger to no log.
func TestDoorsWithoutMedia(t *testing.T) {
	t.Parallel()
	d := New(Parts{Log: slog.New(slog.DiscardHandler)})
	defer func() { _ = d.Stop(context.Background()) }()
	err := d.withFiles(inParts(part(`name="file"; filename="a"`, "x")+"--b--"), intake{next: func(form) (media.Upload, error) { return media.Upload{}, nil }}, func(form) error { return nil })
	if !errors.Is(err, media.ErrUnavailable) {
		t.Error(err)
	}
}
