package expresschat

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"expresschat/auth"
	"expresschat/server"
	"expresschat/server/limits"
	"expresschat/templates"
)

// success is what ExpressChat clients branch on: a number whose meaning is the route's.
type answer struct {
	Success *int   `json:"success,omitempty"`
	Message string `json:"message"`
	Msg     string `json:"msg,omitempty"` // where a client looks for the text there
	*session
}

// session is what a client learns of a sign-in beside the cookies.
type session struct {
	AccessToken  string `json:"accessToken,omitempty"`
	RefreshToken string `json:"refreshToken,omitempty"`
}

const (
	yes     = 1
	no      = 0
	faulty  = -1
	pending = -2
)

// Mount adds the door's routes. Express told paths apart neither by case nor by one
// trailing slash, and neither does this.
func (d *Door) Mount(e *echo.Echo) {
	e.Pre(foldPaths("/signup", "/login", "/verify", "/logout", "/resend", "/update-access-token", "/refresh", "/password", "/sessions", "/auth", "/forgot", "/reset", "/account", "/account/export", "/account/picture", "/upload", "/push/key", "/push/subscription"))
	e.POST("/signup", d.signUp, server.Patient)
	e.POST("/login", d.logIn, server.Patient)
	e.GET("/verify", d.verify, server.Patient)
	e.HEAD("/verify", d.peek)
	e.POST("/logout", d.logOut, server.Patient)
	e.POST("/resend", d.resend, server.Patient)
	e.POST("/update-access-token", d.updateAccessToken, server.Patient)
	e.POST("/refresh", d.refresh, server.Patient)
	e.POST("/password", d.changePassword, server.Patient)
	e.GET("/sessions", d.known(d.listSessions), server.Patient)
	e.DELETE("/sessions/:id", d.known(d.closeSession), server.Patient)
	e.POST("/forgot", d.forgot, server.Patient)
	e.POST("/reset", d.reset, server.Patient)
	e.DELETE("/account", d.deleteAccount, server.Patient)
	e.GET("/account/export", d.known(d.export)) // as long as it takes
	d.mountPush(e)
	e.POST("/upload", d.upload, server.Arriving)
	e.POST("/account/picture", d.setPicture(d.oneself), server.Arriving)
	e.DELETE("/account/picture", d.dropPicture(d.oneself), server.Patient)
	e.POST("/groups/:id/picture", d.setPicture(d.theGroup), server.Arriving)
	e.DELETE("/groups/:id/picture", d.dropPicture(d.theGroup), server.Patient)
	for _, path := range []string{"/", "/auth", "/reset", "/sw.js", "/static/*"} {
		e.Match([]string{http.MethodGet, http.MethodHead}, path, echo.WrapHandler(d.web))
	}
}

func foldPaths(routes ...string) echo.MiddlewareFunc {
	known := map[string]bool{}
	for _, r := range routes {
		known[r] = true
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			u := c.Request().URL
			if p := strings.ToLower(strings.TrimSuffix(u.Path, "/")); known[p] {
				u.Path, u.RawPath = p, ""
			}
			return next(c)
		}
	}
}

func (d *Door) signUp(c echo.Context) error {
	f, err := readFields(c.Request(), "name", "email", "password", "source")
	if err != nil {
		return d.fail(c, err, faulty)
	}
	if f.lacks("name", "email", "password") {
		return reply(c, http.StatusNotFound, faulty, "Name, email and password are needed")
	}
	if d.limited(c, limits.PerMailbox, "mail", f["email"]) {
		return nil
	}
	err = d.auth.SignUp(c.Request().Context(), auth.Application{
		Name: f["name"], Email: f["email"], Password: f["password"], Source: sourceOf(f["source"]),
	})
	if errors.Is(err, auth.ErrEmailTaken) {
		return d.fail(c, err, no)
	}
	if err != nil {
		return d.fail(c, err, faulty)
	}
	return reply(c, http.StatusOK, yes, "Look into your mail to verify your email")
}

func (d *Door) logIn(c echo.Context) error {
	f, err := readFields(c.Request(), "email", "password", "source")
	if err != nil {
		return d.fail(c, err, faulty)
	}
	if f.lacks("email", "password") {
		const text = "Email and password are needed"
		return c.JSON(http.StatusNotFound, answer{Success: number(faulty), Message: text, Msg: text})
	}
	ctx := c.Request().Context()
	try, wait, err := d.limits.SignIn(ctx, d.auth, c.Request(), f["email"])
	if d.told(c, spent{wait, err}) {
		return nil
	}
	_, pair, err := d.auth.SignIn(ctx, f["email"], f["password"])
	if err := try.End(ctx, err); err != nil {
		d.explain("end of a sign-in", err)
	}
	switch {
	case errors.Is(err, auth.ErrNotVerified):
		return d.fail(c, err, pending)
	case errors.Is(err, auth.ErrNoUser), errors.Is(err, auth.ErrWrongPassword):
		return d.fail(c, err, no)
	case err != nil:
		return d.fail(c, err, faulty)
	}
	d.setCookies(c.Response(), pair)
	return c.JSON(http.StatusOK, answer{Success: number(yes), Message: "Signed in", session: sessionFor(f["source"], pair)})
}

func (d *Door) resend(c echo.Context) error {
	f, err := readFields(c.Request(), "email", "source")
	if err != nil {
		return d.fail(c, err, faulty)
	}
	if f.lacks("email") {
		return reply(c, http.StatusNotFound, faulty, "An email is needed")
	}
	if d.limited(c, limits.PerMailbox, "mail", f["email"]) {
		return nil
	}
	err = d.auth.Resend(c.Request().Context(), f["email"], sourceOf(f["source"]))
	switch {
	case errors.Is(err, auth.ErrAlreadyVerified):
		return d.fail(c, err, no)
	case err != nil:
		return d.fail(c, err, faulty)
	}
	if wantsPage(c) { // the form of a page that failed
		return d.page(c, http.StatusOK, "resent", templates.Resent{Email: f["email"]})
	}
	return reply(c, http.StatusOK, yes, "A new code is on its way")
}

// logOut always succeeds for the client: its cookies are gone, whatever they were.
func (d *Door) logOut(c echo.Context) error {
	if err := d.auth.SignOut(c.Request().Context(), cookiePair(c.Request())); err != nil {
		d.explain("logout", err)
	}
	d.clearCookies(c.Response())
	return c.JSON(http.StatusOK, answer{Message: "Signed out"})
}

// spent is what came of counting a try.
type spent struct {
	wait time.Duration
	err  error
}

// limited answers 429 and reports true if the network that a request comes from, or what it
// asks for, has used its tries up: an address in any spelling, or a user.
func (d *Door) limited(c echo.Context, q limits.Quota, what, whose string) bool {
	try := limits.Try{Quota: q, What: what, Whose: auth.EmailKey(whose)}
	wait, err := d.limits.Spend(c.Request().Context(), try, limits.From(c.Request()))
	return d.told(c, spent{wait, err})
}

func (d *Door) spendClient(c echo.Context) spent {
	wait, err := d.limits.Spend(c.Request().Context(), limits.From(c.Request()))
	return spent{wait, err}
}

// told answers 429 and reports true if somebody has to wait, and so it does with its error
// if a try could not be counted.
func (d *Door) told(c echo.Context, s spent) bool {
	switch {
	case s.err != nil:
		_ = d.fail(c, s.err, faulty)
	case s.wait > 0:
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(int((s.wait+time.Second-1)/time.Second)))
		_ = reply(c, http.StatusTooManyRequests, faulty, "Too many tries, wait a little")
	default:
		return false
	}
	return true
}

func (d *Door) fail(c echo.Context, err error, success int) error {
	var ours *echo.HTTPError // of a body that is too large, which reading it finds out
	if errors.As(err, &ours) {
		return ours
	}
	p := d.explain(c.Path(), err)
	if p.Status >= http.StatusInternalServerError {
		success = faulty
	}
	if p.RetryAfter > 0 { // RFC 9110, section 10.2.3
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(p.RetryAfter))
	}
	return reply(c, p.Status, success, p.Text)
}

func reply(c echo.Context, status, success int, message string) error {
	return c.JSON(status, answer{Success: number(success), Message: message})
}

func number(n int) *int { return &n }

func sourceOf(s string) auth.Source {
	if s == string(auth.FromApp) {
		return auth.FromApp
	}
	return auth.FromWeb
}

func sessionFor(source string, p auth.Pair) *session {
	if sourceOf(source) != auth.FromApp {
		return nil
	}
	return &session{AccessToken: p.Access, RefreshToken: p.Refresh}
}
