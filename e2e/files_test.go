package e2e

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

// piece is a part of a request: a field, or a file if it is called something.
type piece struct {
	name, file string
	body       io.Reader
}

func field(name, value string) piece { return piece{name, "", strings.NewReader(value)} }

func file(called string, content []byte) piece {
	return piece{"file", called, bytes.NewReader(content)}
}

// sends is a request of these pieces by whoever has the token. It is never whole in memory.
func (s *server) sends(ctx context.Context, path, token string, pieces ...piece) (answer, error) {
	var head bytes.Buffer
	w := multipart.NewWriter(&head)
	var all []io.Reader
	for _, p := range pieces {
		var err error
		if p.file == "" {
			_, err = w.CreateFormField(p.name)
		} else {
			_, err = w.CreateFormFile(p.name, p.file)
		}
		if err != nil {
			return answer{}, err
		}
		all = append(all, bytes.NewReader(bytes.Clone(head.Bytes())), p.body)
		head.Reset()
	}
	if err := w.Close(); err != nil {
		return answer{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, io.MultiReader(append(all, &head)...))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Authorization", "Bearer "+token)
	return s.answers(r)
}

// patiently is a client that has the time for large files.
func (s *server) patiently() *http.Client {
	c := *s.http
	c.Timeout = 4 * patience
	return &c
}

// answers is the answer to a request, read to its end.
func (s *server) answers(r *http.Request) (answer, error) {
	resp, err := s.patiently().Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: resp.StatusCode, header: resp.Header, body: string(text)}
	if v, err := strictly(text); err == nil {
		a.json, _ = v.(obj)
	}
	return a, nil
}

// gets is the file at a path, as anybody gets it who knows its name.
func (w *world) gets(path string) []byte {
	w.t.Helper()
	a := restOf(w.t, w.s).get(path)
	if a.status != http.StatusOK {
		w.t.Fatalf("%s: status %d: %s", path, a.status, a.short())
	}
	return []byte(a.body)
}

// snapshot is a photo as a phone takes it: lying on its side, and with the place in it.
func snapshot(t testing.TB, width, height int) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, width, height))
	for i := range m.Pix {
		m.Pix[i] = color.Gray{Y: byte(i / width * 255 / height)}.Y
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	exif := []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x02" +
		"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00" + // to be turned to the right
		"\x88\x25\x00\x04\x00\x00\x00\x01\x00\x00\x00\x26\x00\x00\x00\x00GPS 52.52 13.41")
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(exif)+2))
	return append(append(head, exif...), b.Bytes()[2:]...)
}

// What the beginning of a file has to have to be taken for what it is.
var (
	someVoice = append([]byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02\x03\x04\x00\x00\x00\x00\x00\x00\x00\x00\x01\x13OpusHead\x01\x01"), make([]byte, 500)...)
	someFilm  = append([]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), make([]byte, 900)...)
	somePaper = append([]byte("%PDF-1.4\n"), make([]byte, 700)...)
)

// What somebody sends at one door is at the other one what it was, byte for byte; of a photo all but
// where it was taken.
func TestFilesAcrossDoors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ben")
	w.registered("ana")
	ben, token := w.of("ben")[0], w.users["ben"].access
	photo := snapshot(t, 80, 60)
	room := w.single("ana", "ben", "hi")
	w.settle()
	w.forget()

	w.row("from an app to a page", func() {
		for kind, tt := range map[string]struct {
			files  []piece
			called string
			want   []byte
		}{
			"image": {[]piece{file("a.jpg", photo)}, "a.jpg", nil},
			"voice": {[]piece{file("b.ogg", someVoice)}, "b.ogg", someVoice},
			"video": {[]piece{file("c.jpg", photo), file("c.mp4", someFilm)}, "c.mp4", someFilm},
			"file":  {[]piece{file("../../d.pdf", somePaper)}, "d.pdf", somePaper},
		} {
			a, err := w.s.sends(w.t.Context(), "/api/v1/message/single", w.users["ana"].access,
				append([]piece{field("type", kind), field("roomId", room), field("attachment", `{"fileDuration":"2"}`)}, tt.files...)...)
			if err != nil || a.status != http.StatusOK {
				w.t.Fatalf("%s: status %d, %v: %s", kind, a.status, err, a.short())
			}
			got, _ := ben.await("receive-personal-message")["Attachment"].(obj)
			w.settle()
			w.forget()
			if got["Type"] != kind || got["Name"] != tt.called {
				w.t.Errorf("%s: it is %v", kind, got)
			}
			content, _ := got["Url"].(string)
			w.isSent(content, tt.want)
			if kind == "image" || kind == "video" {
				thumb, _ := got["Thumb"].(string)
				w.isPhoto(thumb, kind == "image")
			}
		}
	})
	w.row("and back", func() {
		for kind, tt := range map[string]struct {
			pieces []piece
			want   []byte
		}{
			"image": {[]piece{file("a.jpg", photo)}, nil},
			"voice": {[]piece{field("type", "voice"), field("duration", "2.5"), file("b.ogg", someVoice)}, someVoice},
			"video": {[]piece{{"poster", "c.jpg", bytes.NewReader(photo)}, file("c.mp4", someFilm)}, someFilm},
			"file":  {[]piece{file("d.pdf", somePaper)}, somePaper},
		} {
			a, err := w.s.sends(w.t.Context(), "/upload", token, tt.pieces...)
			if err != nil {
				w.t.Fatal(err)
			}
			a.says(w.t, http.StatusOK, 1)
			ben.must("send-personal-message", obj{"ChatId": room, "ClientId": kind, "Content": "", "Upload": a.json["id"]})
			newest := w.as("ana").messages(room, "first")[0]
			check(w.t, kind, newest, wireMessage(obj{"messageType": kind, "senderId": w.users["ben"].id}))
			at, _ := newest.(obj)["messageAttachment"].(obj)
			shown, _ := at["imageUrl"].(string)
			played, _ := at["playUrl"].(string)
			const public = "/api/v1/public/messages/"
			switch kind {
			case "image":
				w.isSent(public+shown, nil)
			case "video":
				w.isSent(public+shown, nil)
				fallthrough
			default:
				w.isSent(public+played, tt.want)
			}
		}
		w.settle()
		w.forget()
	})
}

// isSent checks a file that was sent: that it is want, or, if that is nil, the photo.
func (w *world) isSent(path string, want []byte) {
	w.t.Helper()
	if want == nil {
		w.isPhoto(path, false)
		return
	}
	if got := w.gets(path); !bytes.Equal(got, want) {
		w.t.Errorf("%s: %d bytes, and %d were sent", path, len(got), len(want))
	}
}

// isPhoto checks that there is an image that tells no place. A small one stands upright, and the one
// that was sent says how to turn it.
func (w *world) isPhoto(path string, small bool) {
	w.t.Helper()
	got := w.gets(path)
	c, format, err := image.DecodeConfig(bytes.NewReader(got))
	if err != nil || format != "jpeg" || (c.Width > c.Height) == small {
		w.t.Errorf("%s: %s of %d by %d: %v", path, format, c.Width, c.Height, err)
	}
	if bytes.Contains(got, []byte("GPS")) || bytes.Contains(got, []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12")) == small {
		w.t.Errorf("%s has the metadata %q", path, got[:min(len(got), 80)])
	}
}

// numbers are bytes from an offset to an end. They repeat after as many as there are in noise.
type numbers struct{ at, end int64 }

// noise is of a length that parts and buffers are no multiples of.
var noise = func() []byte {
	b := make([]byte, 1<<20-3)
	_, _ = rand.NewChaCha8([32]byte{}).Read(b) // it never fails
	return b
}()

func (g *numbers) Read(p []byte) (int, error) {
	if g.at >= g.end {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), g.end-g.at)], noise[g.at%int64(len(noise)):])
	g.at += int64(n)
	return n, nil
}

// sameFrom fails unless r has what numbers have from an offset to its end.
func sameFrom(r io.Reader, from, end int64) error {
	got, want := make([]byte, 1<<16), make([]byte, 1<<16)
	g := &numbers{from, end}
	for {
		n, err := io.ReadFull(r, got)
		m, _ := io.ReadFull(g, want)
		if n != m || !bytes.Equal(got[:n], want[:m]) {
			return fmt.Errorf("at %d it is not what was sent: %d bytes of %d", g.at, n, m)
		}
		if err != nil {
			if g.at == end && (err == io.EOF || err == io.ErrUnexpectedEOF) {
				return nil
			}
			return err
		}
	}
}
