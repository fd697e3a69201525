package expresschat

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"expresschat/auth"
	"expresschat/server/limits"
)

// sessionList is the answer of who is signed in where.
type sessionList struct {
	Success  int           `json:"success"`
	Message  string        `json:"message"`
	Sessions []openSession `json:"sessions"`
}

type openSession struct {
	ID       auth.SessionID   `json:"id"`
	Kind     auth.SessionKind `json:"kind"`
	Created  moment           `json:"created"`
	LastUsed moment           `json:"lastUsed"`
	Current  bool             `json:"current"`
}

// who finds out who asks: by an access token in the header (RFC 6750, section 2.1), or by
// the cookies, as at a handshake. A header counts, good or bad.
func (d *Door) who(c echo.Context) (auth.Identity, error) {
	pair := cookiePair(c.Request())
	if given := c.Request().Header.Get(echo.HeaderAuthorization); given != "" {
		scheme, token, _ := strings.Cut(given, " ")
		if !strings.EqualFold(scheme, "bearer") {
			return auth.Identity{}, auth.ErrUnauthenticated
		}
		pair = auth.Pair{Access: strings.TrimSpace(token)}
	}
	return d.auth.Authenticate(c.Request().Context(), pair)
}

// known makes a handler of what needs to know who asks, and counts each of their requests.
func (d *Door) known(serve func(c echo.Context, who auth.Identity) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		if d.told(c, d.spendClient(c)) {
			return nil
		}
		who, err := d.who(c)
		if err != nil {
			return d.fail(c, err, no)
		}
		return serve(c, who)
	}
}

func (d *Door) listSessions(c echo.Context, who auth.Identity) error {
	found, err := d.auth.Sessions(c.Request().Context(), who.User.ID)
	if err != nil {
		return d.fail(c, err, no)
	}
	list := sessionList{Success: yes, Message: "Where you are signed in", Sessions: sessionsOf(found, who.Session)}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(http.StatusOK, list)
}

func sessionsOf(found []auth.Session, current auth.SessionID) []openSession {
	list := []openSession{}
	for _, s := range found {
		list = append(list, openSession{
			ID: s.ID, Kind: s.Kind, Created: moment(s.CreatedAt), LastUsed: moment(s.UsedAt), Current: s.ID == current,
		})
	}
	return list
}

func (d *Door) closeSession(c echo.Context, who auth.Identity) error {
	id := auth.SessionID(c.Param("id"))
	if err := d.auth.CloseSession(c.Request().Context(), who.User.ID, id); err != nil {
		return d.fail(c, err, no)
	}
	if id == who.Session {
		d.clearCookies(c.Response())
	}
	return reply(c, http.StatusOK, yes, "Signed out there")
}

func (d *Door) changePassword(c echo.Context) error {
	f, err := readFields(c.Request(), "current", "password")
	if err != nil {
		return d.fail(c, err, faulty)
	}
	who, err := d.who(c)
	if err != nil {
		return d.fail(c, err, no)
	}
	if f.lacks("current", "password") {
		return reply(c, http.StatusNotFound, faulty, "The current password and a new one are needed")
	}
	// By user, and not by address: who tries to sign in from elsewhere is no hindrance here.
	if d.limited(c, limits.PerAccount, "password", string(who.User.ID)) {
		return nil
	}
	err = d.auth.ChangePassword(c.Request().Context(), who, f["current"], f["password"])
	switch {
	case errors.Is(err, auth.ErrWrongPassword):
		return d.fail(c, err, no)
	case err != nil:
		return d.fail(c, err, faulty)
	}
	if err := d.limits.Forgive(c.Request().Context(), "password", string(who.User.ID)); err != nil {
		d.explain("end of a password change", err)
	}
	return reply(c, http.StatusOK, yes, "Your password is changed, and you are signed out everywhere else")
}
