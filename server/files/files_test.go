package files_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"expresschat/media"
	"expresschat/media/bucket"
	"expresschat/server"
	"expresschat/server/files"
	"expresschat/server/problem"
)

// shelf is a media service without rows, and a server in front of it.
type shelf struct {
	*testing.T
	objects *bucket.Bucket
	handler http.Handler
}

func newShelf(t *testing.T, open func(b *bucket.Bucket) media.Bucket) *shelf {
	t.Helper()
	b, err := bucket.Open(t.Context(), "", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m := media.New(media.Config{Bucket: open(b)})
	log := slog.New(slog.DiscardHandler)
	return &shelf{t, b, server.New(server.Parts{
		Ready: func(context.Context) error { return nil }, Socket: noSocket{}, Log: log,
		Doors: []server.Door{files.New(m, problem.NewReporter(log))},
	})}
}

type noSocket struct{ server.Socket }

func (noSocket) ServeHTTP(http.ResponseWriter, *http.Request) {}
func (noSocket) Allow(func(*http.Request) bool)               {}

const content = "0123456789abcdef"

// add stores a file, whose name begins with some letters.
func (s *shelf) add(place media.Place, name, mime, title string) string {
	s.Helper()
	base, ext, _ := strings.Cut(name, ".")
	name = base + strings.Repeat("0", 32-len(base)) + "." + ext
	if err := s.objects.Write(s.Context(), string(place)+"/"+name, media.About{MIME: mime, Title: title}, strings.NewReader(content)); err != nil {
		s.Fatal(err)
	}
	return name
}

// get asks for a path, with headers in pairs.
func (s *shelf) get(method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/", nil)
	r.URL.Path, r.RequestURI = path, path
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

func plain(b *bucket.Bucket) media.Bucket { return b }

// A part of a file is as good as all of it, and what somebody has already is not sent again.
func TestPartsOfFiles(t *testing.T) {
	t.Parallel()
	s := newShelf(t, plain)
	name := s.add(media.Messages, "a.mp4", "video/mp4", "film.mp4")
	etag := `"` + name + `"`
	tests := map[string]struct {
		method  string
		headers []string
		status  int
		body    string
		want    []string // headers
	}{
		"all":                     {"GET", nil, 200, content, []string{"Content-Length", "16", "Accept-Ranges", "bytes", "ETag", etag}},
		"only what it is":         {"HEAD", nil, 200, "", []string{"Content-Length", "16", "Content-Type", "video/mp4"}},
		"the beginning":           {"GET", []string{"Range", "bytes=0-3"}, 206, "0123", []string{"Content-Range", "bytes 0-3/16", "Content-Length", "4"}},
		"the middle":              {"GET", []string{"Range", "bytes=4-7"}, 206, "4567", []string{"Content-Range", "bytes 4-7/16"}},
		"the rest":                {"GET", []string{"Range", "bytes=10-"}, 206, "abcdef", []string{"Content-Range", "bytes 10-15/16"}},
		"the end":                 {"GET", []string{"Range", "bytes=-2"}, 206, "ef", []string{"Content-Range", "bytes 14-15/16"}},
		"more than there is":      {"GET", []string{"Range", "bytes=14-99"}, 206, "ef", []string{"Content-Range", "bytes 14-15/16"}},
		"beyond the end":          {"GET", []string{"Range", "bytes=16-"}, 416, "", []string{"Content-Range", "bytes */16"}},
		"what is no range":        {"GET", []string{"Range", "bytes=x"}, 416, "", nil},
		"to go on with it":        {"GET", []string{"Range", "bytes=10-", "If-Range", etag}, 206, "abcdef", nil},
		"to go on with another":   {"GET", []string{"Range", "bytes=10-", "If-Range", `"b"`}, 200, content, nil},
		"what one has":            {"GET", []string{"If-None-Match", etag}, 304, "", []string{"ETag", etag}},
		"what one has another of": {"GET", []string{"If-None-Match", `"b"`}, 200, content, nil},
		"the head of a part":      {"HEAD", []string{"Range", "bytes=4-7"}, 206, "", []string{"Content-Length", "4"}},
	}
	for what, tt := range tests {
		for _, path := range []string{"/media/", "/api/v1/public/messages/"} {
			w := s.get(tt.method, path+name, tt.headers...)
			if w.Code != tt.status || tt.status < 400 && w.Body.String() != tt.body {
				t.Errorf("%s: %d %q", what, w.Code, w.Body)
			}
			for i := 0; i < len(tt.want); i += 2 {
				if got := w.Header().Get(tt.want[i]); got != tt.want[i+1] {
					t.Errorf("%s: %s: %q", what, tt.want[i], got)
				}
			}
		}
	}
	many := func(n int) string { return "bytes=" + strings.Repeat("0-0,", n-1) + "1-1" }
	if w := s.get("GET", "/media/"+name, "Range", many(8)); w.Code != 206 {
		t.Errorf("eight parts: %d", w.Code)
	}
	if w := s.get("GET", "/media/"+name, "Range", many(9)); w.Code != 200 || w.Body.String() != content {
		t.Errorf("nine parts, each of which costs: %d %q", w.Code, w.Body)
	}
	w := s.get("GET", "/media/"+name, "Range", "bytes=0-1,4-5")
	if w.Code != 206 || !strings.HasPrefix(w.Header().Get("Content-Type"), "multipart/byteranges") || !strings.Contains(w.Body.String(), "\r\n45\r\n") {
		t.Errorf("two parts: %d %s", w.Code, w.Body)
	}
}

// What a browser would run or open as a page is saved, under what its sender called it.
func TestNothingRuns(t *testing.T) {
	t.Parallel()
	s := newShelf(t, plain)
	tests := map[string]struct{ mime, title, kind, disposition string }{
		"a.png":  {"image/png", "cat.png", "image/png", "inline; filename=cat.png"},
		"b.webm": {"video/webm", "", "video/webm", "inline; filename=b0000000000000000000000000000000.webm"},
		"c.ogg":  {"audio/ogg", "voice 1.ogg", "audio/ogg", `inline; filename="voice 1.ogg"`},
		"d.bin":  {"text/html", "page.html", "application/octet-stream", "attachment; filename=page.html"},
		"e.bin":  {"image/svg+xml", "cat.svg", "application/octet-stream", "attachment; filename=cat.svg"},
		"f.pdf":  {"application/pdf", `a"b.pdf`, "application/octet-stream", `attachment; filename="a\"b.pdf"`},
		"g.bin":  {"text/xml", "été.xml", "application/octet-stream", "attachment; filename*=utf-8''%C3%A9t%C3%A9.xml"},
		"h.txt":  {"text/plain", "a.txt", "application/octet-stream", "attachment; filename=a.txt"},
		"i.bin":  {"text/javascript", "a.js", "application/octet-stream", "attachment; filename=a.js"},
	}
	for base, tt := range tests {
		for place, paths := range map[media.Place][]string{
			media.Messages: {"/media/", "/api/v1/public/messages/"}, media.Profile: {"/media/profile/", "/api/v1/public/profile/"},
		} {
			name := s.add(place, base, tt.mime, tt.title)
			for _, path := range paths {
				w := s.get("GET", path+name)
				want := map[string]string{
					"Content-Type": tt.kind, "Content-Disposition": tt.disposition, "X-Content-Type-Options": "nosniff",
					"Content-Security-Policy": "default-src 'none'; sandbox", "Cross-Origin-Resource-Policy": "cross-origin",
					"Cache-Control": "public, max-age=31536000, immutable",
				}
				for header, value := range want {
					if got := w.Header().Get(header); got != value {
						t.Errorf("%s%s: %s: %q, want %q", path, base, header, got, value)
					}
				}
				if w.Code != 200 || w.Body.String() != content {
					t.Errorf("%s%s: %d %q", path, base, w.Code, w.Body)
				}
			}
		}
	}
}

// No other name leads to the bucket, and a file of one place is in no other.
func TestNamesThatAreNone(t *testing.T) {
	t.Parallel()
	asked := &asking{}
	s := newShelf(t, func(b *bucket.Bucket) media.Bucket { asked.Bucket = b; return asked })
	name := s.add(media.Messages, "a.png", "image/png", "cat.png")
	for _, path := range []string{
		"/media/profile/" + name, "/api/v1/public/profile/" + name,
		"/media/" + strings.Repeat("a", 32) + ".png",
	} {
		if w := s.get("GET", path); w.Code != http.StatusNotFound || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %q", path, w.Code, w.Header())
		}
	}
	asked.keys = nil
	for _, path := range []string{
		"/media/", "/media/x", "/media/" + name + ".attrs", "/media/" + strings.ToUpper(name), "/media/../media/" + name, "/media/messages/" + name,
		"/media/..%2f..%2fetc%2fpasswd", "/media/%2e%2e/" + name, "/media/" + name[:32], "/media/" + name + "\x00", "/media/" + name + "/", "/media/.." + name[2:],
		"/media/" + name[:31] + "/" + name[32:], "/api/v1/public/messages/../../../" + name, "/media/" + name[:32] + "./x",
	} {
		w := s.get("GET", path)
		if w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "0123") {
			t.Errorf("%q: %d %s", path, w.Code, w.Body)
		}
	}
	if len(asked.keys) > 0 {
		t.Errorf("the bucket was asked for %q", asked.keys)
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
		if w := s.get(method, "/media/"+name); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

// asking is a bucket that notes what it is asked for.
type asking struct {
	media.Bucket
	keys []string
}

func (a *asking) Open(ctx context.Context, key string) (media.Object, error) {
	a.keys = append(a.keys, key)
	return a.Bucket.Open(ctx, key)
}

// failing is a bucket that is away, or goes away while a file is read.
type failing struct {
	media.Bucket
	after int // bytes; -1 for not even the first question
}

var errAway = errors.New("no route to host")

func (f failing) Open(ctx context.Context, key string) (media.Object, error) {
	if f.after < 0 {
		return media.Object{}, errAway
	}
	o, err := f.Bucket.Open(ctx, key)
	o.ReadSeekCloser = &broken{o.ReadSeekCloser, f.after}
	return o, err
}

type broken struct {
	io.ReadSeekCloser
	left int
}

func (b *broken) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errAway
	}
	n, err := b.ReadSeekCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// Nobody takes a part of a file for all of it, and one that can't be had now is not said not to
// be there.
func TestABucketThatIsAway(t *testing.T) {
	t.Parallel()
	s := newShelf(t, func(b *bucket.Bucket) media.Bucket { return failing{b, -1} })
	w := s.get("GET", "/media/"+s.add(media.Messages, "a.png", "image/png", ""))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get(echo.HeaderRetryAfter) != "1" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", w.Code, w.Header())
	}

	s = newShelf(t, func(b *bucket.Bucket) media.Bucket { return failing{b, 7} })
	name := s.add(media.Messages, "a.png", "image/png", "")
	web := httptest.NewServer(s.handler)
	defer web.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL+"/media/"+name, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := web.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if got, err := io.ReadAll(answer.Body); !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.Equal(got, []byte(content[:7])) {
		t.Errorf("%q, %v", got, err)
	}
}

// endless is a bucket with one file, of which a client never has all.
type endless struct {
	media.Bucket
	closed chan struct{}
}

func (e endless) Open(context.Context, string) (media.Object, error) {
	return media.Object{ReadSeekCloser: e, About: media.About{MIME: "video/mp4"}, Size: 1 << 40}, nil
}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func (endless) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekEnd {
		offset += 1 << 40
	}
	return offset, nil
}

func (e endless) Close() error {
	close(e.closed)
	return nil
}

// A client that takes nothing holds a file, and what the bucket has open for it, for a while
// only.
func TestAClientThatTakesNothing(t *testing.T) {
	t.Parallel()
	e := endless{closed: make(chan struct{})}
	log := slog.New(slog.DiscardHandler)
	d := files.New(media.New(media.Config{Bucket: e}), problem.NewReporter(log))
	d.Hurry(50 * time.Millisecond)
	web := echo.New()
	d.Mount(web)
	s := httptest.NewServer(web)
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /media/%s.mp4 HTTP/1.1\r\nHost: x\r\n\r\n", strings.Repeat("a", 32))
	select {
	case <-e.closed:
	case <-t.Context().Done():
		t.Error("the file is open still")
	}
}
