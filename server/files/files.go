// Package files is the door for files that people sent: whoever knows the name of one may read
// it. It shows what browsers play and show by themselves, and has all else saved; nothing that
// people sent runs on this origin.
package files

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"expresschat/media"
	"expresschat/server"
	"expresschat/server/problem"
)

// Where files are. Each protocol has paths of its own.
const (
	MessagePath = "/media/"
	ProfilePath = "/media/profile/"

	apiMessages = server.APIPath + "/public/messages/"
	apiProfile  = server.APIPath + "/public/profile/"
)

// Media opens stored files.
type Media interface {
	Open(ctx context.Context, p media.Place, name string) (media.Object, error)
}

// Door serves files.
type Door struct {
	media  Media
	report *problem.Reporter
	takes  time.Duration
}

// New makes a door.
func New(m Media, report *problem.Reporter) *Door { return &Door{m, report, takes} }

// Mount implements server.Door.
func (d *Door) Mount(e *echo.Echo) {
	for path, place := range map[string]media.Place{
		MessagePath: media.Messages, apiMessages: media.Messages,
		ProfilePath: media.Profile, apiProfile: media.Profile,
	} {
		e.Match([]string{http.MethodGet, http.MethodHead}, path+":name", d.serve(place))
	}
}

// shown are the types that a browser may show in a page: none of them is a program.
var shown = []string{
	"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif",
	"audio/mpeg", "audio/mp4", "audio/x-m4a", "audio/aac", "audio/ogg", "audio/wav", "audio/webm", "audio/flac",
	"application/ogg", "video/ogg", "video/mp4", "video/webm", "video/quicktime", "video/3gpp",
}

// maxRanges is how many parts of a file one request may ask for; who asks for more gets all of it,
// as RFC 9110, section 14.2, has it. Each part is another request to a bucket elsewhere, and players
// ask for one.
const maxRanges = 8

// serve says the type of a file and what it is called, which both stand with it in the bucket.
// A name means the same bytes for ever: so it is their ETag, too, and a part of them is as good
// as another one (RFC 9110, section 14).
func (d *Door) serve(p media.Place) echo.HandlerFunc {
	return func(c echo.Context) error {
		name := c.Param("name")
		o, err := d.media.Open(c.Request().Context(), p, name)
		switch {
		case errors.Is(err, media.ErrNoFile):
			return echo.ErrNotFound
		case err != nil:
			d.report.Explain(c.Path(), err)
			return err
		}
		defer o.Close()
		kind, disposition := o.MIME, "inline"
		if !slices.Contains(shown, kind) {
			kind, disposition = echo.MIMEOctetStream, "attachment"
		}
		h := c.Response().Header()
		h.Set(echo.HeaderContentType, kind)
		h.Set(echo.HeaderContentDisposition, describe(disposition, o.Title, name))
		h.Set("ETag", `"`+name+`"`)
		h.Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
		h.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; sandbox")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin") // apps show files in pages of their own
		if strings.Count(c.Request().Header.Get("Range"), ",") >= maxRanges {
			c.Request().Header.Del("Range")
		}
		r := &reading{ReadSeeker: o}
		http.ServeContent(&slow{c.Response(), http.NewResponseController(c.Response()), d.takes}, c.Request(), "", time.Time{}, r)
		if r.err != nil && c.Request().Context().Err() == nil {
			d.report.Warn("file broke off", "error", r.err) // net/http then ends the connection
		}
		return nil
	}
}

// describe names a file for whoever saves it (RFC 6266; RFC 5987 for what is not ASCII).
func describe(disposition, title, name string) string {
	if title == "" {
		title = name
	}
	if s := mime.FormatMediaType(disposition, map[string]string{"filename": title}); s != "" {
		return s
	}
	return disposition
}

// reading remembers that a file could not be read.
type reading struct {
	io.ReadSeeker
	err error
}

func (r *reading) Read(p []byte) (int, error) {
	n, err := r.ReadSeeker.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// takes is how long a client may take to take one piece of a file.
const takes = time.Minute

// slow cuts a client off that takes nothing any more. net/http lifts that at the end of a request.
type slow struct {
	http.ResponseWriter
	conn  *http.ResponseController
	takes time.Duration
}

// Write fails where the client has not taken enough in time. Where there is no connection, in
// tests, nobody is slow.
func (s *slow) Write(p []byte) (int, error) {
	_ = s.conn.SetWriteDeadline(time.Now().Add(s.takes))
	return s.ResponseWriter.Write(p)
}
