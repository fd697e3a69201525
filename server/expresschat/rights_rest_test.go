package expresschat_test

import (
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"

	"expresschat/auth"
)

// access says what comes of a request, by who makes it.
type access struct {
	// cells are of nobody, who never signed up, and of somebody unverified, verified, signed
	// out, and registered without a sign-up: status and success, + where both cookies are
	// set, ! where it changes any row of the database.
	cells string
	route string // method and path
	what  string
	ask   func(me, other person) request
}

var accesses = []access{
	// nobody   unverified verified signed out registered
	{"200:1!    200:1!    404:0     404:0     200:1!   ", "POST /signup", "", form("name", "email", "password")},
	{"404:0     404:-2    200:1+!   200:1+!   404:-2   ", "POST /login", "", form("email", "password")},
	{"404:0     200:0     200:0     200:0     200:0    ", "POST /login", "with a wrong password", form("email", "wrong")},
	{"404:-1    200:1!    404:0     404:0     404:-1   ", "POST /resend", "", form("email")},

	// A used link is recognised within its ten minutes, and grants nothing.
	{"400:0     200:1+!   200:1     200:1     400:0    ", "GET /verify", "by an app", verify(false)},
	{"400:0     400:0!    400:0!    400:0!    400:0    ", "GET /verify", "with a wrong code", verify(true)},
	{"200:      200:      200:      200:      200:     ", "HEAD /verify", "", verify(false)},

	{"200:      200:      200:!     200:      200:     ", "POST /logout", "", cookies},
	{"404:      404:      200:+!    401:0     401:0    ", "POST /update-access-token", "", renew("mine", "mine")},
	{"401:0     401:0     401:0     401:0     401:0    ", "POST /update-access-token", "with somebody else's access token", renew("other's", "mine")},
	{"404:      404:      401:0     401:0     401:0    ", "POST /update-access-token", "with somebody else's cookie", renew("mine", "other's")},
	{"404:      404:      401:0     401:0     401:0    ", "POST /update-access-token", "without a cookie", renew("mine", "none")},
	{"404:      404:      401:0     401:0     401:0    ", "POST /update-access-token", "with the tokens mixed up", renew("my refresh", "mine")},

	{"401:0     401:0     200:1+!   401:0     401:0    ", "POST /refresh", "", cookies},
	{"401:0     401:0     200:1+!   401:0     401:0    ", "POST /refresh", "with the token", refreshing("refresh")},
	{"401:0     401:0     401:0     401:0     401:0    ", "POST /refresh", "with the access token", refreshing("access")},

	{"401:0     401:0     404:-1    401:0     401:0    ", "POST /password", "with no fields", passwords("", "")},
	{"401:0     401:0     404:-1    401:0     401:0    ", "POST /password", "with no new one", passwords("open-sesame", "")},
	{"401:0     401:0     200:0     401:0     401:0    ", "POST /password", "with a wrong one", passwords("passwort", "open-sesame2")},
	{"401:0     401:0     400:-1    401:0     401:0    ", "POST /password", "with a short one", passwords("open-sesame", "short")},
	{"401:0     401:0     200:1!    401:0     401:0    ", "POST /password", "", passwords("open-sesame", "open-sesame2")},

	{"401:0     401:0     200:1     401:0     401:0    ", "GET /sessions", "", cookies},
	{"401:0     401:0     200:1     401:0     401:0    ", "GET /sessions", "with the token", bearer},
	{"401:0     401:0     404:0     401:0     401:0    ", "DELETE /sessions/:id", "of none", cookies},
	{"401:0     401:0     404:0     401:0     401:0    ", "DELETE /sessions/:id", "with the token", bearer},

	{"401:0     401:0     404:-1    401:0     401:0    ", "DELETE /account", "without a password", deleting("")},
	{"401:0     401:0     200:0     401:0     401:0    ", "DELETE /account", "with a wrong one", deleting("passwort")},
	{"401:0     401:0     200:1!    401:0     401:0    ", "DELETE /account", "", deleting("open-sesame")},

	{"401:0     401:0     200:      401:0     401:0    ", "GET /account/export", "", cookies},
	{"401:0     401:0     200:      401:0     401:0    ", "GET /account/export", "with the token", bearer},

	{"200:1     200:1     200:1     200:1     200:1    ", "GET /push/key", "", cookies},
	{"401:0     401:0     200:1!    401:0     401:0    ", "POST /push/subscription", "", subscribing(true)},
	{"401:0     401:0     400:-1    401:0     401:0    ", "POST /push/subscription", "without keys", subscribing(false)},
	{"401:0     401:0     200:1     401:0     401:0    ", "DELETE /push/subscription", "of none", subscribing(true)},
	{"401:0     401:0     400:-1    401:0     401:0    ", "POST /upload", "of nothing", cookies},
	{"401:0     401:0     200:1!    401:0     401:0    ", "POST /upload", "", withParts(cookies)},
	{"401:0     401:0     200:1!    401:0     401:0    ", "POST /upload", "with the token", withParts(bearer)},
	{"401:0     401:0     400:-1    401:0     401:0    ", "POST /account/picture", "of nothing", cookies},
	{"401:0     401:0     200:1!    401:0     401:0    ", "POST /account/picture", "", withParts(cookies)},
	{"401:0     401:0     200:1!    401:0     401:0    ", "DELETE /account/picture", "", cookies},
	// What people of a group may is in TestPicturesThatAreRefused.
	{"401:0     401:0     404:0     401:0     401:0    ", "POST /groups/:id/picture", "of none", withParts(cookies)},
	{"401:0     401:0     404:0     401:0     401:0    ", "DELETE /groups/:id/picture", "of none", bearer},

	{"200:1     200:1     200:1!    200:1!    200:1    ", "POST /forgot", "", form("email")},
	{"404:-1    404:-1    404:-1    404:-1    404:-1   ", "POST /forgot", "of nobody", form("password")},
	{"404:-1    404:-1    404:-1    404:-1    404:-1   ", "POST /reset", "without a code", form("email", "password")},
	{"400:0     400:0     400:0!    400:0!    400:0    ", "POST /reset", "with a wrong code", resetting(true, "correct horse")},
	{"400:-1    400:-1    400:-1    400:-1    400:-1   ", "POST /reset", "with a short password", resetting(false, "short")},
	{"400:0     400:0     200:1!    200:1!    400:0    ", "POST /reset", "", resetting(false, "correct horse")},
	{"200:      200:      200:      200:      200:     ", "GET /reset", "", cookies},
	{"200:      200:      200:      200:      200:     ", "HEAD /reset", "", cookies},

	{"200:      200:      200:      200:      200:     ", "GET /", "", cookies},
	{"200:      200:      200:      200:      200:     ", "HEAD /", "", cookies},
	{"200:      200:      200:      200:      200:     ", "GET /auth", "", cookies},
	{"200:      200:      200:      200:      200:     ", "HEAD /auth", "", cookies},
	{"200:      200:      200:      200:      200:     ", "GET /sw.js", "", cookies},
	{"200:      200:      200:      200:      200:     ", "HEAD /sw.js", "", cookies},
	{"404:      404:      404:      404:      404:     ", "GET /static/*", "", cookies},
	{"404:      404:      404:      404:      404:     ", "HEAD /static/*", "", cookies},
	{"200:      200:      200:      200:      200:     ", "GET /static/page.css", "", cookies},
	// Whoever knows the name of a file may read it. There is none here.
	{"404:-1    404:-1    404:-1    404:-1    404:-1   ", "GET /media/:name", "", cookies},
	{"404:      404:      404:      404:      404:     ", "HEAD /media/:name", "", cookies},
	{"404:-1    404:-1    404:-1    404:-1    404:-1   ", "GET /media/profile/:name", "", cookies},
	{"404:      404:      404:      404:      404:     ", "HEAD /media/profile/:name", "", cookies},
	{"404:-1    404:-1    404:-1    404:-1    404:-1   ", "GET /api/v1/public/messages/:name", "", cookies},
	{"404:      404:      404:      404:      404:     ", "HEAD /api/v1/public/messages/:name", "", cookies},
	{"404:-1    404:-1    404:-1    404:-1    404:-1   ", "GET /api/v1/public/profile/:name", "", cookies},
	{"404:      404:      404:      404:      404:     ", "HEAD /api/v1/public/profile/:name", "", cookies},
	{"200:      200:      200:      200:      200:     ", "GET /healthz", "", cookies},
	{"200:      200:      200:      200:      200:     ", "GET /readyz", "", cookies},
}

// form sends somebody's own data.
func form(keys ...string) func(me, other person) request {
	return func(me, _ person) request {
		values := url.Values{}
		for _, key := range keys {
			switch key {
			case "name":
				values.Set("name", me.name)
			case "email":
				values.Set("email", me.email)
			case "password":
				values.Set("password", "open-sesame")
			case "wrong":
				values.Set("password", "passwort")
			}
		}
		return request{kind: asForm, body: values.Encode()}
	}
}

func cookies(me, _ person) request {
	return request{cookies: [2]string{me.tokens.Access, me.tokens.Refresh}}
}

// passwords posts two passwords, signed in by cookies.
func passwords(current, password string) func(me, other person) request {
	return func(me, other person) request {
		q := cookies(me, other)
		q.kind, q.body = asForm, url.Values{"current": {current}, "password": {password}}.Encode()
		return q
	}
}

// deleting asks for the end of one's account.
func deleting(password string) func(me, other person) request {
	return func(me, other person) request {
		q := cookies(me, other)
		q.kind, q.body = asForm, url.Values{"password": {password}}.Encode()
		return q
	}
}

// subscribing sends a browser's subscription to a push service, signed in by cookies.
func subscribing(keys bool) func(me, other person) request {
	return func(me, other person) request {
		q := cookies(me, other)
		q.kind, q.body = asJSON, subscriptionOf(me, keys)
		return q
	}
}

func bearer(me, _ person) request { return request{bearer: me.tokens.Access} }

// withParts sends a picture.
func withParts(as func(me, other person) request) func(me, other person) request {
	return func(me, other person) request {
		q := as(me, other)
		q.kind, q.body = inParts(part{"file", "me.png", aPicture})
		return q
	}
}

func verify(wrong bool) func(me, other person) request {
	return func(me, other person) request {
		code := me.code
		if wrong {
			code = other.code
		}
		return request{path: "?" + url.Values{"email": {me.email}, "token": {code}, "source": {"app"}}.Encode()}
	}
}

// resetting sets another password, by the code that was sent or somebody else's.
func resetting(wrong bool, password string) func(me, other person) request {
	return func(me, other person) request {
		code := me.reset
		if wrong {
			code = other.code
		}
		return request{kind: asForm, body: url.Values{"email": {me.email}, "token": {code}, "password": {password}}.Encode()}
	}
}

// renew posts a token, with a cookie.
func renew(token, cookie string) func(me, other person) request {
	return func(me, other person) request {
		tokens := map[string]string{"mine": me.tokens.Access, "other's": other.tokens.Access, "my refresh": me.tokens.Refresh}
		cookies := map[string]string{"mine": me.tokens.Refresh, "other's": other.tokens.Refresh}
		return request{
			kind: asForm, body: url.Values{"acessToken": {tokens[token]}}.Encode(),
			cookies: [2]string{"", cookies[cookie]},
		}
	}
}

// refreshing posts one of somebody's own tokens.
func refreshing(token string) func(me, other person) request {
	return func(me, _ person) request {
		value := map[string]string{"refresh": me.tokens.Refresh, "access": me.tokens.Access}[token]
		return request{kind: asForm, body: url.Values{"refreshToken": {value}}.Encode()}
	}
}

// Whatever somebody asks for by REST, nobody else hears of it; a refusal changes nothing
// and sets no cookie.
func TestRightsOfREST(t *testing.T) {
	w := newWorld(t)
	var listed []string
	for _, a := range accesses {
		listed = append(listed, a.route)
	}
	w.checkRoutes(listed)
	other := w.person("Other")
	w.enter("somebody else", other)
	w.forget()
	var askers []person
	for _, a := range accesses {
		if len(askers) == 0 {
			nobody := person{name: "nobody", email: "nobody-" + auth.NewID() + "@example.org"}
			askers = []person{nobody, w.unverified(), w.person("verified"), w.signedOut(), w.registered()}
			for i := range askers {
				askers[i].reset = w.forgot(askers[i].email)
			}
		}
		for i, me := range askers {
			a.check(w, strings.Fields(a.cells)[i], me, other)
		}
		if strings.Contains(a.cells, "!") {
			askers = nil // they are not who they were
		}
	}
}

func (a access) check(w *world, cell string, me, other person) {
	w.Helper()
	before := w.rows()
	q := a.ask(me, other)
	method, path, _ := strings.Cut(a.route, " ")
	q.method, q.path = method, strings.Replace(path, "*", "nothing", 1)+q.path
	got := w.ask(q)
	said := got.String()
	if a.route == "DELETE /account" && said == "200:1" {
		<-w.departed
	}
	if got.cookies == 2 {
		said += "+"
	}
	if !maps.Equal(before, w.rows()) {
		said += "!"
	}
	if said != cell || got.oddity != "" {
		w.Errorf("%s %s by %s: %s, want %s: %s %.300s", a.route, a.what, me.name, said, cell, got.oddity, got.text)
	}
	if heard := w.news(); len(heard) > 0 {
		w.Errorf("%s %s by %s: others heard %s", a.route, a.what, me.name, fmt.Sprint(heard))
	}
}

// Signing out ends the sockets of that session, and none else.
func TestSigningOutIsForOneSession(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("Ana"), w.person("Ben")
	_, elsewhere, err := w.auth.SignIn(t.Context(), ana.email, "open-sesame")
	w.must(err)
	w.enter("Ben", ben)
	w.enter("Ana elsewhere", person{id: ana.id, tokens: elsewhere})
	tabs := []*client{w.connect(ana), w.connect(ana)}
	for _, c := range tabs {
		c.roundtrip()
	}
	w.forget()
	w.ask(request{method: "POST", path: "/logout", cookies: [2]string{ana.tokens.Access, ana.tokens.Refresh}})
	for _, c := range tabs {
		c.ended()
		if all := c.all(); all[len(all)-1].name != "auth-failure" || !c.sentAway() {
			t.Errorf("a tab was told %v", all)
		}
	}
	if heard := w.news(); len(heard) > 0 {
		t.Errorf("others heard %v", heard)
	}
}
