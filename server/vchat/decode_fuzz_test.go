package vchat

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"expresschat/bus"
	"expresschat/media"
	"expresschat/server/problem"
	"expresschat/socketio"
)

const parts = "multipart/form-data; boundary=b"

// A body of whatever shape is read within its bounds, or refused as the client's fault.
func FuzzForm(f *testing.F) {
	const asJSON, asForm = "application/json", "application/x-www-form-urlencoded"
	for _, body := range []string{
		"", "null", "[]", "{}", "5", `{"email":"a","password":1e999,"peerEmails":["a",5,null,{"x":[]}]}`, `{"x":"\ud800","y":"\u0000","z":9223372036854775808}`,
		`{"__proto__":{"email":"x"},"constructor":{"prototype":{}},"email":null}`, `{"email":"a","email":"b"}`, `{"peerEmails":"[\"a\",[[\"b\"]]]"}`,
		`{"x":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`, `{"x":"` + strings.Repeat("x", maxFields) + `"}`, "\xff\xfe{\x00}", "{\"x\":\"\xff\"}",
	} {
		f.Add(asJSON, body)
	}
	for _, body := range []string{"email=a&peerEmails[]=b&peerEmails[]=c", "%zz", "a=%00%ff", "[]=x&[][]=y", "a;b=c", strings.Repeat("a&", 9000), "__proto__[x]=1&constructor=2"} {
		f.Add(asForm, body)
	}
	part := func(head, text string) string {
		return "--b\r\nContent-Disposition: form-data" + head + "\r\n\r\n" + text + "\r\n"
	}
	for _, body := range []string{
		part(`; name="email"`, "a") + "--b--\r\n", part(`; name="file"; filename="../../x"`, "\x00\xff") + "--b--", part("", "x") + "--b--",
		part(`; name="peerEmails[]"`, "a") + part(`; name="peerEmails"`, `["b"]`) + "--b--", part(`; name="x`+"\x00"+`"`, "\xff"), "--b\r\n", "--b--", "--b\r\n\r\n",
		strings.Repeat(part(`; name="x"`, "y"), 2000) + "--b--", part(`; name="`+strings.Repeat("x", maxFields)+`"`, ""), part(`; name="x"`, strings.Repeat("y", maxFields+1)),
		part(`; name="file"; filename="a.png"`, "x") + part(`; name="type"`, "image") + part(`; name="file"; filename="b"`, "y") + "--b--",
		part(`; name="file"`+"\r\nContent-Type: image/png", "x") + part(`; name="file"; filename=""`+"\r\nContent-Type: image/png", "") + "--b--",
		part(`; name="FILE[]"; filename="\\..\\x"; filename*=UTF-8''%2e%2e%2fy`, strings.Repeat("x", 9000)) + "--b", part(`; name="file"; filename="a"`, "x"),
		part(`; name="file"; filename="a"`+"\r\nContent-Transfer-Encoding: quoted-printable", "=") + "--b--",
		"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", "--b\r\n" + strings.Repeat("X: y\r\n", 9000) + "\r\n",
	} {
		f.Add(parts, body)
	}
	f.Add("multipart/form-data", "--\r\n\r\n")
	f.Add("multipart/form-data; boundary="+strings.Repeat("b", 99), "x")
	f.Add("\xff; =", "{}")
	f.Fuzz(func(t *testing.T, kind, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		took := 0
		got, err := readBody(r, func(f form, title string, file io.Reader) (media.File, error) {
			if len(f.files) == 3 {
				return media.File{}, errManyFiles
			}
			text, err := io.ReadAll(file)
			if took += len(text); err != nil {
				return media.File{}, fmt.Errorf("%w: %w", media.ErrBody, err)
			}
			return media.File{Name: title}, nil
		})
		if took > len(body) || len(got.files) > 3 {
			t.Errorf("%d files with %d bytes", len(got.files), took)
		}
		if err != nil {
			if !errors.Is(err, problem.ErrBadInput) && !errors.Is(err, errTooMuch) && !errors.Is(err, errManyFiles) && !errors.Is(err, media.ErrBody) {
				t.Errorf("the error is %v", err)
			}
			return
		}
		size := 0
		for name, values := range got.values {
			for _, v := range append(got.list(name), values...) {
				size += len(v)
			}
			got.get(name)
		}
		// What is invalid in JSON is replaced, by three bytes for one, and a list may be read twice.
		if size > 2*3*maxFields {
			t.Errorf("%d bytes were read", size)
		}
	})
}

// An attachment is read or refused, and what is read of it can be stored and sent.
func FuzzAttachment(f *testing.F) {
	for _, text := range []string{
		"", "null", "{}", "[]", "5", `{"fileSize":1e999,"lat":"null","lang":null,"linkTitle":"\ud800","width":{"x":[]}}`, `{"imageUrl":"../../x","playUrl":"http://x"}`,
		`{"imageUrl":".env","playUrl":"a\u0000b"}`, `{"imageUrl":["x"],"__proto__":{"playUrl":"x"}}`, `{"playUrl":"` + strings.Repeat("a", 32) + `.mp4"}`, "{\"lat\":\"\xff\"}",
		`{"linkDataUrl":"javascript:alert(1)"}`, `{"x":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`,
	} {
		f.Add(text, string(bus.Reply))
		f.Add(text, string(bus.Location))
	}
	f.Fuzz(func(t *testing.T, text, kind string) {
		a, err := readAttachment(text, bus.Type(kind))
		if err != nil && !errors.Is(err, problem.ErrBadInput) {
			t.Errorf("the error is %v", err)
		}
		if a == nil {
			return
		}
		for _, name := range []*string{a.Picture, a.File} {
			if name != nil && !media.IsName(*name) {
				t.Errorf("%q names the file %q", text, *name)
			}
		}
		if out, err := json.Marshal(a); err != nil || !utf8.Valid(out) {
			t.Errorf("%q is sent as %q: %v", text, out, err)
		}
	})
}

// A handshake shows a token or none, wherever it may stand: the header counts before auth.
func FuzzToken(f *testing.F) {
	for _, header := range []string{"", "x", "Bearer x", "bearer  x ", "Bearer", "Basic x", "BASIC", "\x00", "\xff", "Bearer Bearer x", strings.Repeat(" ", 9000)} {
		for _, auth := range []string{"", "null", `{"token":"y"}`, `{"token":5}`, `{"token":null}`, `{"token":["y"]}`, `{"__proto__":{"token":"y"}}`, `{"TOKEN":"Bearer y"}`, "{", `{"token":"\ud800\u0000"}`} {
			f.Add(header, auth, true)
			f.Add(header, auth, false)
		}
	}
	f.Fuzz(func(t *testing.T, header, auth string, there bool) {
		h := socketio.Handshake{Auth: json.RawMessage(auth), Header: http.Header{}}
		if there {
			h.Header["Authorization"] = []string{header}
		}
		got, shown := token(h)
		if got != "" && (!shown || strings.TrimSpace(got) != got) {
			t.Errorf("%q is shown: %v", got, shown)
		}
		scheme, _, _ := strings.Cut(header, " ")
		if there && !strings.EqualFold(scheme, "Basic") && (!shown || got != bare(header)) {
			t.Errorf("the header %q shows %q", header, got)
		}
	})
}
