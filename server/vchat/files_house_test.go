package vchat_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"

	"expresschat/media"
	"expresschat/server/doortest"
)

// piece is a part of a body: a field, or a file if it is called something.
type piece struct{ name, text, file string }

// inPieces writes parts as VChat's SDK does (Dart's package http): lower-case headers, and
// every file an octet stream.
func inPieces(pieces ...piece) (body []byte, kind string) {
	const boundary = "dart-http-boundary-9aZ_x.7"
	var b bytes.Buffer
	for _, p := range pieces {
		fmt.Fprintf(&b, "--%s\r\n", boundary)
		if p.file != "" {
			fmt.Fprintf(&b, "content-type: application/octet-stream\r\n")
		}
		fmt.Fprintf(&b, "content-disposition: form-data; name=%q", p.name)
		if p.file != "" {
			fmt.Fprintf(&b, `; filename="%s"`, p.file)
		}
		fmt.Fprintf(&b, "\r\n\r\n%s\r\n", p.text)
	}
	fmt.Fprintf(&b, "--%s--\r\n", boundary)
	return b.Bytes(), "multipart/form-data; boundary=" + boundary
}

// post sends parts.
func (h *house) post(p person, method, path string, pieces ...piece) reply {
	h.Helper()
	body, kind := inPieces(pieces...)
	header := http.Header{"Content-Type": {kind}}
	if p.token != "" {
		header.Set("Authorization", p.token)
	}
	return h.request(method, "/api/v1/"+path, header, body)
}

// taken fails unless parts were carried out.
func (h *house) taken(p person, method, path string, pieces ...piece) string {
	h.Helper()
	r := h.post(p, method, path, pieces...)
	if !r.ok {
		h.Fatalf("%s %s by %s: %d %s", method, path, p.name, r.status, r.data)
	}
	return r.data
}

// Files of each kind, as their content has it.
var (
	film  = "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2mp41" + strings.Repeat("film", 300)
	voice = "OggS\x00\x02" + strings.Repeat("\x00", 22) + "OpusHead" + strings.Repeat("sound", 300)
	paper = "%PDF-1.7\n" + strings.Repeat("words ", 300)
)

// drawing is a PNG, another one for each shade.
func drawing(shade uint8) string {
	m := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i := range 40 * 30 {
		m.Set(i%40, i/40, color.RGBA{uint8(i), shade, 9, 255})
	}
	var b bytes.Buffer
	_ = png.Encode(&b, m) // into memory
	return b.String()
}

// public reads a file as whoever knows its name may.
func (h *house) public(place, name string, header http.Header) (*http.Response, string) {
	h.Helper()
	req, err := http.NewRequestWithContext(h.Context(), "GET", h.url+"/api/v1/public/"+place+"/"+name, nil)
	h.must(err)
	req.Header = header
	resp, err := h.http.Do(req)
	h.must(err)
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	h.must(err)
	return resp, string(all)
}

// serves fails unless a file of a message has these bytes, and any part of them.
func (h *house) serves(name, want string) {
	h.Helper()
	if strings.ContainsAny(name, `/\:`) || len(name) < 32 {
		h.Errorf("a file is called %q", name)
	}
	if resp, all := h.public("messages", name, http.Header{}); resp.StatusCode != 200 || all != want {
		h.Errorf("%s: %d, %d bytes of %d", name, resp.StatusCode, len(all), len(want))
	}
	resp, some := h.public("messages", name, http.Header{"Range": {"bytes=5-9"}})
	if resp.StatusCode != http.StatusPartialContent || some != want[5:10] {
		h.Errorf("%s in part: %d %q", name, resp.StatusCode, some)
	}
}

// stock counts the files that are kept, with those that stand for others.
func (h *house) stock() (n int) {
	h.Helper()
	const kept = `SELECT count(*) FROM files WHERE stored AND kept_until > now()`
	h.must(h.looks().QueryRow(h.Context(), kept).Scan(&n))
	return n
}

func (h *house) looks() doortest.Database {
	if h.look.Conn == nil {
		h.look = doortest.Connect(h.T, h.database)
	}
	return h.look
}

// pages is what somebody reads of a room, newest first.
func (h *house) pages(p person, room string) []object {
	h.Helper()
	return checkList(h.T, "message", h.done(p, "GET", "message?roomId="+room+"&lastId=first", nil))
}

// counted is a bucket that counts what is written into it.
type counted struct {
	media.Bucket
	writes atomic.Int32
}

func (c *counted) Write(ctx context.Context, key string, a media.About, r io.Reader) error {
	c.writes.Add(1)
	return c.Bucket.Write(ctx, key, a, r)
}

// hangUp sends the head of a request and so much of its body, and no more.
func (h *house) hangUp(p person, kind string, body []byte, n int) (answer string) {
	h.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	h.must(err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST /api/v1/message/single HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", p.token, kind, len(body), body[:n])
	h.must(err)
	h.must(conn.(*net.TCPConn).CloseWrite())
	all, err := io.ReadAll(conn)
	h.must(err)
	return string(all)
}
