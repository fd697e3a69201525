package server

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// strict is how long browsers remember that a server speaks https (RFC 6797).
const strict = "max-age=31536000"

// guard sets what every answer says to browsers. What is more exact, a page's policy say, is
// for handlers to put in its place. Without that, an answer is data: it shows nothing, is in
// no frame, comes from and goes to this origin, and nobody keeps it, because it may have
// tokens or what people said in it.
func guard(https bool) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			h := c.Response().Header()
			h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("X-Frame-Options", "DENY") // for browsers that don't know frame-ancestors
			h.Set("Cache-Control", "no-store")
			if https {
				h.Set("Strict-Transport-Security", strict)
			}
			return next(c)
		}
	}
}

// known refuses methods that nothing here has a use for, before they lead anywhere: TRACE
// would say to whoever asks what a proxy added.
func known(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch c.Request().Method {
		case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
			return next(c)
		}
		return echo.ErrMethodNotAllowed
	}
}

// prompt bounds how long a body may take. One that may have files only has to go on arriving;
// all others have to be here within patience. Socket.IO sees to its own.
func prompt(patience time.Duration) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			// Where there is no body, net/http listens for the client's end already: a deadline would
			// be taken for that, and end a long download. http.NoBody may be wrapped by now.
			if r.Body == nil || r.ContentLength == 0 || isSocket(c) {
				return next(c)
			}
			b := &body{r.Body, http.NewResponseController(c.Response()), patience, takesFiles(c)}
			b.allow()
			r.Body = b
			return next(c)
		}
	}
}

// body is one that has to arrive in time.
type body struct {
	io.ReadCloser
	conn     *http.ResponseController
	patience time.Duration
	renewed  bool // as some of it arrives
}

// Read counts what the client takes, and not what a bucket did with the bytes before.
func (b *body) Read(p []byte) (int, error) {
	if b.renewed {
		b.allow()
	}
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) { // net/http listens for the client's end from now on
		_ = b.conn.SetReadDeadline(time.Time{})
	}
	return n, err
}

// allow fails where there is no connection, in tests.
func (b *body) allow() { _ = b.conn.SetReadDeadline(time.Now().Add(b.patience)) }
