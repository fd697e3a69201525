package vchat

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"expresschat/auth"
	"expresschat/media"
	"expresschat/server"
	"expresschat/server/limits"
	"expresschat/server/problem"
)

//go:embed default_user_image.png
var defaultImage []byte

// Mount adds the door's routes.
func (d *Door) Mount(e *echo.Echo) {
	e.Pre(oneSlash)
	e.HTTPErrorHandler = d.inWords(e.HTTPErrorHandler)
	g, bounded := e.Group(server.APIPath), middleware.BodyLimit(fmt.Sprint(d.media.Request()))
	g.POST("/user/register", d.register, bounded, server.Arriving)
	g.POST("/user/login", d.logIn, bounded, server.Arriving)
	for _, r := range []struct {
		method, path string
		serve        func(q request) (any, error)
	}{
		{http.MethodPatch, "/user", d.changeUser},
		{http.MethodGet, "/user", d.people},
		{http.MethodGet, "/user/search", d.search},
		{http.MethodGet, "/user/:id", d.person},
		{http.MethodGet, "/room", d.rooms},
		{http.MethodPost, "/room/single", d.openSingle},
		{http.MethodPost, "/room/check-if-there-room", d.findSingle},
		{http.MethodPost, "/room/group", d.createGroup},
		{http.MethodPost, "/room/add-member", d.addMembers},
		{http.MethodPost, "/room/kick-member", d.kickMember},
		{http.MethodPost, "/room/leave-group-chat", d.leaveGroup},
		{http.MethodPost, "/room/update-group-info", d.changeGroup},
		{http.MethodPost, "/room/update-member-state", d.changeRole},
		{http.MethodGet, "/room/group-members", d.groupMembers},
		{http.MethodPost, "/room/chat-notification", d.toggleMute},
		{http.MethodPost, "/room/ban-chat-user", d.toggleBlock},
		{http.MethodGet, "/message", d.messagesBefore},
		{http.MethodPost, "/message/single", d.sendSingle},
		{http.MethodPost, "/message/group", d.sendGroup},
	} {
		g.Add(r.method, r.path, d.signedIn(r.serve), bounded, server.Arriving)
	}
	g.Match([]string{http.MethodGet, http.MethodHead}, "/public/profile/"+defaultPicture, defaultProfile)
}

// oneSlash lets clients be whose base address ends in one and whose paths begin with another.
func oneSlash(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := c.Request().URL
		if p := "/" + strings.TrimLeft(u.Path, "/"); p != u.Path && strings.HasPrefix(p, server.APIPath+"/") {
			u.Path, u.RawPath = p, ""
		}
		return next(c)
	}
}

// request is one of somebody who has shown who they are.
type request struct {
	echo.Context
	who auth.Identity
}

func (q request) actor() auth.Actor { return auth.Actor{User: q.who.User.ID} }

// signedIn makes a handler of a method: with who asks, and what it returns as the answer.
func (d *Door) signedIn(serve func(q request) (any, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		who, err := d.accounts.AuthenticateLong(c.Request().Context(), bare(c.Request().Header.Get(echo.HeaderAuthorization)))
		if err != nil {
			return err
		}
		if err := d.users.Spend(string(who.User.ID), weightOf(c)); err != nil {
			return err
		}
		data, err := serve(request{c, who})
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, answer{Success: true, Data: data})
	}
}

// weightOf is what a request costs of what its user may ask for, by sockets and so together.
func weightOf(c echo.Context) int {
	switch c.Path() {
	case server.APIPath + "/message/single", server.APIPath + "/message/group":
		return limits.Light
	case server.APIPath + "/room/group", server.APIPath + "/room/single":
		return limits.Making
	}
	return limits.Query
}

// inWords answers what failed in words for people: also where it failed before there was a
// route. What is not for this door, others answer.
func (d *Door) inWords(others echo.HTTPErrorHandler) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if !server.IsAPI(c.Request()) {
			others(err, c)
			return
		}
		if c.Response().Committed {
			return
		}
		status, text := d.failure(c, err)
		if err := c.JSON(status, answer{Data: text}); err != nil {
			d.log.Debug("answer failed", "error", err)
		}
	}
}

// complaint is an error in this protocol's own words.
type complaint struct {
	status int
	text   string
}

func (c *complaint) Error() string { return c.text }

var (
	errTooMuch      = &complaint{http.StatusRequestEntityTooLarge, "The request has too many fields"}
	errTooManyTries = &complaint{http.StatusTooManyRequests, "Too many tries, wait a little"}
)

// statuses are those of errors that this protocol has other ones for than most.
var statuses = map[error]int{
	auth.ErrWrongPassword: http.StatusBadRequest,
	auth.ErrEmailTaken:    http.StatusBadRequest,
	auth.ErrNotVerified:   http.StatusForbidden,
}

func (d *Door) failure(c echo.Context, err error) (status int, text string) {
	var route *echo.HTTPError // which there is none of, or of a body that is too large
	switch {
	case !errors.As(err, &route):
	case route.Code == http.StatusRequestEntityTooLarge:
		err = media.ErrTooLarge
	default:
		return route.Code, http.StatusText(route.Code)
	}
	var own *complaint
	if errors.As(err, &own) {
		return own.status, own.text
	}
	p := d.explain(c.Path(), err)
	if p.RetryAfter > 0 { // RFC 9110, section 10.2.3
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(p.RetryAfter))
	}
	for known, status := range statuses {
		if errors.Is(err, known) {
			return status, p.Text
		}
	}
	return p.Status, p.Text
}

// refused is errTooManyTries for who has to wait, and the error of a try that could not be
// counted.
func (d *Door) refused(c echo.Context, wait time.Duration, err error) error {
	if err != nil || wait == 0 {
		return err
	}
	seconds := int((wait + time.Second - 1) / time.Second)
	c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(seconds))
	return errTooManyTries
}

// pageOf reads the number of a page, whose first one has the number first. Past a million
// there is nothing.
func pageOf(q request, name string, first int) (int, error) {
	text := q.QueryParam(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < first {
		return 0, problem.ErrBadInput
	}
	return min(n-first, 1_000_000), nil
}

// defaultProfile is the picture of those who have none.
func defaultProfile(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "public, max-age=86400")
	c.Response().Header().Set("Cross-Origin-Resource-Policy", "cross-origin") // for apps' own pages
	http.ServeContent(c.Response(), c.Request(), defaultPicture, time.Time{}, bytes.NewReader(defaultImage))
	return nil
}
