package e2e

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// awaitExpiry waits for the moment that a token itself names as its end.
func awaitExpiry(t testing.TB, token string) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("not a JWT: %d parts", len(parts))
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatalf("not a JWT: %v", err)
	}
	var claims struct {
		Exp int64 `json:"exp"`
	}
	if err := json.Unmarshal(body, &claims); err != nil || claims.Exp == 0 {
		t.Fatalf("a token without an end: %v", err)
	}
	// The end is in whole seconds; the first moment of the next one is past it.
	left := time.NewTimer(time.Until(time.Unix(claims.Exp+1, 0)))
	defer left.Stop()
	select {
	case <-left.C:
	case <-t.Context().Done():
	}
}

// The limit comes last, as it may hold for more than the sign-ins that met it.
func TestWhenTokensEndAndLimitsHold(t *testing.T) {
	t.Parallel()
	s, err := shared.strict()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("an expired access token is renewed", func(t *testing.T) { expiredIsRenewed(t, s) })
	t.Run("an expired access token is no pair by itself", func(t *testing.T) { expiredIsNoPair(t, s) })
	t.Run("the server's own pages", func(t *testing.T) { ownOrigin(t, s) })
	t.Run("a rate limit says so", func(t *testing.T) { rateLimit(t, s) })
}

func expiredIsRenewed(t *testing.T, s *server) {
	t.Helper()
	ana := newUser(t, s, "Ana")
	awaitExpiry(t, ana.access)
	w := newWorldOn(t, s, "")
	for _, how := range []style{
		{node4, pollingFirst, inCookies},
		{nodeNewest, websocketOnly, inQuery},
		{goNewest, websocketOnly, inAuth},
		{node2, pollingOnly, inCookies},
		{node3, pollingFirst, inQuery},
		{python, pollingFirst, inAuth},
	} {
		t.Run(how.String(), func(t *testing.T) {
			w.t = t
			c := w.dial("ana", ana, how, how.options(ana.access, ana.refresh))
			c.await("presence")
			events := c.events()
			if why := inOrder(events, "access-token", "user-id", "personal-chat-list", "group-chat-list", "presence"); why != "" {
				t.Fatal(why)
			}
			check(t, "access-token", events[0].payload, obj{"accessToken": someText})
			fresh, _ := c.await("access-token")["accessToken"].(string)
			if fresh == ana.access {
				t.Error("the new access token is the old one")
			}

			a := restOf(t, s).post("/update-access-token", obj{"acessToken": fresh}, cookies(ana.access, ana.refresh))
			if a.status != http.StatusOK {
				t.Fatalf("the new token is refused: %d: %s", a.status, a.short())
			}
			access, refresh := a.tokens(t)
			if access != fresh || refresh == "" {
				t.Error("the cookies are not of the new token")
			}
			ana.refresh = refresh
		})
	}
}

// inOrder tells how the events differ from the names wanted, all of them in order.
func inOrder(events []received, names ...string) string {
	var saw []string
	for _, e := range events {
		saw = append(saw, e.event)
	}
	if strings.Join(saw, " ") == strings.Join(names, " ") {
		return ""
	}
	return "want the events " + strings.Join(names, " ") + ", got " + strings.Join(saw, " ")
}

func expiredIsNoPair(t *testing.T, s *server) {
	t.Helper()
	ana, ben := newUser(t, s, "Ana"), newUser(t, s, "Ben")
	awaitExpiry(t, ana.access)
	awaitExpiry(t, ben.access)
	w := newWorldOn(t, s, "")
	pairs := map[string][2]string{
		"with garbage":                 {ana.access, "garbage"},
		"with itself":                  {ana.access, ana.access},
		"with somebody else's refresh": {ana.access, ben.refresh},
		"tampered with":                {tampered(ana.access), ana.refresh},
	}
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			w.t = t
			how := style{nodeNewest, websocketOnly, inCookies}
			expectAuthFailure(t, w.dial("ana", ana, how, how.options(pair[0], pair[1])))
		})
	}
}

// tampered is a token whose signature is off by one letter.
func tampered(token string) string {
	at := strings.LastIndex(token, ".") + 1
	letter := "A"
	if token[at:at+1] == letter {
		letter = "B"
	}
	return token[:at] + letter + token[at+1:]
}

func rateLimit(t *testing.T, s *server) {
	t.Helper()
	r := restOf(t, s)
	nobody := newApplicant("Nobody")
	for range 500 {
		a := r.post("/login", obj{"email": nobody.email, "password": password})
		if a.status != http.StatusTooManyRequests {
			a.says(t, http.StatusNotFound, 0)
			continue
		}
		a.says(t, http.StatusTooManyRequests, -1)
		if after, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || after <= 0 {
			t.Errorf("Retry-After %q is no number of seconds", a.header.Get("Retry-After"))
		}
		return
	}
	t.Error("500 sign-ins in a row, and no limit was met")
}
