package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"
	"testing"

	"expresschat/auth"
	"expresschat/web"
)

// handler is made once, as a server does.
var handler = sync.OnceValue(func() http.Handler { return web.Handler() })

func get(t *testing.T, path string, header ...string) *http.Response {
	t.Helper()
	return ask(t, http.MethodGet, path, header...)
}

func ask(t *testing.T, method, path string, header ...string) *http.Response {
	t.Helper()
	req := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	handler().ServeHTTP(rec, req)
	return rec.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, path string
		status       int
		contentType  string
	}{
		"the chat page":               {"GET", "/", 200, "text/html; charset=utf-8"},
		"the sign-in page":            {"GET", "/auth", 200, "text/html; charset=utf-8"},
		"in another case, and longer": {"GET", "/Auth/", 200, "text/html; charset=utf-8"},
		"the link to a new password":  {"GET", "/reset?email=a%40b&token=x", 200, "text/html; charset=utf-8"},
		"a module":                    {"GET", "/static/rest.js", 200, "text/javascript; charset=utf-8"},
		"the style":                   {"GET", "/static/css/base.css", 200, "text/css; charset=utf-8"},
		"the icon":                    {"GET", "/static/icon.svg", 200, "image/svg+xml"},
		"what makes it installable":   {"GET", "/static/manifest.webmanifest", 200, "application/manifest+json"},
		"the library":                 {"GET", "/static/vendor/socket.io.esm.min.js", 200, "text/javascript; charset=utf-8"},
		"only the head":               {"HEAD", "/auth", 200, "text/html; charset=utf-8"},
		"no such page":                {"GET", "/nowhere", 404, ""},
		"no such file":                {"GET", "/static/nothing.js", 404, ""},
		"a folder":                    {"GET", "/static/", 404, ""},
		"outside":                     {"GET", "/static/../web.go", 404, ""},
		"another method":              {"POST", "/", 405, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := ask(t, tt.method, tt.path)
			if res.StatusCode != tt.status {
				t.Fatalf("status %d, want %d", res.StatusCode, tt.status)
			}
			if got := res.Header.Get("Content-Type"); tt.contentType != "" && got != tt.contentType {
				t.Errorf("content type %q, want %q", got, tt.contentType)
			}
		})
	}
}

// Whether there is a mailbox the server knows, so the page need not look for one.
func TestMailboxIsOfferedWhereThereIsOne(t *testing.T) {
	t.Parallel()
	const hidden = `<p class="hint mailbox" hidden>`
	for offered, h := range map[bool]http.Handler{false: web.Handler(), true: web.Handler(web.WithMailbox())} {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/auth", nil))
		page := rec.Body.String()
		if strings.Count(page, `<p class="hint mailbox"`) != 2 || strings.Contains(page, hidden) == offered {
			t.Errorf("a server whose mailbox is %v offers it otherwise:\n%s", offered, page)
		}
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/auth", "/static/rest.js", "/nowhere"} {
		header := get(t, path).Header
		policy := header.Get("Content-Security-Policy")
		for _, part := range []string{
			"default-src 'self';", "script-src 'self';", "style-src 'self';", "media-src 'self' blob:;", "connect-src 'self';", "manifest-src 'self';",
			"object-src 'none';", "base-uri 'none';", "form-action 'self';", "frame-ancestors 'none'",
		} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: policy %q lacks %q", path, policy, part)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || strings.Contains(policy, "ws:") {
			t.Errorf("%s: policy %q allows something unsafe", path, policy)
		}
		if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Referrer-Policy") == "" ||
			header.Get("Permissions-Policy") == "" || header.Get("Cross-Origin-Opener-Policy") != "same-origin" {
			t.Errorf("%s: headers %v", path, header)
		}
	}
}

func TestCaching(t *testing.T) {
	t.Parallel()
	module := regexp.MustCompile(`/static/[0-9a-f]{16}/[^"]+\.js`).FindString(body(t, get(t, "/")))
	if module == "" {
		t.Fatal("the page does not load its module by a versioned address")
	}
	if got := get(t, module).Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("versioned file has Cache-Control %q", got)
	}
	if got := get(t, "/reset?token=x").Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("a link with a code in it has Cache-Control %q", got)
	}
	for _, path := range []string{"/", "/static/rest.js"} {
		first := get(t, path)
		if got := first.Header.Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s has Cache-Control %q", path, got)
		}
		tag := first.Header.Get("ETag")
		if again := get(t, path, "If-None-Match", tag); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s with the newest ETag is answered with %d", path, again.StatusCode)
		}
		if other := get(t, path, "If-None-Match", `"old"`); other.StatusCode != http.StatusOK {
			t.Errorf("%s with an old ETag is answered with %d", path, other.StatusCode)
		}
	}
}

// What a page or a module names has to be there.
func TestReferencesResolve(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`)
	for _, page := range []string{"/", "/auth"} {
		found := link.FindAllStringSubmatch(body(t, get(t, page)), -1)
		if len(found) < 3 {
			t.Errorf("%s loads only %d files", page, len(found))
		}
		for _, match := range found {
			if status := get(t, match[1]).StatusCode; status != http.StatusOK {
				t.Errorf("%s: %s is answered with %d", page, match[1], status)
			}
		}
	}
	for name, source := range modules(t) {
		for _, match := range imported.FindAllStringSubmatch(source, -1) {
			if status := get(t, path.Join("/static", path.Dir(name), match[1])).StatusCode; status != http.StatusOK {
				t.Errorf("%s: %s is answered with %d", name, match[1], status)
			}
		}
	}
}

// Whoever installs the chat page gets an app that begins on it, with icons that are what they are
// said to be; iPhones deliver notifications to no other.
func TestTheChatPageCanBeInstalled(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`<link rel="manifest" href="(/static/[0-9a-f]{16}/[^"]+)">`).FindStringSubmatch(body(t, get(t, "/")))
	if link == nil {
		t.Fatal("the page has no manifest")
	}
	var m struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Short   string `json:"short_name"`
		Start   string `json:"start_url"`
		Scope   string `json:"scope"`
		Display string `json:"display"`
		Icons   []struct{ Src, Type, Sizes string }
	}
	decoder := json.NewDecoder(get(t, link[1]).Body)
	if err := decoder.Decode(&m); err != nil {
		t.Fatal(err)
	}
	if m.ID != "/" || m.Name != "ExpressChat" || m.Short != m.Name || m.Start != "/" || m.Scope != "/" || m.Display != "standalone" {
		t.Errorf("the manifest says %+v", m)
	}
	sizes := map[string]bool{}
	for _, icon := range m.Icons {
		sizes[icon.Sizes] = true
		res := get(t, icon.Src)
		if got := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || got != icon.Type {
			t.Errorf("%s: status %d, %q", icon.Src, res.StatusCode, got)
		}
		if icon.Type != "image/png" {
			continue
		}
		if c, err := png.DecodeConfig(res.Body); err != nil || fmt.Sprintf("%dx%d", c.Width, c.Height) != icon.Sizes {
			t.Errorf("%s is %dx%d, %v", icon.Src, c.Width, c.Height, err)
		}
	}
	if !sizes["192x192"] || !sizes["any"] {
		t.Errorf("icons of %v", sizes)
	}
}

// An id that a module asks the page for has to be on one of the pages.
func TestIdsAreOnAPage(t *testing.T) {
	t.Parallel()
	pages := body(t, get(t, "/")) + body(t, get(t, "/auth"))
	id := regexp.MustCompile(`byId\("([^"]+)"\)`)
	for name, source := range modules(t) {
		for _, match := range id.FindAllStringSubmatch(source, -1) {
			if !strings.Contains(pages, `id="`+match[1]+`"`) {
				t.Errorf("%s: no page has %q", name, match[1])
			}
		}
	}
}

// Names and messages come from other people: nothing of ours may read them as HTML,
// and the policy forbids what stands in a page.
func TestNothingIsReadAsHTML(t *testing.T) {
	t.Parallel()
	for name, source := range modules(t) {
		for _, word := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "setAttribute(\"on"} {
			if strings.Contains(source, word) {
				t.Errorf("%s uses %s", name, word)
			}
		}
	}
	inline := regexp.MustCompile(`(?i)<style|<script(?: type="module")?>|\sstyle="|\son[a-z]+="`)
	for _, page := range []string{"/", "/auth"} {
		if found := inline.FindString(body(t, get(t, page))); found != "" {
			t.Errorf("%s has %q in it", page, found)
		}
	}
}

// What the server calls somebody is told from what others call themselves by that word alone.
func TestWhoIsDeletedHasOneName(t *testing.T) {
	t.Parallel()
	if !strings.Contains(modules(t)["chat/model/people.js"], `DELETED = "`+auth.DeletedName+`"`) {
		t.Errorf("the chat page does not know %q", auth.DeletedName)
	}
}

// The note beside the library says what it is; nobody may change it by hand.
func TestLibraryIsTheOneNoted(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte(body(t, get(t, "/static/vendor/socket.io.esm.min.js"))))
	note := body(t, get(t, "/static/vendor/README.md"))
	if !strings.Contains(note, hex.EncodeToString(sum[:])) {
		t.Error("the hash of the vendored library is not the one in its README")
	}
}

// imported finds what a module imports, at its start or on the way.
var imported = regexp.MustCompile(`(?:from |import |import\()"(\.[^"]+)"`)

// modules are our own scripts by their path below static.
func modules(t *testing.T) map[string]string {
	t.Helper()
	sources := map[string]string{}
	err := fs.WalkDir(os.DirFS("static"), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".js" || strings.HasPrefix(name, "vendor/") {
			return err
		}
		source, err := os.ReadFile(path.Join("static", name))
		sources[name] = string(source)
		return err
	})
	if err != nil || len(sources) == 0 {
		t.Fatalf("no modules: %v", err)
	}
	return sources
}

// A browser looks for a newer service worker at its address, whose folder is how far it reaches.
func TestServiceWorkerIsForAllPages(t *testing.T) {
	t.Parallel()
	res := get(t, "/sw.js")
	if got := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || got != "text/javascript; charset=utf-8" {
		t.Errorf("the service worker is answered with %d, %q", res.StatusCode, got)
	}
	if got := res.Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("the service worker has Cache-Control %q", got)
	}
	icon := regexp.MustCompile(`const ICON = "([^"]+)"`).FindStringSubmatch(body(t, res))
	if icon == nil || get(t, icon[1]).Header.Get("Content-Type") != "image/png" {
		t.Errorf("the icon of notifications is not there: %q", icon)
	}
}
