package e2e

import (
	"net/http"
	"testing"
)

func TestOriginOfRequests(t *testing.T) {
	t.Parallel()
	ana := newUser(t, shared.server, "Ana")
	form := obj{"email": ana.email, "password": password}

	t.Run("a page of an allowed site", func(t *testing.T) {
		r := restOf(t, shared.server)
		a := r.post("/login", form, header("Origin", allowedOrigin))
		a.says(t, http.StatusOK, 1)
		if got := a.header.Get("Access-Control-Allow-Origin"); got != allowedOrigin {
			t.Errorf("Access-Control-Allow-Origin %q, want the origin", got)
		}
		preflight := r.do(http.MethodOptions, "/login", nil, header("Origin", allowedOrigin),
			header("Access-Control-Request-Method", "POST"), header("Access-Control-Request-Headers", "content-type"))
		if preflight.status/100 != 2 || preflight.header.Get("Access-Control-Allow-Origin") != allowedOrigin {
			t.Errorf("preflight: status %d, %v", preflight.status, preflight.header)
		}
	})
	for name, origin := range map[string]string{
		"a page of another site":        "https://evil.example.org",
		"a longer name":                 allowedOrigin + ".evil.org",
		"a part of the name":            "https://app.example",
		"the same name over plain http": "http://app.example.org",
		"a sandboxed page":              "null",
	} {
		t.Run(name, func(t *testing.T) {
			r := restOf(t, shared.server)
			for _, route := range []string{"/login", "/signup", "/resend", "/logout", "/update-access-token", "/refresh", "/password"} {
				a := r.post(route, form, header("Origin", origin))
				if a.status != http.StatusForbidden {
					t.Errorf("%s answers %d, want 403: %s", route, a.status, a.short())
				}
				a.setsNothing(t)
				if got := a.header.Get("Access-Control-Allow-Origin"); got != "" {
					t.Errorf("%s: Access-Control-Allow-Origin %q", route, got)
				}
			}
		})
	}
}

func TestOriginOfSockets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.signUp("ana")
	ana := w.users["ana"]
	from := func(origin string, how style) options {
		o := how.options(ana.access, ana.refresh)
		if o.ExtraHeaders == nil {
			o.ExtraHeaders = map[string]string{}
		}
		o.ExtraHeaders["Origin"] = origin
		o.Reconnection = false
		return o
	}
	for _, how := range []style{
		{node4, pollingFirst, inQuery},
		{node4, websocketOnly, inAuth},
		{nodeNewest, pollingFirst, inAuth},
		{nodeNewest, websocketOnly, inQuery},
		{node2, pollingFirst, inCookies},
		{node2, websocketOnly, inQuery},
		{python, pollingFirst, inAuth},
		{python, websocketOnly, inCookies},
	} {
		w.row("allowed/"+how.String(), func() {
			w.dial("ana", ana, how, from(allowedOrigin, how)).await("group-chat-list")
		})
		w.row("refused/"+how.String(), func() {
			c := w.dial("ana", ana, how, from("https://evil.example.org", how))
			c.awaitKind(sawConnectError)
			if saw := c.events(); len(saw) > 0 {
				w.t.Errorf("a refused page received %v", saw)
			}
		})
	}
}

// A page that may not connect is told so as Engine.IO does it, and not that it may read it.
func TestOriginOfHandshakes(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"EIO=4&transport=polling", "EIO=3&transport=polling", "EIO=4&transport=websocket"} {
		a := restOf(t, shared.server).do(http.MethodGet, "/socket.io/?"+query, nil, header("Origin", "https://evil.example.org"))
		if a.status != http.StatusForbidden || a.body != `{"code":4,"message":"Forbidden"}` ||
			a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %s %v", query, a.status, a.body, a.header)
		}
	}
}

// Where the operator lists no origins, the server's own pages are those that may.
func ownOrigin(t *testing.T, s *server) {
	t.Helper()
	w := newWorldOn(t, s, "")
	w.signUp("ana")
	ana := w.users["ana"]
	form := obj{"email": ana.email, "password": password}
	restOf(t, s).post("/login", form, header("Origin", s.publicURL())).says(t, http.StatusOK, 1)
	if a := restOf(t, s).post("/login", form, header("Origin", allowedOrigin)); a.status != http.StatusForbidden {
		t.Errorf("an origin that nobody listed: status %d, want 403: %s", a.status, a.short())
	}
	for _, how := range []style{{node4, pollingFirst, inCookies}, {nodeNewest, websocketOnly, inCookies}} {
		o := how.options(ana.access, ana.refresh)
		o.ExtraHeaders["Origin"] = s.publicURL()
		w.dial("ana", ana, how, o).await("group-chat-list")
	}
}
