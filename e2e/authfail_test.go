package e2e

import "testing"

// expectAuthFailure checks all that a socket sees that must not come in: it is
// connected, told why, and disconnected so that it stays away.
func expectAuthFailure(t testing.TB, c *tab) {
	t.Helper()
	s := c.awaitKind(sawDisconnect)
	if s.Text != "io server disconnect" {
		t.Errorf("%s: disconnected with %q", c, s.Text)
	}
	var saw []received
	for _, s := range c.seen() {
		if s.Kind != sawUpgrade {
			saw = append(saw, receivedOf(s))
		}
	}
	if len(saw) == 0 || saw[0].event != sawConnect {
		t.Fatalf("%s was never connected, but saw %v", c, saw)
	}
	wanted := []received{got("auth-failure", obj{"reason": "Authentication failed"}), {sawDisconnect, "io server disconnect"}}
	if why := difference(wanted, saw[1:]); why != "" {
		t.Errorf("%s:%s", c, why)
	}
}

func TestPairsThatAreNoGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.signUp("ana")
	ana := w.users["ana"]
	pairs := map[string][2]string{
		"nothing":                    {"", ""},
		"garbage":                    {"garbage", "more garbage"},
		"a refresh token alone":      {"", ana.refresh},
		"garbage with a refresh":     {"garbage", ana.refresh},
		"the two exchanged":          {ana.refresh, ana.access},
		"a refresh token twice":      {ana.refresh, ana.refresh},
		"a signature that is off":    {tampered(ana.access), ana.refresh},
		"a token that is not signed": {unsigned(ana.access), ana.refresh},
	}
	for name, pair := range pairs {
		for _, how := range []style{
			{node4, pollingFirst, inCookies},
			{nodeNewest, websocketOnly, inQuery},
			{goNewest, websocketOnly, inAuth},
			{node2, pollingOnly, inQuery},
			{node2, websocketOnly, inCookies},
			{node3, pollingFirst, inAuth},
			{python, pollingFirst, inAuth},
			{python, pollingOnly, inCookies},
			{python, websocketOnly, inQuery},
		} {
			if name == "nothing" && how == (style{node2, websocketOnly, inCookies}) {
				continue // on Engine.IO 3, who shows nothing at all hears VChat's refusal
			}
			w.row(name+"/"+how.String(), func() {
				expectAuthFailure(w.t, w.dial("ana", ana, how, how.options(pair[0], pair[1])))
			})
		}
	}
}

// unsigned is a token that claims to need no signature.
func unsigned(token string) string {
	const none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"
	var dots []int
	for i := range token {
		if token[i] == '.' {
			dots = append(dots, i)
		}
	}
	if len(dots) != 2 {
		return token
	}
	return none + token[dots[0]:dots[1]] + "."
}

// The first pair that is there counts.
func TestWhereThePairIsLookedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.signUp("ana", "ben")
	ana, ben := w.users["ana"], w.users["ben"]
	good := style{nodeNewest, websocketOnly, inCookies}
	withCookies := func() options { return good.options(ana.access, ana.refresh) }
	query := func(o options, access, refresh string) options {
		o.Query = map[string]string{"accessToken": access, "refreshToken": refresh}
		return o
	}
	auth := func(o options, access, refresh string) options {
		o.Auth = obj{"accessToken": access, "refreshToken": refresh}
		return o
	}

	w.row("a bad query hides good cookies", func() {
		expectAuthFailure(w.t, w.dial("ana", ana, good, query(withCookies(), "garbage", "garbage")))
	})
	w.row("a bad query hides good auth", func() {
		o := query(auth(options{Transports: []string{"websocket"}}, ana.access, ana.refresh), "garbage", "garbage")
		expectAuthFailure(w.t, w.dial("ana", ana, good, o))
	})
	w.row("bad auth hides good cookies", func() {
		expectAuthFailure(w.t, w.dial("ana", ana, good, auth(withCookies(), "garbage", "garbage")))
	})
	w.row("the query comes before auth and cookies", func() {
		o := query(auth(withCookies(), ana.access, ana.refresh), ben.access, ben.refresh)
		c := w.dial("ben", ben, good, o)
		check(w.t, "user-id", c.await("user-id"), obj{"userName": ben.name})
	})
	w.row("auth comes before cookies", func() {
		c := w.dial("ben", ben, good, auth(withCookies(), ben.access, ben.refresh))
		check(w.t, "user-id", c.await("user-id"), obj{"userName": ben.name})
	})
	w.row("auth without tokens is no pair", func() {
		o := withCookies()
		o.Auth = obj{"client": "e2e/1"}
		c := w.dial("ana", ana, good, o)
		check(w.t, "user-id", c.await("user-id"), obj{"userName": ana.name})
	})
}

// What a failed socket had sent before it was told must not be heard.
func TestNoHandlerOfAFailedSocketRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ana ben")
	ana, ben := w.of("ana")[0], w.of("ben")[0]
	chat := w.personalChat(ana, "ben")
	for _, how := range []style{
		{node4, pollingFirst, inCookies},
		{nodeNewest, websocketOnly, inQuery},
		{nodeNewest, pollingFirst, inAuth},
		{node2, pollingFirst, inCookies},
		{node2, websocketOnly, inQuery},
		{node3, pollingOnly, inAuth},
	} {
		w.row(how.String(), func() {
			c := w.dial("not ana", ana.user, how, how.options(tampered(ana.user.access), ana.user.refresh))
			c.tell("send-personal-message", obj{"ChatId": chat, "Content": "let me in"})
			c.tell("send-self-message", obj{"Content": "let me in"})
			expectAuthFailure(w.t, c)
			w.expect(want{})
		})
	}
	ana.must("fetch-self-chat", obj{})
	check(t, "the self chat", ana.await("self-chat"), obj{"Messages": list{}})
	ben.must("fetch-personal-chat", obj{"ChatId": chat, "Partner": ana.user.name})
	check(t, "the chat", ben.await("personal-chat"), obj{"Messages": list{}})
}
