package expresschat

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"expresschat/auth"
	"expresschat/server/limits"
)

// forgot answers everybody the same, whether there is an account or not.
func (d *Door) forgot(c echo.Context) error {
	f, err := readFields(c.Request(), "email", "source")
	if err != nil {
		return d.fail(c, err, faulty)
	}
	if f.lacks("email") {
		return reply(c, http.StatusNotFound, faulty, "An email is needed")
	}
	// Not together with the mails of sign-ups, which no verified account gets.
	if d.limited(c, limits.PerMailbox, "forgot", f["email"]) {
		return nil
	}
	if err := d.auth.Forgot(c.Request().Context(), f["email"], sourceOf(f["source"])); err != nil {
		return d.fail(c, err, faulty)
	}
	return reply(c, http.StatusOK, yes, "If there is an account with this email, a mail is on its way")
}

// reset sets another password. Nobody is signed in by that, and the browser that it comes
// from is signed out like all others.
func (d *Door) reset(c echo.Context) error {
	f, err := readFields(c.Request(), "email", "token", "password")
	if err != nil {
		return d.fail(c, err, faulty)
	}
	if f.lacks("email", "token", "password") {
		return reply(c, http.StatusNotFound, faulty, "Email, code and a new password are needed")
	}
	if d.limited(c, limits.PerCode, "reset", f["email"]) {
		return nil
	}
	err = d.auth.Reset(c.Request().Context(), f["email"], f["token"], f["password"])
	switch {
	case errors.Is(err, auth.ErrBadCode):
		return d.fail(c, err, no)
	case err != nil:
		return d.fail(c, err, faulty)
	}
	if err := d.limits.ForgiveSignIn(c.Request().Context(), d.auth, f["email"]); err != nil {
		d.explain("end of a reset", err)
	}
	d.clearCookies(c.Response())
	return reply(c, http.StatusOK, yes, "Your password is changed: sign in with the new one")
}
