package expresschat_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"expresschat/auth"
)

// The first place of the handshake that has a pair counts, good or bad.
func TestTheFirstPairCounts(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	pair := func(access, refresh string) string {
		return toJSON(t, object{"accessToken": access, "refreshToken": refresh})
	}
	anas, bens := pair(ana.tokens.Access, ana.tokens.Refresh), pair(ben.tokens.Access, ben.tokens.Refresh)
	deep := strings.Repeat("[", 30) + strings.Repeat("]", 30)
	tests := map[string]struct {
		query   string // of the handshake, and what the client connects with
		connect string
		cookies person
		want    string // whose connection it is
	}{
		"nothing":                      {"", "", person{}, ""},
		"a query":                      {anas, "", person{}, "Ana"},
		"auth":                         {"", anas, person{}, "Ana"},
		"cookies":                      {"", "", ana, "Ana"},
		"all of them":                  {anas, bens, ben, "Ana"},
		"a bad query":                  {pair("x", "x"), anas, ana, ""},
		"an empty query":               {pair("", ""), anas, ana, ""},
		"half a query":                 {`{"accessToken":"x"}`, anas, ben, "Ana"},
		"NUL":                          {pair("\x00", "\x00"), anas, ana, ""},
		"the tokens mixed up":          {pair(ana.tokens.Refresh, ana.tokens.Access), "", ana, ""},
		"the access token twice":       {pair(ana.tokens.Access, ana.tokens.Access), "", person{}, "Ana"},
		"a bad pair in auth":           {"", pair("x", "x"), ana, ""},
		"half a pair in auth":          {"", `{"refreshToken":"x"}`, ana, ""},
		"numbers in auth":              {"", `{"accessToken":5,"refreshToken":5}`, ana, ""},
		"a list and an object in auth": {"", `{"accessToken":["x"],"refreshToken":{}}`, ana, ""},
		"something deep in auth":       {"", `{"accessToken":` + deep + `}`, ana, ""},
		"null in auth":                 {"", `{"accessToken":null,"refreshToken":null}`, ana, "Ana"},
		"other keys in auth":           {"", `{"__proto__":{"accessToken":"x"},"token":"x"}`, ana, "Ana"},
		// An access token that is good needs no other.
		"another's refresh token in cookies": {"", "", person{tokens: auth.Pair{Access: ben.tokens.Access, Refresh: ana.tokens.Refresh}}, "Ben"},
	}
	for name, tt := range tests {
		q := url.Values{}
		var given map[string]string
		if tt.query != "" && json.Unmarshal([]byte(tt.query), &given) != nil {
			t.Fatalf("%s: no query", name)
		}
		for key, value := range given {
			q.Set(key, value)
		}
		header := http.Header{}
		if tt.cookies.tokens.Access != "" {
			header.Set("Cookie", "access_token="+tt.cookies.tokens.Access+"; refresh_token="+tt.cookies.tokens.Refresh)
		}
		c := h.dialWith(q, header)
		c.write("40" + tt.connect)
		c.await(func() bool { return len(c.events) > 0 })
		got := ""
		if first := c.all()[0]; first.name == "user-id" {
			got = first.arg["userName"].(string)
		} else if first.name != "auth-failure" {
			t.Errorf("%s: told %s", name, first.raw)
		}
		if got != tt.want {
			t.Errorf("%s: the connection is %q's, want %q's", name, got, tt.want)
		}
		_ = c.ws.CloseNow()
	}
}

// A database that does not answer is no reason to send anybody away: they come back.
func TestNobodyIsSentAwayWhileTheDatabaseIs(t *testing.T) {
	h := newHouse(t)
	ana := h.person("Ana")
	h.sessions.before(func() error { return errors.New("the database is away") })
	c := h.connect(ana)
	c.ended()
	if told := c.all(); len(told) > 0 || c.sentAway() {
		t.Errorf("told %v, and sent away: %v", told, c.sentAway())
	}
}
