package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	ana := newUser(t, shared.server, "Ana")

	t.Run("a browser gets cookies and nothing else", func(t *testing.T) {
		a := restOf(t, shared.server).post("/login", obj{"email": ana.email, "password": password})
		a.says(t, http.StatusOK, 1)
		a.tokens(t)
		if _, ok := a.json["accessToken"]; ok {
			t.Errorf("a page's scripts can read the token: %s", a.short())
		}
	})
	t.Run("an app gets the tokens in the JSON as well", func(t *testing.T) {
		a := restOf(t, shared.server).post("/login", obj{"email": ana.email, "password": password, "source": "app"})
		a.says(t, http.StatusOK, 1)
		access, refresh := a.tokens(t)
		check(t, "the tokens", a.json, obj{"accessToken": access, "refreshToken": refresh})
	})
	t.Run("a form, and an address in other letters", func(t *testing.T) {
		a := restOf(t, shared.server).post("/login", url.Values{"email": {strings.ToUpper(ana.email)}, "password": {password}})
		a.says(t, http.StatusOK, 1)
		a.tokens(t)
	})
	t.Run("every sign-in is a session of its own", func(t *testing.T) {
		r := restOf(t, shared.server)
		one, _ := r.post("/login", obj{"email": ana.email, "password": password}).tokens(t)
		two, _ := r.post("/login", obj{"email": ana.email, "password": password}).tokens(t)
		if one == two {
			t.Error("two sign-ins have the same access token")
		}
	})
	t.Run("the wrong password", func(t *testing.T) {
		a := restOf(t, shared.server).post("/login", obj{"email": ana.email, "password": "not " + password})
		a.says(t, http.StatusOK, 0)
		a.setsNothing(t)
	})
	t.Run("nobody", func(t *testing.T) {
		a := restOf(t, shared.server).post("/login", obj{"email": "no." + ana.email, "password": password})
		a.says(t, http.StatusNotFound, 0)
		a.setsNothing(t)
	})
}

func TestLoginWithAFieldMissing(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]obj{
		"no email":          {"password": password},
		"no password":       {"email": "ana@example.org"},
		"neither":           {},
		"an empty email":    {"email": "", "password": password},
		"an empty password": {"email": "ana@example.org", "password": ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := restOf(t, shared.server).post("/login", form)
			a.says(t, http.StatusNotFound, -1)
			check(t, "the text that old clients show", a.json, obj{"msg": someText})
		})
	}
}

func TestLoginBeforeTheAddressIsVerified(t *testing.T) {
	t.Parallel()
	r, ana := restOf(t, shared.server), newApplicant("Ana")
	r.post("/signup", ana.form("")).says(t, http.StatusOK, 1)
	right := r.post("/login", obj{"email": ana.email, "password": password})
	right.says(t, http.StatusNotFound, -2)
	right.setsNothing(t)
	wrong := r.post("/login", obj{"email": ana.email, "password": "not " + password})
	wrong.says(t, http.StatusOK, 0)
	wrong.setsNothing(t)
}

// Express matches paths in any case and with a slash at the end.
func TestPathsInAnyCase(t *testing.T) {
	t.Parallel()
	ana := newUser(t, shared.server, "Ana")
	r := restOf(t, shared.server)
	for _, path := range []string{"/login", "/Login", "/LOGIN", "/login/", "/LogIn/"} {
		r.post(path, obj{"email": ana.email, "password": password}).says(t, http.StatusOK, 1)
	}
	for _, path := range []string{"/signup", "/SignUp", "/signup/"} {
		r.post(path, obj{}).says(t, http.StatusNotFound, -1)
	}
	for _, path := range []string{"/resend", "/Resend", "/resend/"} {
		r.post(path, obj{"email": ana.email}).says(t, http.StatusNotFound, 0)
	}
	for _, path := range []string{"/verify", "/Verify", "/verify/", "/VERIFY/"} {
		query := strings.TrimPrefix(verifyPath(ana.email, "123456", "app"), "/verify")
		r.get(path+query).says(t, http.StatusBadRequest, 0)
	}
	for _, path := range []string{"/update-access-token", "/Update-Access-Token/"} {
		if a := r.post(path, obj{}); a.status != http.StatusNotFound {
			t.Errorf("%s answers %d to no token, want 404: %s", path, a.status, a.short())
		}
	}
	for _, path := range []string{"/logout", "/LogOut", "/logout/"} {
		if a := r.post(path, nil); a.status != http.StatusOK {
			t.Errorf("%s answers %d: %s", path, a.status, a.short())
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	r := restOf(t, shared.server)
	for _, path := range []string{"/", "/auth", "/Auth/"} {
		r.get(path, asBrowser()).isPage(t, http.StatusOK)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	r := restOf(t, shared.server)
	for _, path := range []string{"/healthz", "/readyz"} {
		if a := r.get(path); a.status != http.StatusOK {
			t.Errorf("%s answers %d: %s", path, a.status, a.short())
		}
	}
}
