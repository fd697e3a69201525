package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"expresschat/server"
	"expresschat/server/limits"
	"expresschat/socketio"
	"expresschat/socketio/own"
	"expresschat/socketio/zishang"
)

// house is a server with an engine of either kind.
func house(t *testing.T, engine socketio.Engine, secure bool) http.Handler {
	t.Helper()
	origins, _ := server.ParseOrigins([]string{"https://app.example"})
	t.Cleanup(func() { _ = engine.Stop(context.Background()) })
	return server.New(server.Parts{
		Origins: origins, Ready: func(context.Context) error { return nil }, Socket: engine, Secure: secure,
		Doors: []server.Door{door{}}, PageCSS: "body {}", Log: slog.New(slog.DiscardHandler), Arrivals: limits.NewArrivals(true),
	})
}

// engines are both, each new.
func engines() map[string]socketio.Engine {
	return map[string]socketio.Engine{"own": own.New(own.Options{}), "zishang520": zishang.New(zishang.Options{AllowEIO3: true})}
}

// Whatever a server answers, also where nothing is found, says this to browsers.
func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Server": "", "X-Powered-By": "",
	}
	for name, engine := range engines() {
		secure := name == "own"
		h := house(t, engine, secure)
		for _, asked := range []string{
			"GET /healthz", "GET /readyz", "POST /echo", "GET /echo", "GET /nothing", "GET /panic", "GET /static/page.css", "POST /chunked",
			"GET /socket.io/?EIO=4&transport=polling", "GET /socket.io/?EIO=4&transport=x", "GET /api/v1/nothing", "TRACE /healthz", "OPTIONS /echo",
		} {
			method, path, _ := strings.Cut(asked, " ")
			w := ask(h, method, path, "")
			for header, value := range want {
				if got := w.Header().Get(header); got != value {
					t.Errorf("%s: %s says %s: %q", name, asked, header, got)
				}
			}
			strict := ""
			if secure {
				strict = "max-age=31536000"
			}
			if got := w.Header().Get("Strict-Transport-Security"); got != strict {
				t.Errorf("%s: %s over https=%v says %q", name, asked, secure, got)
			}
			if got := w.Header().Get("Cache-Control"); got != "no-store" && path != "/static/page.css" {
				t.Errorf("%s: %s may be kept: %q", name, asked, got)
			}
		}
	}
}

// Methods that nothing has a use for lead nowhere, neither to a route nor to an engine.
func TestOddMethods(t *testing.T) {
	t.Parallel()
	h := handler(t, nil)
	for _, method := range []string{"TRACE", "TRACK", "CONNECT", "PROPFIND", "BREW"} {
		for _, path := range []string{"/healthz", "/echo", "/socket.io/?EIO=4&transport=polling", "/nothing"} {
			r := httptest.NewRequest(method, "/", nil)
			r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
			}
		}
	}
}

// A handshake from an origin that may not come in fails over both transports of both engines.
func TestOriginsOfBothEngines(t *testing.T) {
	t.Parallel()
	for name, engine := range engines() {
		s := httptest.NewServer(house(t, engine, false))
		t.Cleanup(s.Close)
		for origin, want := range map[string][2]int{"https://evil.example": {403, 403}, "https://app.example": {200, 101}, "": {200, 101}} {
			for i, transport := range []string{"polling", "websocket"} {
				r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/socket.io/?EIO=4&transport="+transport, nil)
				if transport == "websocket" {
					r.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"AAAAAAAAAAAAAAAAAAAAAA=="}}
				}
				if origin != "" {
					r.Header.Set("Origin", origin)
				}
				answer, err := s.Client().Do(r)
				if err != nil {
					t.Fatal(err)
				}
				_ = answer.Body.Close()
				if answer.StatusCode != want[i] {
					t.Errorf("%s by %s from %q: %d", name, transport, origin, answer.StatusCode)
				}
			}
		}
	}
}

// One network's flood of handshakes is told to come later, before there is a session; others
// get in.
func TestHandshakeFlood(t *testing.T) {
	t.Parallel()
	for name, engine := range engines() {
		h := house(t, engine, false)
		come := func(address string) *httptest.ResponseRecorder {
			r := httptest.NewRequest("GET", "/socket.io/?EIO=4&transport=polling", nil)
			r.RemoteAddr = address
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
		in := 0
		var last *httptest.ResponseRecorder
		for last = come("192.0.2.1:1"); last.Code == http.StatusOK && in < 5000; last = come("192.0.2.1:1") {
			in++
		}
		if in < 600 || last.Code != http.StatusTooManyRequests || last.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d came in, then %d %v", name, in, last.Code, last.Header())
		}
		if w := come("192.0.2.2:1"); w.Code != http.StatusOK {
			t.Errorf("%s: somebody else gets %d", name, w.Code)
		}
	}
}

// A body that trickles holds no handler for longer than patience, whether it says how long it
// is or not.
func TestABodyThatTrickles(t *testing.T) {
	t.Parallel()
	e := echo.New()
	e.Use(server.Prompt(50 * time.Millisecond))
	door{}.Mount(e)
	over := make(chan error, 1)
	e.POST("/slow", func(c echo.Context) error {
		_, err := io.ReadAll(c.Request().Body)
		over <- err
		return err
	})
	s := httptest.NewServer(e)
	defer s.Close()
	for _, length := range []string{"Content-Length: 1000000", "Transfer-Encoding: chunked"} {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST /slow HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n", length)
		go func() {
			for range 100_000 { // never all of it
				if _, err := conn.Write([]byte("1\r\nx\r\n")); err != nil {
					return
				}
			}
		}()
		if err := <-over; err == nil {
			t.Errorf("%s: the body came to an end", length)
		}
		_, _ = bufio.NewReader(conn).ReadByte() // its answer, or that it has ended
		_ = conn.Close()
	}
}

// deadlines notes those that a body sets.
type deadlines struct {
	http.ResponseWriter
	set []bool // false takes one back
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.set = append(d.set, !t.IsZero())
	return nil
}

// A body of the API has as long for each part of it, all others for the whole. None is left
// behind when all of it is there: it would end the request itself.
func TestDeadlinesOfBodies(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"/echo": "[true false]", server.APIPath + "/user": "[true true true true false]"} {
		r := httptest.NewRequest("POST", path, io.MultiReader(strings.NewReader("a"), strings.NewReader("b")))
		w := &deadlines{ResponseWriter: httptest.NewRecorder()}
		c := echo.New().NewContext(r, w)
		err := server.Prompt(time.Hour)(func(c echo.Context) error {
			_, err := io.ReadAll(c.Request().Body)
			return err
		})(c)
		if got := fmt.Sprint(w.set); err != nil || got != want {
			t.Errorf("%s: %s %v, want %s", path, got, err, want)
		}
	}
}

// An answer may take longer than a body may: what listens for the end of the client, who sent none,
// has no deadline, even if the body is wrapped by then.
func TestALongAnswerIsNotCutOff(t *testing.T) {
	t.Parallel()
	const patience = 20 * time.Millisecond
	e := echo.New()
	e.Use(middleware.BodyLimit("64KiB"), server.Prompt(patience))
	e.GET("/", func(c echo.Context) error {
		select {
		case <-c.Request().Context().Done():
			return c.String(http.StatusTeapot, "cut off")
		case <-time.After(5 * patience): // an answer that takes so long
			return c.String(http.StatusOK, "whole")
		}
	})
	s := httptest.NewServer(e)
	t.Cleanup(s.Close)
	resp, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("a long answer is cut off: status %d", resp.StatusCode)
	}
}
