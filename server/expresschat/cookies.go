package expresschat

import (
	"net/http"
	"time"

	"expresschat/auth"
)

// The cookies of protocol/expresschat.md, section 1.
const (
	accessCookie  = "access_token"
	refreshCookie = "refresh_token"
)

// cookiePair reads both tokens from a request's cookies; one that is missing is empty.
func cookiePair(r *http.Request) auth.Pair {
	value := func(name string) string {
		c, err := r.Cookie(name)
		if err != nil {
			return ""
		}
		return c.Value
	}
	return auth.Pair{Access: value(accessCookie), Refresh: value(refreshCookie)}
}

// setCookies hands a pair to a browser. Both live as long as the refresh token, because
// an access token that has expired has to be shown to be renewed.
func (d *Door) setCookies(w http.ResponseWriter, p auth.Pair) {
	http.SetCookie(w, d.cookie(accessCookie, p.Access, p.Life))
	http.SetCookie(w, d.cookie(refreshCookie, p.Refresh, p.Life))
}

func (d *Door) clearCookies(w http.ResponseWriter) {
	for _, name := range []string{accessCookie, refreshCookie} {
		c := d.cookie(name, "", 0)
		c.MaxAge = -1
		http.SetCookie(w, c)
	}
}

func (d *Door) cookie(name, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: d.secure,
	}
}
