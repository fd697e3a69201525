package expresschat_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"

	"expresschat/auth"
	"expresschat/media"
	"expresschat/server/expresschat"
)

// part is one of a request with files: a field where file is empty.
type part struct{ name, file, body string }

// Files of each type, as small as they come.
var (
	aPicture = pngOf(3, 2)
	aVideo   = "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom\x00\x00\x00\x08free"
	aVoice   = "OggS\x00\x02" + strings.Repeat("\x00", 20) + "\x01\x13OpusHead\x01\x01"
	aFile    = "%PDF-1.4\n%%EOF\n"
)

func pngOf(width, height int) string {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))) // no write to a buffer fails
	return b.String()
}

var quotes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// aBomb says of itself that it has more pixels than anybody could show.
func aBomb() string {
	b := []byte(pngOf(1, 1))
	const head, end = 12, 29 // of what the checksum is over
	binary.BigEndian.PutUint32(b[head+4:], 60_000)
	binary.BigEndian.PutUint32(b[head+8:], 60_000)
	binary.BigEndian.PutUint32(b[end:], crc32.ChecksumIEEE(b[head:end]))
	return string(b)
}

// inParts is a request's type and body.
func inParts(all ...part) (kind, body string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range all {
		h := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + p.name + `"`}}
		if p.file != "" {
			h.Set("Content-Disposition", `form-data; name="`+p.name+`"; filename="`+quotes.Replace(p.file)+`"`)
			h.Set("Content-Type", "application/octet-stream")
		}
		part, _ := w.CreatePart(h) // nor does this
		_, _ = part.Write([]byte(p.body))
	}
	_ = w.Close()
	return w.FormDataContentType(), b.String()
}

// sending is a request with parts, by somebody's token.
func sending(path string, p person, all ...part) request {
	kind, body := inParts(all...)
	return request{method: http.MethodPost, path: path, kind: kind, body: body, bearer: p.tokens.Access}
}

// uploads has somebody upload a file, and returns the answer.
func (h *house) uploads(p person, all ...part) (got map[string]any) {
	h.Helper()
	answer := h.ask(sending("/upload", p, all...))
	if answer.String() != "200:1" || answer.oddity != "" || json.Unmarshal([]byte(answer.text), &got) != nil {
		h.Fatalf("an upload is answered by %v %s %s", answer, answer.oddity, answer.text)
	}
	return got
}

// kept are the files that a house does not leave to its collector.
func (w *world) kept() (names []string) {
	w.Helper()
	rows, err := w.db.Query(w.Context(), `SELECT name FROM files WHERE kept_until > now() ORDER BY name`)
	w.must(err)
	defer rows.Close()
	for rows.Next() {
		var name string
		w.must(rows.Scan(&name))
		names = append(names, name)
	}
	w.must(rows.Err())
	return names
}

// studio is a Media with something to say about what is asked of it.
type studio struct {
	expresschat.Media
	put func(media.Upload) error // nil for no word
	own func() error
}

// Put implements expresschat.Media.
func (s studio) Put(ctx context.Context, u media.Upload) (media.File, error) {
	if s.put != nil {
		if err := s.put(u); err != nil {
			return media.File{}, err
		}
	}
	return s.Media.Put(ctx, u)
}

// Own implements expresschat.Media.
func (s studio) Own(ctx context.Context, owner auth.UserID, name string) (media.File, error) {
	if s.own != nil {
		if err := s.own(); err != nil {
			return media.File{}, err
		}
	}
	return s.Media.Own(ctx, owner, name)
}

// ofBytes makes a text of so many bytes.
func ofBytes(n int, begin string) string { return begin + strings.Repeat("x", n-len(begin)) }

// watched is a Media that tells of each file that comes.
type watched struct {
	expresschat.Media
	begun chan struct{}
	over  chan error
	gone  chan string // what was discarded
}

// Put implements expresschat.Media.
func (m watched) Put(ctx context.Context, u media.Upload) (media.File, error) {
	m.begun <- struct{}{}
	f, err := m.Media.Put(ctx, u)
	m.over <- err
	return f, err
}

// Discard implements expresschat.Media.
func (m watched) Discard(ctx context.Context, owner auth.UserID, names ...string) {
	m.Media.Discard(ctx, owner, names...)
	m.gone <- strings.Join(names, " ")
}
