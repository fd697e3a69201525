package expresschat

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"expresschat/auth"
)

func (d *Door) updateAccessToken(c echo.Context) error {
	f, err := readFields(c.Request(), "acessToken", "accessToken")
	if err != nil {
		return d.fail(c, err, faulty)
	}
	token := f["acessToken"]
	if token == "" {
		token = f["accessToken"]
	}
	if token == "" {
		return c.JSON(http.StatusNotFound, answer{Message: "A token is needed"})
	}
	pair, err := d.auth.Renew(c.Request().Context(), auth.Pair{
		Access: token, Refresh: cookiePair(c.Request()).Refresh,
	})
	if err != nil {
		return d.fail(c, err, no)
	}
	d.setCookies(c.Response(), pair)
	return c.JSON(http.StatusOK, answer{Message: "Access token updated"})
}

// refresh is for clients that keep their tokens themselves, or have them in cookies.
func (d *Door) refresh(c echo.Context) error {
	f, err := readFields(c.Request(), "refreshToken")
	if err != nil {
		return d.fail(c, err, faulty)
	}
	if d.told(c, d.spendClient(c)) {
		return nil
	}
	token := f["refreshToken"]
	if token == "" {
		token = cookiePair(c.Request()).Refresh
	}
	pair, err := d.auth.Refresh(c.Request().Context(), token)
	if err != nil {
		return d.fail(c, err, no)
	}
	d.setCookies(c.Response(), pair)
	return c.JSON(http.StatusOK, answer{
		Success: number(yes), Message: "Tokens renewed",
		session: &session{AccessToken: pair.Access, RefreshToken: pair.Refresh},
	})
}
