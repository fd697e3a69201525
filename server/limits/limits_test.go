package limits

import (
	"net/http"
	"testing"
)

func TestWhoseLimitItIs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ from, want string }{
		"a client":                      {"192.0.2.1:4711", "192.0.2.1"},
		"one by an IPv6 socket":         {"[::ffff:192.0.2.1]:4711", "192.0.2.1"},
		"behind a proxy":                {"192.0.2.1:0", "192.0.2.1"},
		"IPv6, by its network":          {"[2001:db8::1:2:3:4]:4711", "2001:db8::/64"},
		"of the same link":              {"[fe80::1%eth0]:4711", "fe80::/64"},
		"the operator":                  {"127.0.0.1:4711", ""},
		"the operator by IPv6":          {"[::1]:4711", ""},
		"the operator by both":          {"[::ffff:127.0.0.1]:4711", ""},
		"somebody else's loopback":      {"127.0.0.2:4711", "127.0.0.2"},
		"what is not an address at all": {"@", ""},
	}
	for name, tt := range tests {
		if got := Client(&http.Request{RemoteAddr: tt.from}); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
