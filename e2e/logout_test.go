package e2e

import (
	"net/http"
	"testing"
)

func TestLogoutEndsTheSessionEverywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ana ana ben")
	ana := w.users["ana"]
	// The same account on another device lives on.
	other := ana.signIn(t, w.s)
	w.users["other"] = other
	phone := w.open("other")
	chat := w.personalChat(w.of("ben")[0], "ana")

	a := restOf(t, w.s).post("/logout", nil, cookies(ana.access, ana.refresh))
	if a.status != http.StatusOK {
		t.Errorf("logout answers %d: %s", a.status, a.short())
	}
	check(t, "logout", a.json, obj{"message": someText})
	a.clears(t)

	for _, c := range w.of("ana") {
		check(t, c.String(), c.await("auth-failure"), obj{"reason": someText})
		if s := c.awaitKind(sawDisconnect); s.Text != "io server disconnect" {
			t.Errorf("%s: disconnected with %q, so that it comes back", c, s.Text)
		}
		c.close()
	}
	w.expect(want{})

	w.say(w.of("ben")[0], "send-personal-message", chat, "still there?")
	w.expect(want{phone: {got("receive-personal-message", obj{"ChatId": chat, "Content": "still there?"})}})

	t.Run("its tokens are dead for sockets", func(t *testing.T) {
		for _, tokens := range []string{inCookies, inQuery, inAuth} {
			how := style{nodeNewest, websocketOnly, tokens}
			w.t = t
			expectAuthFailure(t, w.dial("ana again", ana, how, how.options(ana.access, ana.refresh)))
		}
	})
	t.Run("its tokens are dead for renewal", func(t *testing.T) {
		a := restOf(t, w.s).post("/update-access-token", obj{"acessToken": ana.access}, cookies(ana.access, ana.refresh))
		if a.status != http.StatusUnauthorized {
			t.Errorf("renewal answers %d, want 401: %s", a.status, a.short())
		}
		a.setsNothing(t)
	})
}

func TestLogoutOfNobody(t *testing.T) {
	t.Parallel()
	r := restOf(t, shared.server)
	for name, c := range map[string]change{
		"no cookies": cookies("", ""),
		"garbage":    cookies("garbage", "more garbage"),
	} {
		t.Run(name, func(t *testing.T) {
			a := r.post("/logout", nil, c)
			if a.status != http.StatusOK {
				t.Errorf("logout answers %d: %s", a.status, a.short())
			}
			check(t, "logout", a.json, obj{"message": someText})
			a.clears(t)
		})
	}
}

func TestUpdateAccessToken(t *testing.T) {
	t.Parallel()
	ana, ben := newUser(t, shared.server, "Ana"), newUser(t, shared.server, "Ben")
	second := ana.signIn(t, shared.server)

	for _, key := range []string{"acessToken", "accessToken"} {
		t.Run("under the key "+key, func(t *testing.T) {
			a := restOf(t, shared.server).post("/update-access-token", obj{key: ana.access}, cookies(ana.access, ana.refresh))
			if a.status != http.StatusOK {
				t.Fatalf("status %d: %s", a.status, a.short())
			}
			check(t, "answer", a.json, obj{"message": someText})
			access, refresh := a.tokens(t)
			if access != ana.access {
				t.Errorf("the cookie is not the token that was posted")
			}
			ana.refresh = refresh
		})
	}
	t.Run("no token", func(t *testing.T) {
		for _, form := range []obj{{}, {"acessToken": ""}} {
			a := restOf(t, shared.server).post("/update-access-token", form, cookies(ana.access, ana.refresh))
			if a.status != http.StatusNotFound {
				t.Errorf("status %d, want 404: %s", a.status, a.short())
			}
			check(t, "answer", a.json, obj{"message": someText})
			a.setsNothing(t)
		}
	})
	refused := map[string]struct{ posted, refresh string }{
		"garbage":                     {"garbage", ana.refresh},
		"no refresh cookie":           {ana.access, ""},
		"a garbage refresh cookie":    {ana.access, "garbage"},
		"somebody else's token":       {ben.access, ana.refresh},
		"a token of another session":  {second.access, ana.refresh},
		"the refresh token in itself": {ana.refresh, ana.refresh},
		"the access token as refresh": {ana.access, ana.access},
	}
	for name, tt := range refused {
		t.Run(name, func(t *testing.T) {
			a := restOf(t, shared.server).post("/update-access-token", obj{"acessToken": tt.posted}, cookies("", tt.refresh))
			if a.status != http.StatusUnauthorized {
				t.Errorf("status %d, want 401: %s", a.status, a.short())
			}
			a.setsNothing(t)
		})
	}
}
