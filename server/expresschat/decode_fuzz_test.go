package expresschat

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"expresschat/auth"
	"expresschat/server/problem"
	"expresschat/socketio"
)

// A body of whatever shape is read, or refused as the client's fault.
func FuzzFields(f *testing.F) {
	for _, body := range []string{
		"", "null", "[]", "{}", "5", `{"email":"a@b.example","password":"x"}`, `{"email":5}`, `{"email":null,"password":["x"]}`, `{"email":{"x":1}}`,
		`{"email":"a","email":"b"}`, `{"__proto__":{"email":"x"},"constructor":{"prototype":{}}}`, `{"email":"\ud800","password":"\u0000"}`,
		"{\"email\":\"\xff\"}", "\xef\xbb\xbf{}", `{"EMAIL":"a"}`, `{"email":1e999}`, `{"email":"a"}{}`, `{"email":"` + strings.Repeat("x", 16<<10+1) + `"}`,
		`{"email":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`, "email=a%40b.example&password=%00", "%zz", "a=%ff", "email=a&email=b", "email[]=a", ";",
	} {
		f.Add("application/json", body)
		f.Add("application/x-www-form-urlencoded; charset=x", body)
	}
	f.Add("\xff;=", "{}")
	f.Fuzz(func(t *testing.T, kind, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		got, err := readFields(r, "email", "password")
		if err != nil && !errors.Is(err, problem.ErrBadInput) {
			t.Errorf("the error is %v", err)
		}
		for name := range got {
			if name != "email" && name != "password" {
				t.Errorf("%q was read", name)
			}
		}
		if empty := got["email"] == "" || got["password"] == ""; empty != got.lacks("email", "password") {
			t.Errorf("%v lacks something: %v", got, !empty)
		}
	})
}

// The first place of a handshake that has a pair counts, and what is there is what was said.
func FuzzPair(f *testing.F) {
	for _, query := range []string{"", "accessToken=x&refreshToken=y", "accessToken=x", "accessToken=&refreshToken=", "accessToken=%00&refreshToken=%ff", "%zz", "accessToken[]=x&refreshToken[]=y", "__proto__[accessToken]=x"} {
		for _, given := range []string{
			"", "null", "[]", `{"accessToken":"x","refreshToken":"y"}`, `{"accessToken":5}`, `{"accessToken":null,"refreshToken":["y"]}`,
			`{"__proto__":{"accessToken":"x"}}`, `{"accessToken":"\ud800"}`, "{", `{"accessToken":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`,
		} {
			f.Add(query, given, "access_token=c; refresh_token=d")
		}
	}
	for _, cookies := range []string{"", ";", "access_token", "access_token=\"c\"; access_token=e", "ACCESS_TOKEN=c", "access_token=\x00\xff", "$Version=1; access_token=c", strings.Repeat("access_token=c;", 2000)} {
		f.Add("", "", cookies)
	}
	f.Fuzz(func(t *testing.T, query, given, cookies string) {
		q, _ := url.ParseQuery(query)
		h := socketio.Handshake{Query: q, Auth: json.RawMessage(given), Header: http.Header{"Cookie": {cookies}}}
		p, shown := tokens(h)
		if p != (auth.Pair{}) && !shown {
			t.Errorf("%v is not shown", p)
		}
		switch {
		case q.Has("accessToken") && q.Has("refreshToken"):
			if !shown || p.Access != q.Get("accessToken") || p.Refresh != q.Get("refreshToken") {
				t.Errorf("the query %q shows %v", query, p)
			}
		case cookies == "" && shown && (!json.Valid([]byte(given)) || !utf8.ValidString(p.Access+p.Refresh)):
			t.Errorf("%q shows %q", given, p)
		}
	})
}
