// Package web is the browser's part of the server: the page to sign in on and the
// page to chat on, with all that they load. It is embedded, so the binary serves it
// without a file beside it. It knows nothing of users, sessions or messages: the
// pages ask for those themselves, and the server answers.
package web

import (
	"bytes"
	"embed"
	"net/http"
	"strings"
)

//go:embed index.html auth.html static
var embedded embed.FS

// policy allows what these pages do and nothing else: everything comes from this
// origin, no script or style stands in a page, and nobody puts a page into a frame.
// The websocket to this origin counts as 'self' (CSP 3; Safari since 15.4).
// A picture or video that somebody picks is shown from a blob before it is sent.
const policy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
	"connect-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// permissions takes from the pages what they never ask for.
const permissions = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

const (
	// revalidate makes a browser ask each time, which costs a 304 where it has the
	// newest version.
	revalidate = "no-cache"
	// keepNothing is for an address that has a secret in it.
	keepNothing = "no-store"
	// forever is for addresses that name the version of their content.
	forever = "public, max-age=31536000, immutable"
)

// prefix is where the pages' files are served from, and what the pages write.
const prefix = "/static/"

// worker is the service worker, among the files. Its address has no version in it, as a browser
// looks there for a newer one, and no folder, as it is for all pages.
const worker = "sw.js"

// Handler serves the chat page at /, the sign-in page at /auth, their files below /static/, and
// the service worker at /sw.js, to GET and HEAD; all else is 404 or 405. The sign-in page is also at /reset,
// where the link in a mail has an address and a code in its query: the page takes them out
// of the browser's sight, and nothing is used up. Like all routes of the server the pages
// are found whatever the case and with a slash too many.
//
// The pages load their files from an address that has a hash of all of them in it. So
// a browser keeps those for good, and never mixes the modules of two versions. Each is
// compressed once, when it is first asked for, and served so to whoever takes gzip.
func Handler(options ...Option) http.Handler {
	var o offers
	for _, option := range options {
		option(&o)
	}
	contents := staticContents()
	versioned := prefix + version(contents) + "/"
	h := handler{versioned: versioned, static: map[string]file{}}
	for name, content := range contents {
		h.static[name] = newFile(name, content)
	}
	h.index = newFile("index.html", page("index.html", contents, versioned))
	h.auth = newFile("auth.html", o.shown(page("auth.html", contents, versioned)))
	return http.HandlerFunc(h.serve)
}

// An Option tells the pages what this server has beside what each one has.
type Option func(*offers)

type offers struct{ mailbox bool }

// WithMailbox has the sign-in page lead to the development mailbox at /dev/mailbox.
func WithMailbox() Option { return func(o *offers) { o.mailbox = true } }

// shown is the sign-in page with what is offered no longer hidden.
func (o offers) shown(page []byte) []byte {
	if !o.mailbox {
		return page
	}
	const place = `<p class="hint mailbox"`
	return bytes.ReplaceAll(page, []byte(place+" hidden"), []byte(place))
}

type handler struct {
	index, auth file
	static      map[string]file // by path below static
	versioned   string
}

func (h handler) serve(w http.ResponseWriter, r *http.Request) {
	guard(w.Header())
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	f, caching, ok := h.find(r.URL.Path)
	if !ok {
		http.NotFound(w, r)
		return
	}
	f.serve(w, r, caching)
}

// find is the file at a path, and how it is cached.
func (h handler) find(path string) (f file, caching string, ok bool) {
	if name, versioned := strings.CutPrefix(path, h.versioned); versioned {
		f, ok = h.static[name]
		return f, forever, ok
	}
	if name, static := strings.CutPrefix(path, prefix); static {
		f, ok = h.static[name]
		return f, revalidate, ok
	}
	if path == "/"+worker {
		return h.static[worker], revalidate, true
	}
	switch strings.ToLower(strings.TrimSuffix(path, "/")) {
	case "":
		return h.index, revalidate, true
	case "/auth":
		return h.auth, revalidate, true
	case "/reset":
		return h.auth, keepNothing, true
	}
	return file{}, "", false
}

func guard(head http.Header) {
	head.Set("Content-Security-Policy", policy)
	head.Set("Permissions-Policy", permissions)
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Referrer-Policy", "no-referrer")
}
