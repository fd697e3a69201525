// Package server is one http.Handler and its life: what every request passes through
// before it reaches a door, whether the server is alive and ready, and how it stops. It
// knows the doors only as something that has routes.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"expresschat/server/limits"
	"expresschat/server/problem"
)

// Bounds of HTTP. There is no write timeout, because polls and websockets last.
const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeader         = 32 << 10
	readyTimeout      = 2 * time.Second
)

// SocketPath is where Socket.IO clients look for it by default.
const SocketPath = "/socket.io/"

// APIPath begins the paths of the door whose clients send files. It bounds its requests, and
// words what fails, by itself.
const APIPath = "/api/v1"

// IsAPI tells whether a request is for that door, whether there is such a route or not.
func IsAPI(r *http.Request) bool {
	rest, under := strings.CutPrefix(r.URL.Path, APIPath)
	return under && (rest == "" || rest[0] == '/')
}

// mailboxPath is where development mail is read. Only its handler looks at who really
// asks, because a proxy's word is not enough there.
const mailboxPath = "/dev/mailbox"

// Socket serves Socket.IO.
type Socket interface {
	http.Handler

	// Allow has it ask about every request, and turn those away in the words of its
	// protocol that may not come in. It is called before the first one.
	Allow(ask func(r *http.Request) bool)

	// Admit has it ask about every new connection, and tell those to come later that have
	// to wait. settled is called when a connection has been authorised, or has ended. Admit is
	// called before the first request.
	Admit(ask func(r *http.Request) (settled func(), wait time.Duration))
}

// Door has routes.
type Door interface {
	Mount(e *echo.Echo)
}

// Parts are what a server is made of.
type Parts struct {
	// Proxies are those whose word on a request's client counts, see Proxies.
	Proxies Proxies
	// Origins are those whose pages may call, see Origins.
	Origins Origins
	// Arrivals bounds how many come by sockets; nil for any number.
	Arrivals *limits.Arrivals
	// Secure says whether people reach the server by https.
	Secure bool
	// Upload bounds a request with files, in bytes. The API bounds its own.
	Upload int64
	// Ready tells whether the server can do its work: nil, or why not.
	Ready  func(ctx context.Context) error
	Socket Socket
	// Mailbox shows development mail at /dev/mailbox; nil where mail is sent.
	Mailbox http.Handler
	// PageCSS is the stylesheet of the pages that templates render.
	PageCSS string
	Doors   []Door
	Log     *slog.Logger
}

// New makes the handler of everything.
func New(p Parts) http.Handler {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = answerError(p.Log)
	e.Use(recoverPanics(p.Log), guard(p.Secure), known, p.Proxies.middleware, p.Origins.middleware)
	e.Use(middleware.BodyLimitWithConfig(middleware.BodyLimitConfig{
		Limit:   "64KiB",
		Skipper: func(c echo.Context) bool { return isSocket(c) || takesFiles(c) },
	}), middleware.BodyLimitWithConfig(middleware.BodyLimitConfig{
		Limit:   strconv.FormatInt(p.Upload, 10),
		Skipper: func(c echo.Context) bool { return !takesFiles(c) || IsAPI(c.Request()) },
	}), prompt(Patience))
	e.GET("/healthz", alive)
	e.GET("/readyz", ready(p.Ready))
	if p.Mailbox != nil {
		e.GET(mailboxPath, echo.WrapHandler(p.Mailbox))
	}
	e.GET("/static/page.css", func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderCacheControl, "no-cache")
		return c.Blob(http.StatusOK, "text/css; charset=utf-8", []byte(p.PageCSS))
	})
	for _, d := range p.Doors {
		d.Mount(e)
	}
	p.Socket.Allow(p.Origins.Allow)
	if p.Arrivals != nil {
		p.Socket.Admit(p.Arrivals.Admit)
	}
	e.Any(SocketPath, echo.WrapHandler(p.Socket))
	e.Any(SocketPath+"*", echo.WrapHandler(p.Socket))
	return e
}

// uploads are routes beside the API's whose requests have files.
var uploads = []string{"/upload", "/account/picture", "/groups/:id/picture"}

// takesFiles is whether a request may have files.
func takesFiles(c echo.Context) bool {
	return IsAPI(c.Request()) || c.Request().Method == http.MethodPost && slices.Contains(uploads, c.Path())
}

// isSocket is whether a request is one for Socket.IO.
func isSocket(c echo.Context) bool { return c.Path() == SocketPath || c.Path() == SocketPath+"*" }

func alive(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"status": "alive"})
}

func ready(check func(context.Context) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), readyTimeout)
		defer cancel()
		if err := check(ctx); err != nil {
			return c.JSON(http.StatusServiceUnavailable, map[string]string{"status": "the database does not answer"})
		}
		return c.JSON(http.StatusOK, map[string]string{"status": "ready"})
	}
}

type message struct {
	Success int    `json:"success"`
	Message string `json:"message"`
}

// answerError answers in JSON what no handler has answered.
func answerError(log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		status, text := problem.Internal.Status, problem.Internal.Text
		var he *echo.HTTPError
		if errors.As(err, &he) {
			status, text = he.Code, http.StatusText(he.Code)
		} else if p, known := problem.Of(err); known {
			status, text = p.Status, p.Text
			if p.RetryAfter > 0 { // RFC 9110, section 10.2.3
				c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(p.RetryAfter))
			}
		} else {
			log.Error("request failed", "route", c.Path(), "error", err)
		}
		if c.Request().Method == http.MethodHead {
			err = c.NoContent(status)
		} else {
			err = c.JSON(status, message{Success: -1, Message: text})
		}
		if err != nil {
			log.Debug("answer failed", "error", err)
		}
	}
}

func recoverPanics(log *slog.Logger) echo.MiddlewareFunc {
	return middleware.RecoverWithConfig(middleware.RecoverConfig{
		LogErrorFunc: func(c echo.Context, err error, stack []byte) error {
			log.Error("handler panicked", "route", c.Path(), "error", err, "stack", string(stack))
			return echo.ErrInternalServerError
		},
	})
}

// Serve answers on l until ctx ends, then calls stop, which has to end what handlers wait
// for, and waits for the requests that are left. grace bounds both together.
func Serve(ctx context.Context, l net.Listener, h http.Handler, grace time.Duration, log *slog.Logger, stop func(ctx context.Context)) error {
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	over, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	stop(over)
	if e := s.Shutdown(over); e != nil {
		log.Warn("requests were cut off", "error", e)
		_ = s.Close()
	}
	return err
}
