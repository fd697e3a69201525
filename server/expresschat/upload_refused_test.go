package expresschat_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"expresschat/media"
	"expresschat/server/doortest"
	"expresschat/server/expresschat"
)

// What is no upload leaves nothing, and says what is wrong with it.
func TestUploadsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	ana := w.person("Ana")
	file := part{"file", "a.pdf", aFile}
	good, body := inParts(file)
	raw := func(kind, body string) request {
		return request{method: http.MethodPost, path: "/upload", kind: kind, body: body, bearer: ana.tokens.Access}
	}
	up := func(all ...part) request { return sending("/upload", ana, all...) }
	field := func(name, value string) request { return up(part{name, "", value}, file) }
	tests := map[string]struct {
		want string
		q    request
	}{
		"nothing":                    {"400:-1", raw("", "")},
		"JSON":                       {"400:-1", raw(asJSON, "{}")},
		"a form":                     {"400:-1", raw(asForm, "file=x")},
		"no boundary":                {"400:-1", raw("multipart/form-data", body)},
		"another boundary":           {"400:-1", raw("multipart/form-data; boundary=x", body)},
		"no parts":                   {"400:-1", up()},
		"no file":                    {"400:-1", up(part{"type", "", "voice"})},
		"a file of another name":     {"400:-1", up(part{"files", "a.pdf", aFile})},
		"a poster alone":             {"400:-1", up(part{"poster", "p.png", aPicture})},
		"half a file":                {"400:-1", raw(good, body[:strings.Index(body, aFile)+5])},
		"half a head":                {"400:-1", raw(good, body[:40])},
		"no last boundary":           {"400:-1", raw(good, body[:len(body)-10])},
		"another part announced":     {"400:-1", raw(good, body[:len(body)-4])},
		"half a head behind it":      {"400:-1", raw(good, body[:len(body)-4]+"\r\nContent-Disposition: form-")},
		"half a field behind it":     {"400:-1", raw(good, body[:len(body)-4]+"\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ny")},
		"no such type":               {"400:-1", field("type", "program")},
		"no number of seconds":       {"400:-1", field("duration", "long")},
		"too many seconds":           {"400:-1", field("duration", "1e9")},
		"less than no seconds":       {"400:-1", field("duration", "-1")},
		"no number of pixels":        {"400:-1", field("width", "NaN")},
		"too many pixels":            {"400:-1", field("height", "1e300")},
		"a long field":               {"413:-1", field("type", strings.Repeat("x", 257))},
		"a long field of no meaning": {"413:-1", field("x", strings.Repeat("x", 257))},
		"a lying voice":              {"400:-1", field("type", "voice")},
		"a lying image":              {"400:-1", field("type", "image")},
		"an image that is none":      {"400:-1", up(part{"type", "", "image"}, part{"file", "a.png", aPicture[:40]})},
		"a bomb":                     {"400:-1", up(part{"type", "", "image"}, part{"file", "a.png", aBomb()})},
		"a poster that is none":      {"400:-1", up(part{"poster", "p.png", aFile}, part{"file", "v.mp4", aVideo})},
		"half a poster":              {"400:-1", up(part{"poster", "p.png", aPicture[:40]}, part{"file", "v.mp4", aVideo})},
		"a good poster, and no more": {"400:-1", up(part{"poster", "p.png", aPicture}, part{"type", "", "voice"})},
		"a good poster, and a lie":   {"400:-1", up(part{"poster", "p.png", aPicture}, part{"type", "", "voice"}, file)},
		"nobody":                     {"401:0", sending("/upload", person{}, file)},
		"a cookie of nobody":         {"401:0", request{method: http.MethodPost, path: "/upload", kind: good, body: body, cookies: [2]string{"x", "y"}}},
	}
	for what, tt := range tests {
		w.expect(tt.want, what, tt.q)
		tt.q.chunked = true
		w.expect(tt.want, what+" in pieces", tt.q)
	}
	for what, all := range map[string][]part{"many fields": slices.Repeat([]part{{"type", "", strings.Repeat("x", 200)}}, 300), "a long head": {{"file", strings.Repeat("x", 70_000), aFile}}} {
		w.expect("413:-1", what, up(all...))
	}
	w.checkNothingStays()
}

// checkNothingStays fails the test unless all that is stored is left to the collector.
func (w *world) checkNothingStays() {
	w.Helper()
	if left := w.kept(); len(left) > 0 {
		w.Errorf("there are still %v", left)
	}
}

// A file may have just as many bytes as it may, and a request no more than two of them.
func TestLimitsOfUploads(t *testing.T) {
	w := newWorld(t)
	ana := w.person("Ana")
	const limit = 1 << 20 // of a house
	w.uploads(ana, part{"file", "a.txt", ofBytes(limit, "x")})
	before := w.kept()
	for what, all := range map[string][]part{
		"a byte more": {{"file", "a.txt", ofBytes(limit+1, "x")}},
		"far more":    {{"file", "a.txt", ofBytes(3*limit+2<<20, "x")}},
		"two of them": {{"x", "a.txt", ofBytes(limit, "x")}, {"file", "a.txt", aFile}},
	} {
		q := sending("/upload", ana, all...)
		w.expect("413:-1", what, q)
		q.chunked = true
		w.expect("413:-1", what+" in pieces", q)
	}
	if after := w.kept(); !slices.Equal(before, after) {
		t.Errorf("there were %v, and are %v", before, after)
	}
}

// What media says of a file is what the client hears, and whoever is told has had all of their
// request read before.
func TestFilesThatCanNotBeStored(t *testing.T) {
	var why error
	w := newTogether(t, func(p *expresschat.Parts) {
		p.Media = studio{Media: p.Media, put: func(media.Upload) error { return why }}
	})
	q := sending("/upload", w.ana, part{"file", "a.txt", ofBytes(1<<20, "x")})
	for want, err := range map[string]error{
		"403:-1": media.ErrQuota, "413:-1": media.ErrTooLarge, "400:-1": media.ErrPicture,
	} {
		why = fmt.Errorf("put: %w", err)
		w.expect(want, err.Error(), q)
	}
	why = fmt.Errorf("%w: %w", media.ErrUnavailable, errors.New("a bucket with a hole"))
	if got := w.ask(q); got.String() != "503:-1" || strings.Contains(got.text, "hole") {
		t.Errorf("without a bucket: %v %s", got, got.text)
	}
	why = nil
	w.expect("200:1", "the bucket back", q)
}

// Whoever is told that a file can't be stored has sent all of it before, or would hear nothing.
func TestARefusalIsHeard(t *testing.T) {
	const size = 24 << 20 // more than the network keeps on its way
	h := newHouseOn(t, doortest.Plan{Limits: media.Limits{File: size}}, func(p *expresschat.Parts) {
		p.Media = studio{Media: p.Media, put: func(media.Upload) error { return media.ErrQuota }}
	})
	q := sending("/upload", h.person("Ana"), part{"file", "a.txt", ofBytes(size, "x")})
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	h.must(err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST /upload HTTP/1.1\r\nHost: chat\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		q.bearer, q.kind, len(q.body), q.body)
	h.must(err)
	answered, err := http.ReadResponse(bufio.NewReader(conn), nil)
	h.must(err)
	defer answered.Body.Close()
	if answered.StatusCode != http.StatusForbidden {
		t.Errorf("the answer is %d", answered.StatusCode)
	}
}

// A client that stops halfway leaves nothing.
func TestAnUploadThatStopsHalfway(t *testing.T) {
	begun, over, gone := make(chan struct{}, 1), make(chan error, 1), make(chan string, 1)
	w := newWorld(t, func(p *expresschat.Parts) { p.Media = watched{p.Media, begun, over, gone} })
	ana := w.person("Ana")
	kind, body := inParts(part{"poster", "p.png", aPicture}, part{"file", "v.mp4", ofBytes(100_000, aVideo)})
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	w.must(err)
	_, err = fmt.Fprintf(conn, "POST /upload HTTP/1.1\r\nHost: chat\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		ana.tokens.Access, kind, len(body), body[:len(body)-1000])
	w.must(err)
	<-begun // the poster
	<-over
	<-begun
	w.must(conn.Close())
	if err := <-over; !errors.Is(err, media.ErrBody) {
		t.Errorf("half a file is %v", err)
	}
	<-gone // the poster
	w.checkNothingStays()
}
