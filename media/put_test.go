package media_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/media"
)

var nameForm = regexp.MustCompile(`^[a-z0-9]{32}\.[a-z0-9]{2,5}$`)

// heads begin files of some types.
var heads = map[string]string{
	"png":   string(picture(640, 480)),
	"gif":   "GIF89a\x01\x00\x01\x00\x00\x00\x00;",
	"svg":   `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`,
	"html":  "<!DOCTYPE html><script>alert(1)</script>",
	"text":  "hello",
	"mp4":   "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
	"m4a":   "\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00M4A mp42",
	"webm":  "\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm",
	"3gp":   "\x00\x00\x00\x18ftyp3gp4\x00\x00\x00\x003gp4isom",
	"ogg":   "OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x13OpusHead\x01",
	"mp3":   "\xff\xfb\x90\x00\x00\x00\x00\x00",
	"wav":   "RIFF\x24\x00\x00\x00WAVEfmt ",
	"pdf":   "%PDF-1.7\n",
	"exe":   "MZ\x90\x00\x03\x00\x00\x00",
	"noise": string(noise(600)),
	"empty": "",
}

func TestPut(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	for name, test := range map[string]func(t *testing.T, r rooms){
		"TypesAgainstContent":         testTypesAgainstContent,
		"AnImageHasASmallOne":         testAnImageHasASmallOne,
		"AProfilePicture":             testAProfilePicture,
		"AnImageThatCantBeRead":       testAnImageThatCantBeRead,
		"AFileOfTheLimitAndAByteMore": testAFileOfTheLimitAndAByteMore,
		"ABodyThatBreaksOff":          testABodyThatBreaksOff,
		"QuotaOfTwoAtOnce":            testQuotaOfTwoAtOnce,
		"OnlyOnesOwnFilesAreSent":     testOnlyOnesOwnFilesAreSent,
		"APoster":                     testAPoster,
		"UploadsOfOneOwnerAtOnce":     testUploadsOfOneOwnerAtOnce,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, r)
		})
	}
}

// What a file is, its content says. Its sender may say that sound is a voice message, and that
// anything is only a file.
func testTypesAgainstContent(t *testing.T, r rooms) {
	h := r.house(t, 0)
	tests := map[string]struct {
		said bus.Type
		want bus.Type // empty for ErrType
		ext  string
	}{
		"png": {"", bus.Image, ".png"}, "png as image": {bus.Image, bus.Image, ".png"}, "png as file": {bus.File, bus.File, ".png"},
		"png as voice": {bus.Voice, "", ""}, "png as video": {bus.Video, "", ""},
		"svg": {"", bus.File, ".bin"}, "svg as image": {bus.Image, "", ""}, "svg as file": {bus.File, bus.File, ".bin"},
		"html": {"", bus.File, ".bin"}, "html as image": {bus.Image, "", ""}, "html as voice": {bus.Voice, "", ""}, "html as video": {bus.Video, "", ""},
		"text": {"", bus.File, ".txt"}, "text as image": {bus.Image, "", ""}, "text as voice": {bus.Voice, "", ""}, "text as video": {bus.Video, "", ""},
		"mp4": {"", bus.Video, ".mp4"}, "mp4 as video": {bus.Video, bus.Video, ".mp4"}, "mp4 as voice": {bus.Voice, bus.Voice, ".mp4"}, "mp4 as image": {bus.Image, "", ""},
		"m4a": {"", bus.File, ".m4a"}, "m4a as voice": {bus.Voice, bus.Voice, ".m4a"},
		"webm": {"", bus.Video, ".webm"}, "webm as voice": {bus.Voice, bus.Voice, ".webm"},
		"3gp as voice": {bus.Voice, bus.Voice, ".3gp"}, "ogg as voice": {bus.Voice, bus.Voice, ".ogg"}, "ogg": {"", bus.File, ".ogg"},
		"mp3": {"", bus.File, ".mp3"}, "mp3 as voice": {bus.Voice, bus.Voice, ".mp3"}, "mp3 as video": {bus.Video, "", ""}, "wav as voice": {bus.Voice, bus.Voice, ".wav"},
		"pdf": {"", bus.File, ".pdf"}, "pdf as image": {bus.Image, "", ""}, "exe": {"", bus.File, ".bin"}, "exe as video": {bus.Video, "", ""},
		"noise": {"", bus.File, ".bin"}, "noise as voice": {bus.Voice, "", ""}, "empty": {"", bus.File, ".txt"}, "empty as image": {bus.Image, "", ""},
		"text as location": {bus.Location, "", ""},
	}
	for name, tt := range tests {
		content, _, _ := strings.Cut(name, " ")
		f, err := h.Put(t.Context(), media.Upload{
			Owner: h.ana, Place: media.Messages, Type: tt.said, Title: "cat.png", Body: strings.NewReader(heads[content]),
		})
		switch {
		case tt.want == "" && !errors.Is(err, media.ErrType):
			t.Errorf("%s: %+v, %v", name, f, err)
		case tt.want != "" && (err != nil || f.Type != tt.want || path.Ext(f.Name) != tt.ext || !nameForm.MatchString(f.Name)):
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	if rows, objects := h.rows(), h.objects.all(); !slices.Equal(sorted(rows), sorted(objects)) {
		t.Errorf("rows %q, objects %q", rows, objects)
	}
}

func sorted(s []string) []string { slices.Sort(s); return s }

func testAnImageHasASmallOne(t *testing.T, r rooms) {
	h := r.house(t, 0)
	content := picture(640, 480)
	f, err := h.Put(t.Context(), media.Upload{
		Owner: h.ana, Place: media.Messages, Title: `C:\cats\..\my cat.png`, Width: 7,
		Body: iotest.OneByteReader(io.MultiReader(bytes.NewReader(content), strings.NewReader(metadata))),
	})
	if err != nil {
		t.Fatal(err)
	}
	if f.Width != 640 || f.Height != 480 || f.MIME != "image/png" || f.Title != "my cat.png" || f.Size != int64(len(content)) || f.Thumb == "" || f.Thumb == f.Name {
		t.Errorf("%+v", f)
	}
	for name, want := range map[string][]byte{f.Name: content, f.Thumb: picture(4, 3)} {
		o, err := h.Open(t.Context(), media.Messages, name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(o)
		if err != nil || !bytes.Equal(got, want) || o.MIME != "image/png" || o.Size != int64(len(want)) {
			t.Errorf("%s: %d bytes of %d, %+v, %v", name, len(got), len(want), o.About, err)
		}
		_ = o.Close()
	}
	if owned, err := h.Own(t.Context(), h.ana, f.Name); err != nil || owned.Thumb != f.Thumb || owned.Size != f.Size || owned.Width != 640 || owned.Type != bus.Image {
		t.Errorf("%+v: %v", owned, err)
	}
	h.expect(2, "an image")
}

// Of a picture of somebody only what we made of it is kept.
func testAProfilePicture(t *testing.T, r rooms) {
	h := r.house(t, 0)
	f, err := h.Put(t.Context(), media.Upload{Owner: h.ana, Place: media.Profile, Body: bytes.NewReader(picture(640, 480))})
	if err != nil || f.Place != media.Profile || f.Width != 4 || f.Size != int64(len(picture(4, 3))) {
		t.Fatalf("%+v: %v", f, err)
	}
	h.expect(1, "a profile picture")
	if _, err := h.Own(t.Context(), h.ana, f.Name); !errors.Is(err, media.ErrNoFile) {
		t.Errorf("a profile picture is sent: %v", err)
	}
	for content, want := range map[string]error{"mp4": media.ErrType, "svg": media.ErrType, "gif": media.ErrPicture} {
		_, err := h.Put(t.Context(), media.Upload{Owner: h.ana, Place: media.Profile, Body: strings.NewReader(heads[content])})
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", content, err)
		}
	}
	h.expect(1, "what is no picture")
}

// An image that can't be shown is one that can't be sent as such. Where nobody said that it is
// one, it is a file.
func testAnImageThatCantBeRead(t *testing.T, r rooms) {
	h := r.house(t, 0)
	broken := picture(640, 480)[:60]
	_, err := h.Put(t.Context(), media.Upload{Owner: h.ana, Place: media.Messages, Type: bus.Image, Body: bytes.NewReader(broken)})
	if !errors.Is(err, media.ErrPicture) {
		t.Errorf("%v", err)
	}
	h.expect(0, "a broken image")
	if f := h.put("", broken); f.Type != bus.File || f.Thumb != "" || f.Width != 0 {
		t.Errorf("%+v", f)
	}
	h.expect(1, "a broken image as a file")
}

func testAFileOfTheLimitAndAByteMore(t *testing.T, r rooms) {
	h := r.house(t, 0)
	for _, tt := range []struct {
		said  bus.Type
		place media.Place
		head  string
		limit int
	}{
		{bus.File, media.Messages, "", unit}, {bus.Voice, media.Messages, heads["mp3"], unit / 2}, {bus.Video, media.Messages, heads["mp4"], 2 * unit},
	} {
		content := append([]byte(tt.head), noise(tt.limit-len(tt.head))...)
		f, err := h.Put(t.Context(), media.Upload{Owner: h.ana, Place: tt.place, Type: tt.said, Body: bytes.NewReader(content)})
		if err != nil || f.Size != int64(tt.limit) {
			t.Errorf("%s of %d bytes: %d kept, %v", tt.said, tt.limit, f.Size, err)
		}
		before := len(h.rows())
		_, err = h.Put(t.Context(), media.Upload{Owner: h.ana, Place: tt.place, Type: tt.said, Body: bytes.NewReader(append(content, 'x'))})
		if !errors.Is(err, media.ErrTooLarge) {
			t.Errorf("%s and a byte more: %v", tt.said, err)
		}
		h.expect(before, "too large")
	}
	large := append(picture(8, 8), noise(unit/4)...)
	if _, err := h.Put(t.Context(), media.Upload{Owner: h.ana, Place: media.Profile, Body: bytes.NewReader(large)}); !errors.Is(err, media.ErrTooLarge) {
		t.Errorf("a large profile picture: %v", err)
	}
	if got := h.Request(); got != 4*unit+(1<<20) {
		t.Errorf("a request has %d bytes", got)
	}
}

// A body that breaks off, wherever it does, leaves nothing.
func testABodyThatBreaksOff(t *testing.T, r rooms) {
	h := r.house(t, 0)
	broke := errors.New("connection reset")
	for _, n := range []int{0, 100, 3072, 5000, unit / 2} {
		body := io.MultiReader(bytes.NewReader(noise(n)), iotest.ErrReader(broke))
		_, err := h.Put(t.Context(), media.Upload{Owner: h.ana, Place: media.Messages, Body: body})
		if !errors.Is(err, media.ErrBody) || !errors.Is(err, broke) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	body := io.MultiReader(bytes.NewReader(noise(unit/2)), readerFunc(func([]byte) (int, error) {
		cancel()
		return 0, ctx.Err()
	}))
	if _, err := h.Put(ctx, media.Upload{Owner: h.ana, Place: media.Messages, Body: body}); !errors.Is(err, media.ErrBody) {
		t.Errorf("whose sender is gone: %v", err)
	}
	h.expect(0, "bodies that broke off")
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A bucket that is away fails a file, and what could not be removed then is collected.
func TestABucketThatGoesAway(t *testing.T) {
	t.Parallel()
	h := newRooms(t).house(t, 0)
	h.objects.goAway(errAway)
	up := func(r io.Reader) error {
		_, err := h.Put(t.Context(), media.Upload{Owner: h.ana, Place: media.Messages, Body: r})
		return err
	}
	if err := up(bytes.NewReader(noise(100))); !errors.Is(err, media.ErrUnavailable) || !errors.Is(err, errAway) {
		t.Errorf("%v", err)
	}
	if _, err := h.Open(t.Context(), media.Messages, strings.Repeat("a", 32)+".png"); !errors.Is(err, media.ErrUnavailable) {
		t.Errorf("opened: %v", err)
	}
	h.objects.goAway(nil)
	// Away once the image is stored: the small one can't be, nor can anything be removed.
	body := io.MultiReader(bytes.NewReader(append(picture(640, 480), noise(5000)...)), readerFunc(func([]byte) (int, error) {
		h.objects.goAway(errAway)
		return 0, io.EOF
	}))
	if err := up(body); !errors.Is(err, media.ErrUnavailable) {
		t.Errorf("in the middle: %v", err)
	}
	if n := len(h.objects.all()); n != 1 {
		t.Errorf("%d objects while the bucket is away", n)
	}
	h.exec(`UPDATE files SET condemned_at = condemned_at - interval '2 hours'`)
	if err := h.Collect(t.Context()); !errors.Is(err, media.ErrUnavailable) {
		t.Errorf("collected: %v", err)
	}
	if n := len(h.rows()); n != 2 { // the first upload's, too
		t.Errorf("%d rows, whose objects may be there", n)
	}
	h.objects.goAway(nil)
	h.collect(0)
	h.expect(0, "once it is back")
}

// Those who upload at once would fit one at a time: what is beyond the quota is refused.
func testQuotaOfTwoAtOnce(t *testing.T, r rooms) {
	h := r.house(t, 25_000)
	var meet, done sync.WaitGroup
	const n = 4
	meet.Add(n)
	errs := make([]error, n)
	for i := range n {
		// All have been told that there is room before the first one ends.
		body := io.MultiReader(bytes.NewReader(noise(10_000)), readerFunc(func([]byte) (int, error) {
			meet.Done()
			meet.Wait()
			return 0, io.EOF
		}))
		done.Go(func() {
			_, errs[i] = h.Put(t.Context(), media.Upload{Owner: h.ana, Place: media.Messages, Body: body})
		})
	}
	done.Wait()
	refused := 0
	for _, err := range errs {
		if errors.Is(err, media.ErrQuota) {
			refused++
		} else if err != nil {
			t.Error(err)
		}
	}
	if refused != 2 {
		t.Errorf("%d of %d refused", refused, n)
	}
	h.expect(2, "within the quota")

	if _, err := h.Put(t.Context(), media.Upload{Owner: h.ana, Place: media.Messages, Body: bytes.NewReader(noise(5_001))}); !errors.Is(err, media.ErrQuota) {
		t.Errorf("a byte beyond the quota: %v", err)
	}
	h.put("", noise(5_000))
	if _, err := h.Put(t.Context(), media.Upload{Owner: h.person(), Place: media.Messages, Body: bytes.NewReader(noise(9_000))}); err != nil {
		t.Errorf("somebody else: %v", err)
	}
}

func testOnlyOnesOwnFilesAreSent(t *testing.T, r rooms) {
	h := r.house(t, 0)
	f, ben := h.put("", noise(10)), h.person()
	if _, err := h.Own(t.Context(), ben, f.Name); !errors.Is(err, media.ErrNoFile) {
		t.Errorf("somebody else's: %v", err)
	}
	for _, name := range []string{"", "x", "../" + f.Name, strings.ToUpper(f.Name), f.Name + "\x00", strings.Repeat("a", 32) + ".png"} {
		if _, err := h.Own(t.Context(), h.ana, name); !errors.Is(err, media.ErrNoFile) {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := h.Open(t.Context(), media.Messages, name); !errors.Is(err, media.ErrNoFile) {
			t.Errorf("%q is opened: %v", name, err)
		}
	}
	kept, err := h.Keep(t.Context(), f.Name, "x", strings.Repeat("a", 32)+".png")
	if err != nil || len(kept) != 1 || kept[f.Name].Name != f.Name {
		t.Errorf("%v: %v", kept, err)
	}
}

func testAPoster(t *testing.T, r rooms) {
	h := r.house(t, 0)
	poster, other := h.put("", picture(64, 48)), h.put("", noise(10))
	up := media.Upload{Owner: h.ana, Place: media.Messages, Type: bus.Video, Poster: poster.Name, Width: 640, Height: -1, Duration: "12.5", Body: strings.NewReader(heads["mp4"])}
	f, err := h.Put(t.Context(), up)
	if err != nil || f.Poster != poster.Name || f.Width != 640 || f.Height != 0 || f.Duration != "12.5" {
		t.Errorf("%+v: %v", f, err)
	}
	for name, want := range map[string]error{other.Name: media.ErrType, "nothing": media.ErrNoFile} {
		up.Poster, up.Body = name, strings.NewReader(heads["mp4"])
		if _, err := h.Put(t.Context(), up); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Of one owner eight are under way at most, whatever becomes of them; nobody else waits for that.
func testUploadsOfOneOwnerAtOnce(t *testing.T, r rooms) {
	h := r.house(t, 0)
	upload := func(body io.Reader) error {
		_, err := h.Put(t.Context(), media.Upload{Owner: h.ana, Place: media.Messages, Body: body})
		return err
	}
	var ends []*io.PipeWriter
	ended := make(chan error, 8)
	for range cap(ended) {
		body, end := io.Pipe()
		ends = append(ends, end)
		go func() { ended <- upload(body) }()
		if _, err := end.Write([]byte("x")); err != nil { // which is read: the upload has begun
			t.Fatal(err)
		}
	}
	if err := upload(strings.NewReader("one more")); !errors.Is(err, media.ErrBusy) {
		t.Errorf("one more: %v", err)
	}
	if _, err := h.Put(t.Context(), media.Upload{Owner: auth.NewUserID(), Place: media.Messages, Body: strings.NewReader("x")}); err != nil {
		t.Errorf("somebody else's: %v", err)
	}
	for _, end := range ends {
		_ = end.CloseWithError(io.ErrUnexpectedEOF)
		if err := <-ended; !errors.Is(err, media.ErrBody) {
			t.Errorf("one that broke off: %v", err)
		}
	}
	if err := upload(strings.NewReader("x")); err != nil {
		t.Errorf("when they are over: %v", err)
	}
}
