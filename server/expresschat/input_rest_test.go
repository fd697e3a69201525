package expresschat_test

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"expresschat/auth"
)

// slot is a field of a route. The other fields of the request are good, but for the
// address, which nobody has.
type slot struct{ path, key string }

// slots are the columns of the table of fields.
var slots = []slot{
	{"/signup", "name"},
	{"/signup", "email"},
	{"/signup", "password"},
	{"/signup", "source"},
	{"/login", "email"},
	{"/login", "password"},
	{"/resend", "email"},
	{"/update-access-token", "acessToken"},
	{"/update-access-token", "accessToken"},
	{"/refresh", "refreshToken"},
	{"/forgot", "email"},
	{"/reset", "email"},
	{"/reset", "token"},
	{"/reset", "password"},
}

// fieldsOf are the fields of a route with their good values; the address is added.
var fieldsOf = map[string]map[string]string{
	"/signup":              {"name": "Ana", "password": "password"},
	"/login":               {"password": "password"},
	"/resend":              {},
	"/update-access-token": {},
	"/refresh":             {},
	"/password":            {},
	"/logout":              {},
	"/forgot":              {},
	"/reset":               {"token": "none", "password": "correct horse"},
}

// entry is one value in every slot.
type entry struct {
	cells string // status and success, by slot
	name  string
	json  string // the value as JSON, absent if empty
	form  string // and in a form; not tried where empty
}

var long = strings.Repeat("x", 60_000)

var entries = []entry{
	// signup                        login        resend update        refresh  forgot reset
	// name   email  passw. source   email passw. email  acess  access          email  email  token  password
	{"404:-1 404:-1 404:-1 200:1    404:-1 404:-1 404:-1 404:   404:   401:0   404:-1 404:-1 404:-1 404:-1", "absent", "", ""},
	{"404:-1 404:-1 404:-1 200:1    404:-1 404:-1 404:-1 404:   404:   401:0   404:-1 404:-1 404:-1 404:-1", "null", "null", ""},
	{"404:-1 404:-1 404:-1 200:1    404:-1 404:-1 404:-1 404:   404:   401:0   404:-1 404:-1 404:-1 404:-1", "empty", `""`, "="},
	{"400:-1 400:-1 400:-1 400:-1   400:-1 400:-1 400:-1 400:-1 400:-1 400:-1  400:-1 400:-1 400:-1 400:-1", "a number", "5", ""},
	{"400:-1 400:-1 400:-1 400:-1   400:-1 400:-1 400:-1 400:-1 400:-1 400:-1  400:-1 400:-1 400:-1 400:-1", "true", "true", ""},
	{"400:-1 400:-1 400:-1 400:-1   400:-1 400:-1 400:-1 400:-1 400:-1 400:-1  400:-1 400:-1 400:-1 400:-1", "a list", `["x"]`, ""},
	{"400:-1 400:-1 400:-1 400:-1   400:-1 400:-1 400:-1 400:-1 400:-1 400:-1  400:-1 400:-1 400:-1 400:-1", "an object", `{"$ne":null}`, ""},
	{"400:-1 400:-1 400:-1 400:-1   400:-1 400:-1 400:-1 400:-1 400:-1 400:-1  400:-1 400:-1 400:-1 400:-1", "a deep list", strings.Repeat("[", 9000) + strings.Repeat("]", 9000), ""},
	{"400:-1 400:-1 400:-1 400:-1   400:-1 400:-1 400:-1 400:-1 400:-1 400:-1  400:-1 400:-1 400:-1 400:-1", "a deeper list", strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), ""},
	{"400:-1 400:-1 200:1  200:1    404:0  404:0  404:-1 401:0  401:0  401:0   200:1  400:0  400:0  400:0 ", "spaces", `"         "`, "=+++++++++"},
	{"400:-1 400:-1 400:-1 200:1    404:0  404:0  404:-1 401:0  401:0  401:0   200:1  400:0  400:0  400:-1", "long", `"` + long + `"`, "=" + long},
	{"400:-1 400:-1 200:1  200:1    404:0  404:0  404:-1 401:0  401:0  401:0   200:1  400:0  400:0  400:0 ", "NUL", `"password\u0000"`, "=password%00"},
	{"400:-1 400:-1 200:1  200:1    404:0  404:0  404:-1 401:0  401:0  401:0   200:1  400:0  400:0  400:0 ", "line ends", `"password\r\nBcc: x"`, "=password%0d%0aBcc:+x"},
	{"200:1  400:-1 200:1  200:1    404:0  404:0  404:-1 401:0  401:0  401:0   200:1  400:0  400:0  400:0 ", "half of a pair", `"passwordd\ud800"`, ""},
	{"200:1  400:-1 200:1  200:1    404:0  404:0  404:-1 401:0  401:0  401:0   200:1  400:0  400:0  400:0 ", "not UTF-8, in JSON", "\"password\xff\"", ""},
	{"400:-1 400:-1 200:1  200:1    404:0  404:0  404:-1 401:0  401:0  401:0   200:1  400:0  400:0  400:0 ", "not UTF-8, in a form", "", "=passwordf%ff"},
	{"400:-1 400:-1 200:1  200:1    404:0  404:0  404:-1 401:0  401:0  401:0   200:1  400:0  400:0  400:0 ", "half of a pair, in a form", "", "=passworde%ed%a0%80"},
	{"200:1  400:-1 200:1  200:1    404:0  404:0  404:-1 401:0  401:0  401:0   200:1  400:0  400:0  400:0 ", "HTML", `"<b>password"`, "=%3Cb%3Epassword"},
	{"200:1  400:-1 200:1  200:1    404:0  404:0  404:-1 401:0  401:0  401:0   200:1  400:0  400:0  400:0 ", "a reserved word", `"__proto__"`, "=__proto__"},
	{"200:1  400:-1 200:1  200:1    404:0  404:0  404:-1 401:0  401:0  401:0   200:1  400:0  400:0  400:0 ", "a display name", `"A <a@b.example>"`, "=A+%3Ca@b.example%3E"},
}

// requests makes the requests that have e in a slot, as JSON and as a form.
func (e entry) requests(s slot) []request {
	good := map[string]string{"email": "nobody-" + auth.NewID() + "@example.org"}
	maps.Copy(good, fieldsOf[s.path])
	delete(good, s.key)
	var object, form []string
	for key, value := range good {
		object = append(object, fmt.Sprintf("%q:%q", key, value))
		form = append(form, key+"="+url.QueryEscape(value))
	}
	var out []request
	if e.json != "" || e.form == "" {
		if e.json != "" {
			object = append(object, fmt.Sprintf("%q:%s", s.key, e.json))
		}
		out = append(out, request{method: "POST", path: s.path, kind: asJSON, body: "{" + strings.Join(object, ",") + "}"})
	}
	if e.form != "" {
		form = append(form, s.key+e.form)
		out = append(out, request{method: "POST", path: s.path, kind: asForm, body: strings.Join(form, "&")})
	}
	return out
}

// Whatever is in a field: the answer is one that is documented, and only what is accepted
// changes anything.
func TestBadFields(t *testing.T) {
	w := newWorld(t)
	w.enter("somebody", w.person("Somebody"))
	w.forget()
	for _, ok := range []bool{false, true} {
		before := w.rows()
		for _, e := range entries {
			for i, want := range strings.Fields(e.cells) {
				if ok != (want == "200:1") {
					continue
				}
				for _, q := range e.requests(slots[i]) {
					w.expect(want, e.name+" as "+slots[i].key, q)
				}
			}
		}
		if after := w.rows(); !ok && !maps.Equal(before, after) {
			t.Errorf("requests that were refused changed %v to %v", before, after)
		}
	}
	if heard := w.news(); len(heard) > 0 {
		t.Errorf("somebody heard %v", heard)
	}
}

// expect makes a request and checks its answer.
func (w *world) expect(want, what string, q request) {
	w.Helper()
	if got := w.ask(q); got.String() != want || got.oddity != "" {
		w.Errorf("%s %s with %s: %v, want %s: %s %.300s", q.method, q.path, what, got, want, got.oddity, got.text)
	}
}

// Whatever a body is: those that read it say so, and signing out does not care.
func TestBadBodies(t *testing.T) {
	w := newWorld(t)
	tests := map[string]struct {
		want       string // where no field is missing otherwise
		kind, body string
	}{
		"nothing":            {"404:-1", "", ""},
		"nothing as JSON":    {"404:-1", asJSON, ""},
		"nothing as a form":  {"404:-1", asForm, ""},
		"an empty object":    {"404:-1", asJSON, "{}"},
		"an object as text":  {"404:-1", "text/plain", "{}"},
		"an object as XML":   {"404:-1", "application/xml; charset=x", "{}"},
		"no type that is":    {"404:-1", ";;=", "{}"},
		"other keys":         {"404:-1", asJSON, `{"__proto__":{"email":"x"},"constructor":1,"":null}`},
		"other keys in case": {"404:-1", asJSON, `{"Email":"x","PASSWORD":"x","Name":"x"}`},
		"keys in a list":     {"404:-1", asForm, "email[]=x&email[$ne]=x&name[0]=x"},
		"no JSON":            {"400:-1", asJSON, "{"},
		"a form as JSON":     {"400:-1", asJSON, "email=x"},
		"two objects":        {"400:-1", asJSON, "{}{}"},
		"null":               {"400:-1", asJSON, "null"},
		"a list":             {"400:-1", asJSON, "[]"},
		"a string":           {"400:-1", asJSON, `"x"`},
		"a number":           {"400:-1", asJSON, "5"},
		"true":               {"400:-1", asJSON, "true"},
		"spaces":             {"400:-1", asJSON, "   "},
		"NUL":                {"400:-1", asJSON, "\x00"},
		"not UTF-8":          {"400:-1", asJSON, "\xff\xfe{\x00}\x00"},
		"deep":               {"400:-1", asJSON, strings.Repeat("[", 30_000)},
		"deep objects":       {"400:-1", asJSON, strings.Repeat(`{"x":`, 12_000)},
		"several parts":      {"400:-1", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nx\r\n--x--\r\n"},
		"a bad form":         {"400:-1", asForm, "email=%zz"},
		"a form with ;":      {"400:-1", asForm, "email=x;name=y"},
		"64 KiB":             {"404:-1", asJSON, "{}" + strings.Repeat(" ", 64<<10-2)},
		"64 KiB and a byte":  {"413:-1", asJSON, "{}" + strings.Repeat(" ", 64<<10-1)},
		"200,000 bytes":      {"413:-1", asForm, "email=" + strings.Repeat("x", 200_000)},
	}
	before := w.rows()
	for name, tt := range tests {
		for path := range fieldsOf {
			want := tt.want
			switch {
			case path == "/update-access-token" && want == "404:-1":
				want = "404:"
			case (path == "/refresh" || path == "/password") && want == "404:-1":
				want = "401:0"
			case path == "/logout" && want != "413:-1":
				want = "200:"
			}
			w.expect(want, name, request{method: "POST", path: path, kind: tt.kind, body: tt.body})
			if path != "/logout" {
				w.expect(want, name+" in pieces", request{method: "POST", path: path, kind: tt.kind, body: tt.body, chunked: true})
			}
		}
	}
	if after := w.rows(); !maps.Equal(before, after) {
		t.Errorf("bad bodies changed %v to %v", before, after)
	}
}

// A body that breaks off, or is no body, is the client's fault and not the server's.
func TestABrokenBodyIsABadRequest(t *testing.T) {
	h := newHouse(t)
	for name, rest := range map[string]string{
		"no chunk":        "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
		"half a chunk":    "Transfer-Encoding: chunked\r\n\r\n5\r\n{",
		"half of a body":  "Content-Length: 5\r\n\r\n{",
		"none of a body":  "Content-Length: 5\r\n\r\n",
		"a chunk too big": "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
	} {
		for path := range fieldsOf {
			conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
			h.must(err)
			_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: chat.example\r\nContent-Type: application/json\r\n%s", path, rest)
			h.must(err)
			h.must(conn.(*net.TCPConn).CloseWrite())
			answered, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Errorf("%s to %s: %v", name, path, err)
				continue
			}
			text, _ := io.ReadAll(answered.Body)
			want := "400:-1"
			if path == "/logout" {
				want = "200:"
			}
			if got := judge(answered, text); got.String() != want {
				t.Errorf("%s to %s: %v, want %s: %s", name, path, got, want, text)
			}
			_ = conn.Close()
		}
	}
}

func TestBadQueries(t *testing.T) {
	w := newWorld(t)
	before := w.rows()
	for _, query := range []string{
		"", "?", "?email", "?email=&token=", "?email=%00&token=%00", "?email=%ff&token=%ff", "?email=%zz&token=%zz",
		"?email[]=a@b.example&token[]=x", "?email=a@b.example&token=" + long[:8000], "?email=" + long[:8000] + "&token=x",
		"?email=%ed%a0%80&token=x", "?email=a@b.example;token=x", "?email=a@b.example&token=x&source=app",
		"?email=a%00@b.example&token=x&source=%00", "?__proto__=x&constructor=x",
	} {
		w.expect("400:0", "this query", request{method: "GET", path: "/verify" + query})
		w.expect("200:", "this query", request{method: "HEAD", path: "/verify" + query})
	}
	if after := w.rows(); !maps.Equal(before, after) {
		t.Errorf("bad queries changed %v to %v", before, after)
	}
}

func TestWrongMethods(t *testing.T) {
	w := newWorld(t)
	before := w.rows()
	allowed := map[string]bool{}
	var paths, listed []string
	for _, a := range accesses {
		allowed[a.route] = true
		listed = append(listed, a.route)
		_, path, _ := strings.Cut(a.route, " ")
		paths = append(paths, path)
	}
	w.checkRoutes(listed)
	for _, path := range paths {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "NONSENSE"} {
			if !allowed[method+" "+path] && !strings.HasPrefix(path, "/static/") {
				w.expect("405:-1", "a wrong method", request{method: method, path: path})
			}
		}
	}
	if after := w.rows(); !maps.Equal(before, after) {
		t.Errorf("wrong methods changed %v to %v", before, after)
	}
}
