package server

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"expresschat/server/problem"
)

// Origins are those (RFC 6454) whose pages may call this server, with their cookies. A
// request without an Origin header comes from an app, or leads to a page, and passes.
type Origins struct {
	all     bool
	allowed map[string]bool
}

// ParseOrigins reads a list like "https://a.example,https://b.example:8443". "*" allows
// every origin. The second result is the first entry that is none, or empty.
func ParseOrigins(list []string) (Origins, string) {
	o := Origins{allowed: map[string]bool{}}
	for _, s := range list {
		s = strings.TrimSuffix(strings.TrimSpace(s), "/")
		if s == "*" {
			o.all = true
			continue
		}
		u, err := url.Parse(s)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil {
			return Origins{}, s
		}
		o.allowed[strings.ToLower(s)] = true
	}
	return o, ""
}

// Allow is whether r may be served.
func (o Origins) Allow(r *http.Request) bool {
	origin := r.Header.Get(echo.HeaderOrigin)
	return origin == "" || o.all || o.allowed[strings.ToLower(origin)]
}

// middleware answers preflights (Fetch standard, section 3.2), lets allowed origins
// through and names them in the answer, and turns others away before anything happens:
// those that want Socket.IO by its own words.
func (o Origins) middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, h := c.Request(), c.Response().Header()
		h.Add(echo.HeaderVary, echo.HeaderOrigin)
		origin := r.Header.Get(echo.HeaderOrigin)
		if origin == "" {
			return next(c)
		}
		if !o.Allow(r) {
			if isSocket(c) {
				return next(c) // which asks, see New
			}
			return problem.ErrOrigin
		}
		h.Set(echo.HeaderAccessControlAllowOrigin, origin)
		h.Set(echo.HeaderAccessControlAllowCredentials, "true")
		if r.Method != http.MethodOptions {
			return next(c)
		}
		h.Set(echo.HeaderAccessControlAllowMethods, "GET, HEAD, POST, PUT, PATCH, DELETE")
		if asked := r.Header.Get(echo.HeaderAccessControlRequestHeaders); asked != "" {
			h.Set(echo.HeaderAccessControlAllowHeaders, asked)
		}
		h.Set(echo.HeaderAccessControlMaxAge, "600")
		return c.NoContent(http.StatusNoContent)
	}
}
