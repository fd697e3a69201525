package expresschat

import (
	"bytes"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"expresschat/auth"
	"expresschat/server/limits"
	"expresschat/templates"
)

// pagePolicy fits pages that run no script: everything but their stylesheets, their icon
// and their form is forbidden.
const pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// verify redeems a code. An app gets JSON and a browser a page; programs that fail get
// JSON too.
func (d *Door) verify(c echo.Context) error {
	email, code := c.QueryParam("email"), c.QueryParam("token")
	if d.limited(c, limits.PerCode, "verify", email) {
		return nil
	}
	v, err := d.auth.Verify(c.Request().Context(), email, code)
	if errors.Is(err, auth.ErrBadCode) && wantsPage(c) {
		return d.page(c, http.StatusBadRequest, "verify_failed", templates.VerifyFailed{Email: email})
	}
	if err != nil {
		return d.fail(c, err, no)
	}
	if !v.Again {
		d.setCookies(c.Response(), v.Tokens)
	}
	if source := c.QueryParam("source"); sourceOf(source) == auth.FromApp {
		return c.JSON(http.StatusOK, answer{
			Success: number(yes), Message: "Your email is verified", session: sessionFor(source, v.Tokens),
		})
	}
	return d.page(c, http.StatusOK, "verified", templates.Verified{Name: v.User.Name, ChatURL: "/"})
}

// peek answers the HEAD requests of programs that look at links in mails. It uses
// nothing up, and does not tell whether the code is right, or it would be a way to guess
// without counting.
func (d *Door) peek(c echo.Context) error {
	return c.NoContent(http.StatusOK)
}

func wantsPage(c echo.Context) bool {
	return sourceOf(c.QueryParam("source")) != auth.FromApp &&
		strings.Contains(c.Request().Header.Get(echo.HeaderAccept), echo.MIMETextHTML)
}

func (d *Door) page(c echo.Context, status int, name string, data any) error {
	var b bytes.Buffer
	if err := d.pages.Page(&b, name, data); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set(echo.HeaderContentSecurityPolicy, pagePolicy)
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	// The address of this page has the code in it, which no other site may see; our own
	// may, because a form would have no origin otherwise.
	h.Set(echo.HeaderReferrerPolicy, "same-origin")
	return c.HTMLBlob(status, b.Bytes())
}
