package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"expresschat/server"
)

// teller is a door that tells where a request comes from.
type teller struct{}

func (teller) Mount(e *echo.Echo) {
	e.GET("/peer", echo.WrapHandler(http.HandlerFunc(tell)))
}

// tellingSocket is a Socket.IO server that does so, too.
type tellingSocket struct{ http.HandlerFunc }

func (tellingSocket) Allow(func(*http.Request) bool) {}

func (tellingSocket) Admit(func(*http.Request) (func(), time.Duration)) {}

func tell(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.RemoteAddr) }

// telling is a server of which every part tells where a request comes from.
func telling(t *testing.T, proxies ...string) http.Handler {
	t.Helper()
	trusted, ok := server.ParseProxies(proxies)
	if !ok {
		t.Fatalf("%q is refused", proxies)
	}
	return server.New(server.Parts{
		Proxies: trusted, Ready: func(context.Context) error { return nil },
		Socket: tellingSocket{tell}, Mailbox: http.HandlerFunc(tell), Doors: []server.Door{teller{}},
		Log: slog.New(slog.DiscardHandler),
	})
}

func peerOf(h http.Handler, path, from string, forwarded ...string) string {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.RemoteAddr = from
	for _, line := range forwarded {
		r.Header.Add("X-Forwarded-For", line)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Body.String()
}

func TestClientsBehindProxies(t *testing.T) {
	t.Parallel()
	const proxy, other = "127.0.0.1:4711", "10.1.2.3:4711"
	home := telling(t, "127.0.0.0/8", " ::1/128", "10.0.0.0/24", "2001:db8:1::/48", "::ffff:192.0.2.1")
	nobody := telling(t, "none")
	tests := map[string]struct {
		h         http.Handler
		from      string
		forwarded []string
		want      string
	}{
		"no proxy":                         {home, other, nil, other},
		"a header that nobody vouches for": {home, other, []string{"1.2.3.4"}, other},
		"none is trusted":                  {nobody, proxy, []string{"1.2.3.4"}, proxy},
		"a proxy without the header":       {home, proxy, nil, proxy},
		"a proxy":                          {home, proxy, []string{"1.2.3.4"}, "1.2.3.4:0"},
		"a proxy by IPv6":                  {home, "[::1]:4711", []string{"1.2.3.4"}, "1.2.3.4:0"},
		"a proxy by an IPv6 socket":        {home, "[::ffff:127.0.0.1]:4711", []string{"1.2.3.4"}, "1.2.3.4:0"},
		"one that was written so":          {home, "192.0.2.1:4711", []string{"1.2.3.4"}, "1.2.3.4:0"},
		"what a client made up":            {home, proxy, []string{"8.8.8.8, 1.2.3.4"}, "1.2.3.4:0"},
		"made up in a line of its own":     {home, proxy, []string{"8.8.8.8", "1.2.3.4"}, "1.2.3.4:0"},
		"two proxies":                      {home, proxy, []string{"8.8.8.8, 1.2.3.4, 10.0.0.7"}, "1.2.3.4:0"},
		"two proxies in two lines":         {home, proxy, []string{"1.2.3.4", "10.0.0.7"}, "1.2.3.4:0"},
		"nobody but proxies":               {home, proxy, []string{"10.0.0.8, 10.0.0.7"}, proxy},
		"beside a network of proxies":      {home, proxy, []string{"1.2.3.4, 10.0.1.7"}, "10.0.1.7:0"},
		"IPv6":                             {home, proxy, []string{"2001:DB8::0:1"}, "[2001:db8::1]:0"},
		"IPv6 in brackets":                 {home, proxy, []string{"[2001:db8::1]"}, "[2001:db8::1]:0"},
		"IPv6 with a port":                 {home, proxy, []string{"[2001:db8::1]:99"}, "[2001:db8::1]:0"},
		"IPv6 with a zone":                 {home, proxy, []string{"fe80::1%eth0"}, "[fe80::1]:0"},
		"an IPv6 proxy with a zone":        {home, proxy, []string{"1.2.3.4, [2001:db8:1::1%eth0]:99"}, "1.2.3.4:0"},
		"IPv4 written as IPv6":             {home, proxy, []string{"::ffff:1.2.3.4"}, "1.2.3.4:0"},
		"IPv4 with a port":                 {home, proxy, []string{"1.2.3.4:99"}, "1.2.3.4:0"},
		"blanks and empty entries":         {home, proxy, []string{" , 1.2.3.4 ,\t, "}, "1.2.3.4:0"},
		"an empty header":                  {home, proxy, []string{""}, proxy},
		"a name":                           {home, proxy, []string{"1.2.3.4, unknown"}, proxy},
		"nonsense":                         {home, proxy, []string{"1.2.3.4, 999.1.1.1"}, proxy},
		"nonsense that does not matter":    {home, proxy, []string{"<script>, 1.2.3.4"}, "1.2.3.4:0"},
		"16 proxies of one's own":          {home, proxy, []string{"1.2.3.4" + strings.Repeat(", 10.0.0.7", 15)}, "1.2.3.4:0"},
		"endless ones":                     {home, proxy, []string{"1.2.3.4" + strings.Repeat(", 10.0.0.7", 3000)}, proxy},
		"a long list to skip":              {home, proxy, []string{strings.Repeat("8.8.8.8,", 3000) + "1.2.3.4"}, "1.2.3.4:0"},
		"a peer without an address":        {home, "@", []string{"1.2.3.4"}, "@"},
	}
	for name, tt := range tests {
		for _, path := range []string{"/peer", "/socket.io/"} {
			if got := peerOf(tt.h, path, tt.from, tt.forwarded...); got != tt.want {
				t.Errorf("%s: %s sees %q, want %q", name, path, got, tt.want)
			}
		}
		if got := peerOf(tt.h, "/dev/mailbox", tt.from, tt.forwarded...); got != tt.from {
			t.Errorf("%s: the mailbox sees %q", name, got)
		}
	}
}

func TestProxiesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for _, list := range []string{
		"", "localhost", "10.0.0.0/33", "10.0.0", "127.0.0.1,", "none,127.0.0.1", "127.0.0.1:80", "fe80::1%eth0", "::ffff:10.0.0.0/104",
	} {
		if _, ok := server.ParseProxies(strings.Split(list, ",")); ok {
			t.Errorf("%q makes sense", list)
		}
	}
}
