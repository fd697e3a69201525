package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// answer is what the server said to a request, read to its end.
type answer struct {
	status int
	header http.Header
	body   string
	json   obj // nil if the body is not a JSON object
	cookie map[string]*http.Cookie
	https  bool // whether the server is reached over https
}

// change alters a request before it is sent.
type change func(*http.Request)

func header(key, value string) change {
	return func(r *http.Request) { r.Header.Set(key, value) }
}

// cookies are those that a browser or an app presents.
func cookies(access, refresh string) change {
	return func(r *http.Request) {
		if access != "" {
			r.AddCookie(&http.Cookie{Name: "access_token", Value: access})
		}
		if refresh != "" {
			r.AddCookie(&http.Cookie{Name: "refresh_token", Value: refresh})
		}
	}
}

// asBrowser is how a browser asks for a page.
func asBrowser() change {
	return header("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
}

// request sends body as JSON, or as a form if it is url.Values, or as it is if it is a
// string of JSON.
func (s *server) request(ctx context.Context, method, path string, body any, changes ...change) (answer, error) {
	var reader io.Reader
	contentType := "application/json"
	switch b := body.(type) {
	case nil:
		contentType = ""
	case url.Values:
		shared.confided.noteValues(b)
		reader, contentType = strings.NewReader(b.Encode()), "application/x-www-form-urlencoded"
	case string:
		shared.confided.noteJSON([]byte(b))
		reader = strings.NewReader(b)
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			return answer{}, err
		}
		shared.confided.noteJSON(encoded)
		reader = bytes.NewReader(encoded)
	}
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, reader)
	if err != nil {
		return answer{}, err
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for _, c := range changes {
		c(r)
	}
	shared.confided.noteValues(r.URL.Query())
	shared.confided.note(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	resp, err := s.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, fmt.Errorf("read answer: %w", err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, body: string(text), cookie: map[string]*http.Cookie{}, https: s.https()}
	_ = json.Unmarshal(text, &a.json)
	for _, c := range resp.Cookies() {
		a.cookie[c.Name] = c
		shared.confided.note(c.Value)
	}
	return a, nil
}

// rest sends requests on behalf of one test.
type rest struct {
	t testing.TB
	s *server
}

func restOf(t testing.TB, s *server) rest { return rest{t: t, s: s} }

func (r rest) do(method, path string, body any, changes ...change) answer {
	r.t.Helper()
	a, err := r.s.request(r.t.Context(), method, path, body, changes...)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (r rest) post(path string, body any, changes ...change) answer {
	r.t.Helper()
	return r.do(http.MethodPost, path, body, changes...)
}

func (r rest) get(path string, changes ...change) answer {
	r.t.Helper()
	return r.do(http.MethodGet, path, nil, changes...)
}

// says checks the status and success of an answer that has to be JSON, and that there
// is a message for the user.
func (a answer) says(t testing.TB, status, success int) {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d, want %d: %s", a.status, status, a.short())
	}
	a.isJSON(t)
	if why := mismatch("", obj{"success": success, "message": someText}, a.json); why != "" {
		t.Errorf("answer %s: %s", a.short(), why)
	}
}

func (a answer) isJSON(t testing.TB) {
	t.Helper()
	if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, "application/json") {
		t.Errorf("content type %q, want JSON: %s", got, a.short())
	}
}

func (a answer) isPage(t testing.TB, status int) {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d, want %d: %s", a.status, status, a.short())
	}
	if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, "text/html") {
		t.Errorf("content type %q, want a page: %s", got, a.short())
	}
}

// short is the body, cut to what a failure message can bear.
func (a answer) short() string {
	if len(a.body) > 300 {
		return a.body[:300] + "..."
	}
	return a.body
}

// tokens are the pair in the cookies that an answer set; it checks what every such
// pair of cookies has to be.
func (a answer) tokens(t testing.TB) (access, refresh string) {
	t.Helper()
	ac, re := a.cookie["access_token"], a.cookie["refresh_token"]
	if ac == nil || re == nil || ac.Value == "" || re.Value == "" {
		t.Fatalf("no pair of token cookies in status %d, %v: %s", a.status, a.header["Set-Cookie"], a.short())
	}
	for _, c := range []*http.Cookie{ac, re} {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge <= 0 {
			t.Errorf("cookie %s: want HttpOnly, SameSite=Lax, Path=/ and a Max-Age: %s", c.Name, c.Raw)
		}
		if c.Secure != a.https {
			t.Errorf("cookie %s: Secure is %v, but https is %v: %s", c.Name, c.Secure, a.https, c.Raw)
		}
	}
	if ac.MaxAge != re.MaxAge {
		t.Errorf("Max-Age of the cookies is %d and %d, want the refresh token's for both", ac.MaxAge, re.MaxAge)
	}
	return ac.Value, re.Value
}

// setsNothing checks that an answer gives no token away.
func (a answer) setsNothing(t testing.TB) {
	t.Helper()
	for _, c := range a.cookie {
		if c.Value != "" {
			t.Errorf("sets a cookie: %s", c.Raw)
		}
	}
	for _, key := range []string{"accessToken", "refreshToken"} {
		if _, ok := a.json[key]; ok {
			t.Errorf("has a token in its JSON: %s", a.short())
		}
	}
}

// clears checks that an answer takes both tokens away from a browser.
func (a answer) clears(t testing.TB) {
	t.Helper()
	for _, name := range []string{"access_token", "refresh_token"} {
		c := a.cookie[name]
		if c == nil || c.Value != "" || (c.MaxAge >= 0 && c.Expires.IsZero()) || c.Path != "/" {
			t.Errorf("does not clear %s: %v", name, a.header["Set-Cookie"])
		}
	}
}
