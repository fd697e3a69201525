package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// A file is one content in the forms in which it is sent.
type file struct {
	contentType string
	plain       body
	zipped      func() body // has no content where it would be the longer one
}

// A body is a content as it goes over the wire, and its name among all others.
type body struct {
	content []byte
	tag     string
}

func newBody(content []byte) body {
	sum := sha256.Sum256(content)
	return body{content, `"` + hex.EncodeToString(sum[:16]) + `"`}
}

// newFile leaves compressing to the first who takes it, so that a server starts without. A type
// that is not known here is sent as text, because asking the machine may give one that a
// browser refuses for a module.
func newFile(name string, content []byte) file {
	f := file{contentType: "text/plain; charset=utf-8", plain: newBody(content)}
	if known, ok := types()[path.Ext(name)]; ok {
		f.contentType = known
	}
	f.zipped = sync.OnceValue(func() body {
		if zipped := zip(content); len(zipped) < len(content) {
			return newBody(zipped)
		}
		return body{}
	})
	return f
}

func types() map[string]string {
	return map[string]string{
		".html":        "text/html; charset=utf-8",
		".css":         "text/css; charset=utf-8",
		".js":          "text/javascript; charset=utf-8",
		".svg":         "image/svg+xml",
		".png":         "image/png",
		".json":        "application/json",
		".webmanifest": "application/manifest+json",
	}
}

// zip has no time in it, so one content always gives the same bytes. A buffer takes all
// that is written, and the level is a valid one, so there is no error to return.
func zip(content []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = w.Write(content)
	_ = w.Close()
	return out.Bytes()
}

func (f file) serve(w http.ResponseWriter, r *http.Request, caching string) {
	head, b := w.Header(), f.plain
	head.Set("Vary", "Accept-Encoding")
	head.Set("Cache-Control", caching)
	if takesGzip(r.Header) {
		if zipped := f.zipped(); zipped.content != nil {
			b = zipped
			head.Set("Content-Encoding", "gzip")
		}
	}
	head.Set("ETag", b.tag)
	if has(r.Header, b.tag) {
		head.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	head.Set("Content-Type", f.contentType)
	head.Set("Content-Length", strconv.Itoa(len(b.content)))
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return
	}
	_, _ = w.Write(b.content) // fails only if the client has gone
}

// has reports whether the client has the content called tag (RFC 9110, section 13.1.2).
func has(head http.Header, tag string) bool {
	for _, other := range elements(head, "If-None-Match") {
		if other == "*" || strings.TrimPrefix(other, "W/") == tag {
			return true
		}
	}
	return false
}

// takesGzip reports whether the client names gzip and does not rule it out (RFC 9110,
// section 12.5.3).
func takesGzip(head http.Header) bool {
	for _, coding := range elements(head, "Accept-Encoding") {
		name, weight, _ := strings.Cut(coding, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		_, value, weighed := strings.Cut(weight, "=")
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		return !weighed || (err == nil && q > 0)
	}
	return false
}

func elements(head http.Header, name string) []string {
	parts := strings.Split(strings.Join(head.Values(name), ","), ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}
