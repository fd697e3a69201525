package expresschat

import (
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"expresschat/auth"
	"expresschat/media"
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

// Whatever the parts of a request are, those before a file are short texts, and what is none
// is the client's fault.
func FuzzParts(f *testing.F) {
	const kind, head = "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name="
	for _, body := range []string{
		"", "--b--", "--b\r\n", "--b\r\n\r\n", head + `"file"`, head + "\"file\"\r\n\r\n", head + "\"file\"; filename=\"../a\"\r\n\r\nx\r\n--b--\r\n",
		head + "\"type\"\r\n\r\nvoice\r\n" + head + "\"file\"\r\n\r\nx\r\n--b", head + "\"duration\"\r\n\r\n1e999\r\n" + head + "\"poster\"\r\n\r\nx\r\n--b--",
		head + "\"x\"\r\n\r\n" + strings.Repeat("x", maxText+1) + "\r\n--b--", head + "\"file\"\r\n\r\nx\r\n--b\r\n", head + "\"file\"\r\n\r\nx\r\n" + head + strings.Repeat("x", maxTexts+1), head + strings.Repeat("x", maxTexts+1), "--b\r\n" + strings.Repeat("X: y\r\n", 12_000) + "\r\n",
		"--b\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=\r\n--b--", "\x00\xff",
	} {
		f.Add(kind, body)
	}
	f.Add("multipart/mixed; boundary=b", "--b--")
	f.Add("multipart/form-data", "x")
	f.Add("multipart/form-data; boundary="+strings.Repeat("b", 99), "x")
	f.Fuzz(func(t *testing.T, kind, body string) {
		r := httptest.NewRequest(http.MethodPost, "/upload", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		p, err := readParts(r)
		for name := ""; err == nil && name != "file"; {
			var part *multipart.Part
			if part, err = p.next("poster", "file"); err == nil {
				name = part.FormName()
				_, _ = io.Copy(io.Discard, part)
			}
		}
		if err == nil {
			err = p.end()
		}
		if err != nil && !errors.Is(err, problem.ErrBadInput) && !errors.Is(err, echo.ErrStatusRequestEntityTooLarge) {
			t.Errorf("the error is %v", err)
		}
		if p == nil {
			return
		}
		for name, value := range p.fields {
			if len(value) > maxText || name == "file" || name == "poster" {
				t.Errorf("%q is %q", name, value)
			}
		}
		var u media.Upload
		if p.describe(&u) == nil && (u.Width < 0 || u.Height < 0 || u.Width > maxPixels || u.Height > maxPixels) {
			t.Errorf("described as %+v", u)
		}
		p.rest()
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
