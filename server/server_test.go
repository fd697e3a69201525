package server_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"expresschat/server"
	"expresschat/socketio/own"
)

// door has one route that reads its body and one that panics.
type door struct{}

func (door) Mount(e *echo.Echo) {
	e.POST("/echo", func(c echo.Context) error {
		body, err := io.ReadAll(c.Request().Body)
		if err != nil {
			return err
		}
		return c.Blob(http.StatusOK, "text/plain", body)
	})
	e.POST("/chunked", func(c echo.Context) error {
		_, err := io.ReadAll(c.Request().Body)
		return err
	})
	for _, path := range []string{"/upload", "/account/picture", "/groups/:id/picture", "/groups/:id/name"} {
		e.POST(path, func(c echo.Context) error {
			n, err := io.Copy(io.Discard, c.Request().Body)
			if err != nil {
				return err
			}
			return c.String(http.StatusOK, strconv.FormatInt(n, 10))
		})
	}
	e.GET("/panic", func(echo.Context) error { panic("a bug") })
}

func handler(t *testing.T, ready error) http.Handler {
	t.Helper()
	origins, bad := server.ParseOrigins([]string{"https://app.example", "http://LOCAL.example:3000/"})
	if bad != "" {
		t.Fatal(bad)
	}
	engine := own.New(own.Options{})
	t.Cleanup(func() { _ = engine.Stop(context.Background()) })
	return server.New(server.Parts{
		Origins: origins, Ready: func(context.Context) error { return ready },
		Socket: engine, Doors: []server.Door{door{}}, PageCSS: "body {}", Upload: 200 << 10,
		Log: slog.New(slog.DiscardHandler),
	})
}

func ask(h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if path == "/chunked" {
		r.ContentLength = -1
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	well, ill := handler(t, nil), handler(t, errors.New("no database"))
	tests := map[string]struct {
		h            http.Handler
		method, path string
		body         string
		status       int
		want         string
	}{
		"alive":                  {ill, "GET", "/healthz", "", 200, "alive"},
		"ready":                  {well, "GET", "/readyz", "", 200, "ready"},
		"not ready":              {ill, "GET", "/readyz", "", 503, "the database does not answer"},
		"a route":                {well, "POST", "/echo", "hello", 200, "hello"},
		"no such route":          {well, "GET", "/nothing", "", 404, `"success":-1`},
		"another method":         {well, "GET", "/echo", "", 405, `"success":-1`},
		"a panic":                {well, "GET", "/panic", "", 500, `"success":-1`},
		"64 KiB":                 {well, "POST", "/echo", strings.Repeat("x", 64<<10), 200, "x"},
		"64 KiB and a byte":      {well, "POST", "/echo", strings.Repeat("x", 64<<10+1), 413, `"success":-1`},
		"a file":                 {well, "POST", "/upload", strings.Repeat("x", 200<<10), 200, "204800"},
		"a picture":              {well, "POST", "/account/picture", strings.Repeat("x", 200<<10), 200, "204800"},
		"a group's":              {well, "POST", "/groups/7/picture", strings.Repeat("x", 200<<10), 200, "204800"},
		"too large a file":       {well, "POST", "/upload", strings.Repeat("x", 200<<10+1), 413, `"success":-1`},
		"no file at all":         {well, "POST", "/groups/7/name", strings.Repeat("x", 64<<10+1), 413, `"success":-1`},
		"the same in chunks":     {well, "POST", "/chunked", strings.Repeat("x", 64<<10+1), 413, `"success":-1`},
		"the stylesheet":         {well, "GET", "/static/page.css", "", 200, "body {}"},
		"no development mailbox": {well, "GET", "/dev/mailbox", "", 404, `"success":-1`},
	}
	for name, tt := range tests {
		w := ask(tt.h, tt.method, tt.path, tt.body)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

// Socket.IO has words of its own for origins that may not come in, whatever they ask for.
func TestOriginsOfSockets(t *testing.T) {
	t.Parallel()
	h := handler(t, nil)
	const polling, evil = "/socket.io/?EIO=4&transport=polling", "https://evil.example"
	tests := map[string]struct {
		method, path, origin string
		status               int
		want                 string
	}{
		"none":              {"GET", polling, "", 200, `0{"sid":`},
		"allowed":           {"GET", polling, "https://app.example", 200, `0{"sid":`},
		"another":           {"GET", polling, evil, 403, `{"code":4,"message":"Forbidden"}`},
		"websocket":         {"GET", "/socket.io/?EIO=4&transport=websocket", evil, 403, `{"code":4,"message":"Forbidden"}`},
		"post":              {"POST", polling + "&sid=unknown", evil, 403, `{"code":4,"message":"Forbidden"}`},
		"longer path":       {"GET", "/socket.io/a?EIO=4&transport=polling", evil, 403, `{"code":4,"message":"Forbidden"}`},
		"preflight":         {"OPTIONS", polling, evil, 403, `{"code":4,"message":"Forbidden"}`},
		"allowed preflight": {"OPTIONS", polling, "https://app.example", 204, ""},
		"path like it":      {"GET", "/socket.io", evil, 403, `"success":-1`},
	}
	for name, tt := range tests {
		headers := []string{"Connection", "Upgrade", "Upgrade", "websocket"}
		if !strings.Contains(tt.path, "websocket") {
			headers = nil
		}
		if tt.origin != "" {
			headers = append(headers, "Origin", tt.origin)
		}
		w := ask(h, tt.method, tt.path, "", headers...)
		allowed := ""
		if tt.status < 300 {
			allowed = tt.origin
		}
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) ||
			w.Header().Get("Access-Control-Allow-Origin") != allowed || w.Header().Get("Vary") != "Origin" {
			t.Errorf("%s: %d %s %v", name, w.Code, w.Body, w.Header())
		}
	}
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	h := handler(t, nil)
	tests := map[string]struct {
		method, origin string
		status         int
		allowed        string
	}{
		"none":                   {"POST", "", 200, ""},
		"allowed":                {"POST", "https://app.example", 200, "https://app.example"},
		"allowed, in lower case": {"POST", "http://local.example:3000", 200, "http://local.example:3000"},
		"another scheme":         {"POST", "http://app.example", 403, ""},
		"another port":           {"POST", "https://app.example:444", 403, ""},
		"one that begins alike":  {"POST", "https://app.example.evil.example", 403, ""},
		"null":                   {"POST", "null", 403, ""},
		"a preflight":            {"OPTIONS", "https://app.example", 204, "https://app.example"},
		"a preflight from afar":  {"OPTIONS", "https://evil.example", 403, ""},
	}
	for name, tt := range tests {
		headers := []string{"Access-Control-Request-Headers", "content-type"}
		if tt.origin != "" {
			headers = append(headers, "Origin", tt.origin)
		}
		w := ask(h, tt.method, "/echo", "", headers...)
		if w.Code != tt.status || w.Header().Get("Access-Control-Allow-Origin") != tt.allowed || w.Header().Get("Vary") != "Origin" {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
		if (w.Header().Get("Access-Control-Allow-Credentials") == "true") != (tt.allowed != "") {
			t.Errorf("%s: credentials %v", name, w.Header())
		}
	}
}
