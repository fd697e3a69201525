package mailer_test

import (
	"strings"
	"testing"

	"expresschat/auth/mailer"
)

func TestMailURLs(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	tests := map[string]struct{ url, want string }{ // want is part of the error
		"submission":               {"smtp://ana:s3cr3t@mail.example:587", ""},
		"submission, default port": {"smtp://mail.example", ""},
		"submissions":              {"smtps://ana%40mail.example:s3cr3t%2F%3A@mail.example", ""},
		"plain":                    {"smtp://[::1]:2525/?tls=none", ""},
		"plain with a password":    {"smtp://ana:s3cr3t@localhost:25?tls=none", ""},
		"opportunistic":            {"smtp://mail.example:25?tls=opportunistic", ""},
		"empty":                    {"", "scheme"},
		"no scheme":                {"mail.example:587", "not a URL"},
		"http":                     {"http://ana:s3cr3t@mail.example", "scheme"},
		"no slashes":               {"smtp:ana:s3cr3t@mail.example", "not a URL"},
		"no host":                  {"smtp://ana:s3cr3t@", "host"},
		"no host, but a port":      {"smtp://:587", "host"},
		"port 0":                   {"smtp://ana:s3cr3t@mail.example:0", "port"},
		"port too high":            {"smtp://ana:s3cr3t@mail.example:65536", "port"},
		"port in words":            {"smtp://ana:s3cr3t@mail.example:smtp", "not a URL"},
		"user only":                {"smtp://s3cr3t@mail.example", "together"},
		"password only":            {"smtp://:s3cr3t@mail.example", "together"},
		"raw percent":              {"smtp://ana:s3cr3t%zz@mail.example", "percent-encoded"},
		"raw slash":                {"smtp://ana:1/s3cr3t@mail.example", "percent-encoded"},
		"raw question mark":        {"smtp://ana:1?s3cr3t@mail.example", "?tls="},
		"raw hash":                 {"smtp://ana:1#s3cr3t@mail.example", "percent-encoded"},
		"line break":               {"smtp://ana:s3cr3t@mail.example\n", "not a URL"},
		"a path":                   {"smtp://ana:s3cr3t@mail.example/x", "follow"},
		"unknown tls":              {"smtp://ana:s3cr3t@mail.example?tls=maybe", "?tls="},
		"unknown option":           {"smtp://ana:s3cr3t@mail.example?x=none", "?tls="},
		"smtps without tls":        {"smtps://ana:s3cr3t@mail.example?tls=none", "smtps"},
		"opportunistic password":   {"smtp://ana:s3cr3t@mail.example?tls=opportunistic", "?tls=opportunistic"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := mailer.NewSMTP(test.url, "ExpressChat <no-reply@localhost>")
			if test.want == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want something of %q", err, test.want)
			}
			if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

func TestMailSenders(t *testing.T) {
	t.Parallel()
	for from, ok := range map[string]bool{
		"ExpressChat <no-reply@localhost>": true,
		"no-reply@chat.example":            true,
		"Chat <hallo@grüße.example>":       true,
		"":                                 false,
		"ExpressChat":                      false,
		"a@b.example, c@d.example":         false,
		"Chat\nBcc: x <a@b.example>":       false,
	} {
		if _, err := mailer.NewSMTP("smtp://localhost", from); (err == nil) != ok {
			t.Errorf("%q: got %v", from, err)
		}
	}
}
