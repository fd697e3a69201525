// Package web is the browser's part of the server: the page to sign in on and the
// page to chat on, with all that they load. It is embedded, so the binary serves it
// without a file beside it. It knows nothing of users, sessions or messages: the
// pages ask for those themselves, and the server answers.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed index.html
var indexPage []byte

//go:embed auth.html
var authPage []byte

//go:embed static
var embedded embed.FS

// policy allows what these pages do and nothing else: everything comes from this
// origin, no script or style stands in a page, and nobody puts a page into a frame.
// The two ws schemes are named because older Safari does not count them as 'self'.
const policy = "default-src 'self'; connect-src 'self' ws: wss:; object-src 'none'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const (
	// revalidate makes a browser ask each time, which costs a 304 where it has the
	// newest version.
	revalidate = "no-cache"
	// forever is for addresses that name the version of their content.
	forever = "public, max-age=31536000, immutable"
)

// prefix is where the pages' files are served from, and what the pages write.
const prefix = "/static/"

// Handler serves the chat page at /, the sign-in page at /auth, and their files below
// /static/, to GET and HEAD; all else is 404 or 405. Like all routes of the server the
// two pages are found whatever the case and with a slash too many.
//
// The pages load their files from an address that has a hash of all of them in it. So
// a browser keeps those for good, and never mixes the modules of two versions.
func Handler() http.Handler {
	versioned := prefix + version() + "/"
	h := handler{
		index:     bytes.ReplaceAll(indexPage, []byte(prefix), []byte(versioned)),
		auth:      bytes.ReplaceAll(authPage, []byte(prefix), []byte(versioned)),
		versioned: versioned,
	}
	return http.HandlerFunc(h.serve)
}

type handler struct {
	index, auth []byte
	versioned   string
}

func (h handler) serve(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Content-Security-Policy", policy)
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Referrer-Policy", "no-referrer")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		head.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if name, ok := strings.CutPrefix(r.URL.Path, h.versioned); ok {
		serveFile(w, r, name, forever)
		return
	}
	if name, ok := strings.CutPrefix(r.URL.Path, prefix); ok {
		serveFile(w, r, name, revalidate)
		return
	}
	switch strings.ToLower(strings.TrimSuffix(r.URL.Path, "/")) {
	case "":
		serveContent(w, r, "index.html", h.index, revalidate)
	case "/auth":
		serveContent(w, r, "auth.html", h.auth, revalidate)
	default:
		http.NotFound(w, r)
	}
}

func serveFile(w http.ResponseWriter, r *http.Request, name, caching string) {
	content, err := embedded.ReadFile("static/" + name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	serveContent(w, r, path.Base(name), content, caching)
}

// serveContent leaves type, ranges and If-None-Match to net/http. There is no date,
// as an embedded file has none.
func serveContent(w http.ResponseWriter, r *http.Request, name string, content []byte, caching string) {
	sum := sha256.Sum256(content)
	w.Header().Set("Cache-Control", caching)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	if contentType, ok := types()[path.Ext(name)]; ok {
		w.Header().Set("Content-Type", contentType)
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}

// types are said here because net/http would ask the machine, whose answer may be one
// that a browser refuses for a module.
func types() map[string]string {
	return map[string]string{
		".html": "text/html; charset=utf-8",
		".css":  "text/css; charset=utf-8",
		".js":   "text/javascript; charset=utf-8",
		".svg":  "image/svg+xml",
		".md":   "text/plain; charset=utf-8",
	}
}

// version is the hash of all names and contents below static. An embedded file can't
// fail to be read, so there is no error to return.
func version() string {
	sum := sha256.New()
	_ = fs.WalkDir(embedded, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := embedded.ReadFile(name)
		sum.Write([]byte(name + "\x00"))
		sum.Write(content)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
