package server_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"expresschat/server"
)

// Whatever stands in X-Forwarded-For: who has not come through a trusted proxy is who they
// are, and who has is somebody whom the header names, or the proxy itself.
func FuzzForwardedFor(f *testing.F) {
	for _, header := range []string{
		"", "203.0.113.5", "203.0.113.5, 10.0.0.1", "10.0.0.1, 10.0.0.2", "x, 10.0.0.1", ",,,", "[2001:db8::1]:443", "2001:db8::1%eth0",
		"::ffff:10.0.0.1", "::ffff:203.0.113.5", "203.0.113.5:99999", "1e999", "\x00", "\xff", "203.0.113.5\r\nX: y", strings.Repeat("10.0.0.1,", 9000),
		"203.0.113.005", "0x7f.1", "2130706433", "unknown", "_hidden", "fe80::1", "[", "]", "[]", "[::1", "::1]:1",
	} {
		f.Add("10.0.0.9:1234", header)
		f.Add("198.51.100.7:1234", header)
	}
	f.Add("[::ffff:10.0.0.9]:1", "203.0.113.5")
	f.Add("@", "203.0.113.5")
	f.Add("", "203.0.113.5")
	proxies, _ := server.ParseProxies([]string{"10.0.0.0/8"})
	handler := server.New(server.Parts{Proxies: proxies, Socket: tellingSocket{tell}, Doors: []server.Door{teller{}}, Log: slog.New(slog.DiscardHandler)})
	f.Fuzz(func(t *testing.T, peer, header string) {
		r := httptest.NewRequest(http.MethodGet, "/peer", nil)
		r.RemoteAddr = peer
		r.Header.Set("X-Forwarded-For", header)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		got := w.Body.String()
		if got == peer {
			return
		}
		from, err := netip.ParseAddrPort(peer)
		if err != nil || !netip.MustParsePrefix("10.0.0.0/8").Contains(from.Addr().Unmap()) {
			t.Fatalf("%q, which is no proxy, passes for %q", peer, got)
		}
		client, err := netip.ParseAddrPort(got)
		named := slices.ContainsFunc(strings.Split(header, ","), func(entry string) bool {
			entry = strings.TrimSpace(entry)
			a, err := netip.ParseAddr(strings.Trim(entry, "[]"))
			if with, e := netip.ParseAddrPort(entry); err != nil && e == nil {
				a, err = with.Addr(), nil
			}
			return err == nil && a.Unmap().WithZone("") == client.Addr()
		})
		if err != nil || !named {
			t.Errorf("%q through %q passes for %q", header, peer, got)
		}
	})
}

// An origin that is not on the list is turned away, however it is written.
func FuzzOrigin(f *testing.F) {
	for _, origin := range []string{
		"https://chat.example", "HTTPS://CHAT.EXAMPLE", "https://chat.example:443", "https://chat.example/", "https://chat.example.evil.example",
		"https://evil.example/https://chat.example", "null", "*", " https://chat.example", "https://chat.example\x00", "https://chat.example@evil.example",
		"https://\u212ahat.example", "\xff", "file://", strings.Repeat("x", 9000),
	} {
		f.Add(origin)
	}
	origins, bad := server.ParseOrigins([]string{"https://chat.example"})
	if bad != "" {
		f.Fatal(bad)
	}
	handler := server.New(server.Parts{Origins: origins, Socket: tellingSocket{tell}, Doors: []server.Door{teller{}}, Log: slog.New(slog.DiscardHandler)})
	f.Fuzz(func(t *testing.T, origin string) {
		for _, method := range []string{http.MethodGet, http.MethodOptions} {
			r := httptest.NewRequest(method, "/peer", nil)
			r.Header["Origin"] = []string{origin}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			named := w.Header().Get(echo.HeaderAccessControlAllowOrigin)
			switch in := origin == "" || strings.ToLower(origin) == "https://chat.example"; {
			case in && w.Code >= http.StatusBadRequest && method == http.MethodGet:
				t.Errorf("%s from %q is turned away: %d", method, origin, w.Code)
			case !in && (w.Code != http.StatusForbidden || named != ""):
				t.Errorf("%s from %q is let in: %d %q", method, origin, w.Code, named)
			}
		}
	})
}

// Lists of proxies and origins, which an operator writes, are read or refused.
func FuzzSettings(f *testing.F) {
	for _, s := range []string{"", "none", "10.0.0.0/8,::1", "10.0.0.1/33", "::ffff:10.0.0.0/104", "fe80::1%eth0", "*", "https://a.example/", "https://a@b", "://", "\xff", "http://[::1", "https://a.example?x", "https://%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, list string) {
		entries := strings.Split(list, ",")
		server.ParseProxies(entries)
		origins, bad := server.ParseOrigins(entries)
		if r := httptest.NewRequest(http.MethodGet, "/", nil); bad != "" {
			r.Header.Set("Origin", "https://evil.example")
			if origins.Allow(r) {
				t.Errorf("a list that is refused, %q, lets everybody in", list)
			}
		}
	})
}
