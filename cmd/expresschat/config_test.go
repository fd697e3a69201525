package main

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/media"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	good := strings.Repeat("s", 32)
	tests := map[string]struct {
		set  string
		want string // in the error; empty for none
	}{
		"nothing":                       {"", ""},
		"set but empty":                 {"CHAT_ADDR=", ""},
		"an address without a port":     {"CHAT_ADDR=localhost", "CHAT_ADDR"},
		"a port that is none":           {"CHAT_ADDR=:http2", "CHAT_ADDR"},
		"a port that is too high":       {"CHAT_ADDR=:70000", "CHAT_ADDR"},
		"any port":                      {"CHAT_ADDR=127.0.0.1:0", ""},
		"a public URL":                  {"CHAT_PUBLIC_URL=https://chat.example.org/", ""},
		"a public URL with a path":      {"CHAT_PUBLIC_URL=https://example.org/chat", "CHAT_PUBLIC_URL"},
		"a public URL without a scheme": {"CHAT_PUBLIC_URL=chat.example.org", "CHAT_PUBLIC_URL"},
		"a secret of 31 bytes":          {"CHAT_ACCESS_SECRET=" + good[1:], "CHAT_ACCESS_SECRET"},
		"a secret of 32 bytes":          {"CHAT_REFRESH_SECRET=" + good, ""},
		"one secret for both":           {"CHAT_ACCESS_SECRET=" + good + "\nCHAT_REFRESH_SECRET=" + good, "CHAT_REFRESH_SECRET"},
		"a new secret and an old one":   {"CHAT_ACCESS_SECRET=" + good + ", " + strings.ToUpper(good), ""},
		"an old secret of 31 bytes":     {"CHAT_ACCESS_SECRET=" + good + "," + good[1:], "CHAT_ACCESS_SECRET"},
		"a list with nothing at an end": {"CHAT_REFRESH_SECRET=" + good + ",", "CHAT_REFRESH_SECRET"},
		"one old secret for both":       {"CHAT_ACCESS_SECRET=a" + good + "," + good + "\nCHAT_REFRESH_SECRET=b" + good + "," + good, "CHAT_REFRESH_SECRET"},
		"a lifetime without a unit":     {"CHAT_ACCESS_TTL=15", "CHAT_ACCESS_TTL"},
		"a lifetime below zero":         {"CHAT_REFRESH_TTL=-1h", "CHAT_REFRESH_TTL"},
		"access that outlives refresh":  {"CHAT_ACCESS_TTL=2h\nCHAT_REFRESH_TTL=1h", "CHAT_REFRESH_TTL"},
		"lifetimes":                     {"CHAT_ACCESS_TTL=1s\nCHAT_REFRESH_TTL=1h30m", ""},
		"a session":                     {"CHAT_SESSION_MAX=720h", ""},
		"a session without a unit":      {"CHAT_SESSION_MAX=90", "CHAT_SESSION_MAX"},
		"a session shorter than tokens": {"CHAT_SESSION_MAX=719h", "CHAT_SESSION_MAX"},
		"tokens that live for a year":   {"CHAT_REFRESH_TTL=8760h", ""},
		"origins":                       {"CHAT_ALLOWED_ORIGINS=https://a.example, http://b.example:8080", ""},
		"every origin":                  {"CHAT_ALLOWED_ORIGINS=*", ""},
		"an origin that is none":        {"CHAT_ALLOWED_ORIGINS=https://a.example,b.example", "CHAT_ALLOWED_ORIGINS"},
		"an origin with a path":         {"CHAT_ALLOWED_ORIGINS=https://a.example/x", "CHAT_ALLOWED_ORIGINS"},
		"a group of one":                {"CHAT_GROUP_LIMIT=1", "CHAT_GROUP_LIMIT"},
		"a group of words":              {"CHAT_GROUP_LIMIT=many", "CHAT_GROUP_LIMIT"},
		"a group":                       {"CHAT_GROUP_LIMIT=2", ""},
		"a size in bytes":               {"CHAT_MEDIA_LIMIT=1048576", ""},
		"a size with a unit":            {"CHAT_MEDIA_LIMIT=100MB", ""},
		"a size of nothing":             {"CHAT_MEDIA_LIMIT=0", "CHAT_MEDIA_LIMIT"},
		"a size below zero":             {"CHAT_MEDIA_LIMIT=-50MiB", "CHAT_MEDIA_LIMIT"},
		"a size beyond all":             {"CHAT_MEDIA_LIMIT=9999999EiB", "CHAT_MEDIA_LIMIT"},
		"a size in words":               {"CHAT_MEDIA_LIMIT=large", "CHAT_MEDIA_LIMIT"},
		"sizes of kinds":                {"CHAT_MEDIA_LIMIT=50MiB,image=20MB, voice=10MiB,video=2GiB,file=1KiB,profile=5MiB", ""},
		"a size of a kind there is not": {"CHAT_MEDIA_LIMIT=50MiB,song=20MiB", "CHAT_MEDIA_LIMIT"},
		"a size of a kind twice":        {"CHAT_MEDIA_LIMIT=50MiB,image=2MiB,image=3MiB", "CHAT_MEDIA_LIMIT"},
		"a size of a kind alone":        {"CHAT_MEDIA_LIMIT=image=20MiB", "CHAT_MEDIA_LIMIT"},
		"a kind without a size":         {"CHAT_MEDIA_LIMIT=50MiB,image", "CHAT_MEDIA_LIMIT"},
		"a size below all":              {"CHAT_MEDIA_LIMIT=1023", "CHAT_MEDIA_LIMIT"},
		"a bucket":                      {"CHAT_MEDIA_URL=s3://files?region=x", ""},
		"a bucket of another kind":      {"CHAT_MEDIA_URL=gs://files", "CHAT_MEDIA_URL"},
		"a bucket without a scheme":     {"CHAT_MEDIA_URL=/srv/files", "CHAT_MEDIA_URL"},
		"a quota":                       {"CHAT_MEDIA_QUOTA=500MB", ""},
		"no quota":                      {"CHAT_MEDIA_QUOTA=0", ""},
		"a quota below zero":            {"CHAT_MEDIA_QUOTA=-1MiB", "CHAT_MEDIA_QUOTA"},
		"a quota in words":              {"CHAT_MEDIA_QUOTA=none", "CHAT_MEDIA_QUOTA"},
		"a sender":                      {"CHAT_MAIL_FROM=Chat <chat@example.org>", ""},
		"a sender that is none":         {"CHAT_MAIL_FROM=chat", "CHAT_MAIL_FROM"},
		"a proxy":                       {"CHAT_TRUSTED_PROXIES=192.0.2.1", ""},
		"networks of proxies":           {"CHAT_TRUSTED_PROXIES=10.0.0.0/8, fd00::/8", ""},
		"no proxy":                      {"CHAT_TRUSTED_PROXIES=none", ""},
		"a proxy or none":               {"CHAT_TRUSTED_PROXIES=none,192.0.2.1", "CHAT_TRUSTED_PROXIES"},
		"a proxy by its name":           {"CHAT_TRUSTED_PROXIES=nginx", "CHAT_TRUSTED_PROXIES"},
		"a network that is none":        {"CHAT_TRUSTED_PROXIES=10.0.0.0/64", "CHAT_TRUSTED_PROXIES"},
		"lanes":                         {"CHAT_LANES=8", ""},
		"no lane":                       {"CHAT_LANES=0", "CHAT_LANES"},
		"more lanes than connections":   {"CHAT_LANES=65", "CHAT_LANES"},
		"lanes in words":                {"CHAT_LANES=two", "CHAT_LANES"},
		"limits off":                    {"CHAT_LIMITS=off", ""},
		"limits off on IPv6 loopback":   {"CHAT_LIMITS=off\nCHAT_ADDR=[::1]:0", ""},
		"limits off for everybody":      {"CHAT_LIMITS=off\nCHAT_ADDR=0.0.0.0:8080", "CHAT_LIMITS"},
		"limits off on no address":      {"CHAT_LIMITS=off\nCHAT_ADDR=:8080", "CHAT_LIMITS"},
		"limits at half":                {"CHAT_LIMITS=half", "CHAT_LIMITS"},
		"accounts hidden":               {"CHAT_HIDE_ACCOUNTS=true", ""},
		"accounts shown":                {"CHAT_HIDE_ACCOUNTS=false", ""},
		"accounts half hidden":          {"CHAT_HIDE_ACCOUNTS=yes", "CHAT_HIDE_ACCOUNTS"},
		"escaped text":                  {"CHAT_ESCAPE_HTML=true\nCHAT_PLAIN_CLIENTS=my-app, another", ""},
		"text as it is":                 {"CHAT_ESCAPE_HTML=false", ""},
		"escaped text, or so":           {"CHAT_ESCAPE_HTML=on", "CHAT_ESCAPE_HTML"},
		"a client with its version":     {"CHAT_PLAIN_CLIENTS=my-app/1", "CHAT_PLAIN_CLIENTS"},
		"a client without a name":       {"CHAT_PLAIN_CLIENTS=my-app,,another", "CHAT_PLAIN_CLIENTS"},
		"sign-up for everybody":         {"CHAT_VCHAT_SIGNUP=open\nCHAT_ADDR=:8080", ""},
		"sign-up with an address":       {"CHAT_VCHAT_SIGNUP=verified", ""},
		"no sign-up":                    {"CHAT_VCHAT_SIGNUP=off", ""},
		"sign-up on":                    {"CHAT_VCHAT_SIGNUP=on", "CHAT_VCHAT_SIGNUP"},
	}
	for name, tt := range tests {
		_, err := readConfig(strings.Split(tt.set, "\n"))
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want+" ")):
			t.Errorf("%s: %v, want %s named", name, err, tt.want)
		case err != nil && (strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), good[1:])):
			t.Errorf("%s: the error shows a secret or has two lines: %v", name, err)
		}
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, err := readConfig(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:8080" || c.DataDir != "./data" || c.accessTTL != 15*time.Minute ||
		c.refreshTTL != 720*time.Hour || c.sessionMax != 2160*time.Hour || c.groupLimit != 512 || c.mediaLimit != (media.Limits{Image: 50 << 20, Voice: 50 << 20, Video: 50 << 20, File: 50 << 20, Profile: 50 << 20}) || c.mediaQuota != 2<<30 || c.MediaURL != "" || !c.limits || c.hideAccounts || c.lanes < 2 || c.lanes%2 != 0 ||
		!slices.Equal(c.TrustedProxies, []string{"127.0.0.0/8", "::1/128"}) || c.DatabaseURL != "" || c.SMTPURL != "" {
		t.Errorf("%+v", c)
	}
}

func TestLimitsOfFiles(t *testing.T) {
	t.Parallel()
	c, err := readConfig([]string{"CHAT_MEDIA_LIMIT=50MB,image=20MiB,profile=1048576", "CHAT_MEDIA_QUOTA=0"})
	want := media.Limits{Image: 20 << 20, Voice: 50e6, Video: 50e6, File: 50e6, Profile: 1 << 20}
	if err != nil || c.mediaLimit != want || c.mediaQuota != 0 {
		t.Errorf("%+v, quota %d: %v", c.mediaLimit, c.mediaQuota, err)
	}
}

func TestWhoMaySignUpWithAVChatApp(t *testing.T) {
	t.Parallel()
	for set, want := range map[string]auth.Admission{
		"":                                     auth.AdmitAnybody,
		"CHAT_ADDR=localhost:0":                auth.AdmitAnybody,
		"CHAT_ADDR=[::1]:0":                    auth.AdmitAnybody,
		"CHAT_ADDR=:8080":                      auth.AdmitNobody,
		"CHAT_ADDR=0.0.0.0:8080":               auth.AdmitNobody,
		"CHAT_ADDR=chat.example:80":            auth.AdmitNobody,
		"CHAT_VCHAT_SIGNUP=off":                auth.AdmitNobody,
		"CHAT_VCHAT_SIGNUP=verified":           auth.AdmitVerified,
		"CHAT_VCHAT_SIGNUP=open\nCHAT_ADDR=:1": auth.AdmitAnybody,
	} {
		c, err := readConfig(strings.Split(set, "\n"))
		if err != nil || c.admission != want {
			t.Errorf("%q: %q, want %q: %v", set, c.admission, want, err)
		}
	}
}

func TestWhatFollowsFromTheAddress(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		set     string
		addr    string
		url     string
		origins []string
	}{
		"loopback": {
			"CHAT_ADDR=127.0.0.1:0", "127.0.0.1:4711", "http://127.0.0.1:4711",
			[]string{"http://127.0.0.1:4711", "http://localhost:4711", "http://127.0.0.1:4711", "http://[::1]:4711"},
		},
		"everybody": {
			"CHAT_ADDR=:8080", "[::]:8080", "http://localhost:8080",
			[]string{"http://localhost:8080", "http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"},
		},
		"a public URL": {
			"CHAT_PUBLIC_URL=https://chat.example.org/", "127.0.0.1:8080", "https://chat.example.org",
			[]string{"https://chat.example.org"},
		},
		"origins of one's own": {
			"CHAT_ALLOWED_ORIGINS=https://a.example", "127.0.0.1:8080", "http://127.0.0.1:8080",
			[]string{"https://a.example", "http://127.0.0.1:8080"},
		},
	}
	for name, tt := range tests {
		c, err := readConfig([]string{tt.set})
		if err != nil {
			t.Fatal(err)
		}
		addr, err := net.ResolveTCPAddr("tcp", tt.addr)
		if err != nil {
			t.Fatal(err)
		}
		c.settle(addr)
		if c.publicURL.String() != tt.url || !slices.Equal(c.AllowedOrigins, tt.origins) {
			t.Errorf("%s: %s, %v", name, c.publicURL, c.AllowedOrigins)
		}
	}
}
