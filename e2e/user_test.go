package e2e

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// password is everybody's.
const password = "correct horse battery"

// user is somebody who signed up through the front door.
type user struct {
	id              string // known once a socket has been told
	name, email     string
	access, refresh string
}

// unique makes a name that nobody else in any test has.
func unique(name string) string { return name + " " + strings.ToLower(rand.Text()[:10]) }

// addressOf makes an email address for a unique name.
func addressOf(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), " ", ".") + "@example.org"
}

// signUp makes a user by signing up, reading the mail and following its link.
func signUp(ctx context.Context, s *server, firstName string) (*user, error) {
	name := unique(firstName)
	return signUpAs(ctx, s, name)
}

func signUpAs(ctx context.Context, s *server, name string) (*user, error) {
	return signUpWith(ctx, s, &user{name: name, email: addressOf(name)})
}

func signUpWith(ctx context.Context, s *server, u *user) (*user, error) {
	a, err := s.request(ctx, http.MethodPost, "/signup", obj{"name": u.name, "email": u.email, "password": password})
	if err != nil {
		return nil, fmt.Errorf("sign up: %w", err)
	}
	if a.status != http.StatusOK {
		return nil, fmt.Errorf("sign up: status %d: %s", a.status, a.short())
	}
	mail, err := s.awaitLetter(ctx, u.email, 1)
	if err != nil {
		return nil, err
	}
	link, err := mail.link()
	if err != nil {
		return nil, err
	}
	a, err = s.request(ctx, http.MethodGet, link, nil, asBrowser())
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	access, refresh := a.cookie["access_token"], a.cookie["refresh_token"]
	if a.status != http.StatusOK || access == nil || refresh == nil {
		return nil, fmt.Errorf("verify: status %d, cookies %v: %s", a.status, a.header["Set-Cookie"], a.short())
	}
	u.access, u.refresh = access.Value, refresh.Value
	return u, nil
}

// newUserAs makes a user with a name and an address for t.
func newUserAs(t testing.TB, s *server, name, email string) *user {
	t.Helper()
	u, err := signUpWith(t.Context(), s, &user{name: name, email: email})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// newUser makes a user for t.
func newUser(t testing.TB, s *server, firstName string) *user {
	t.Helper()
	u, err := signUp(t.Context(), s, firstName)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// signIn returns the user in a new session, as on another device.
func (u *user) signIn(t testing.TB, s *server) *user {
	t.Helper()
	a := restOf(t, s).post("/login", obj{"email": u.email, "password": password})
	other := *u
	other.access, other.refresh = a.tokens(t)
	return &other
}
