package expresschat

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"expresschat/auth"
	"expresschat/server/limits"
)

// deleteAccount asks for the password too: who finds an open page must not end an account.
func (d *Door) deleteAccount(c echo.Context) error {
	f, err := readFields(c.Request(), "password")
	if err != nil {
		return d.fail(c, err, faulty)
	}
	who, err := d.who(c)
	if err != nil {
		return d.fail(c, err, no)
	}
	if f.lacks("password") {
		return reply(c, http.StatusNotFound, faulty, "The password is needed")
	}
	// By user, and not by address: who tries to sign in from elsewhere is no hindrance here.
	if d.limited(c, limits.PerAccount, "deletion", string(who.User.ID)) {
		return nil
	}
	err = d.auth.DeleteAccount(c.Request().Context(), who, f["password"])
	switch {
	case errors.Is(err, auth.ErrWrongPassword), errors.Is(err, auth.ErrUnauthenticated):
		return d.fail(c, err, no)
	case err != nil:
		return d.fail(c, err, faulty)
	}
	d.clearCookies(c.Response())
	return reply(c, http.StatusOK, yes, "Your account is deleted")
}
