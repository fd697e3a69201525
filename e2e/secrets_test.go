package e2e

import (
	"regexp"
	"testing"
)

// withoutTokens is a text for the output of a failed test, with what may be a token left
// out: whatever looks like one, and all of every query string.
func withoutTokens(text string) string {
	text = regexp.MustCompile(`\?[^\s"'<>]+`).ReplaceAllString(text, "?...")
	return regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]*`).ReplaceAllString(text, "<token>")
}

func TestFailuresShowNoTokens(t *testing.T) {
	t.Parallel()
	const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.dGhlIHNpZ25hdHVyZQ"
	tests := map[string]struct{ said, shown string }{
		"a request in nginx's log": {
			`*1 upstream prematurely closed connection, client: 127.0.0.1, request: "GET /socket.io/?EIO=4&accessToken=` +
				token + ` HTTP/1.1", upstream: "http://127.0.0.1:80/socket.io/?EIO=4&refreshToken=abc", host: "chat"`,
			`*1 upstream prematurely closed connection, client: 127.0.0.1, request: "GET /socket.io/?... HTTP/1.1", ` +
				`upstream: "http://127.0.0.1:80/socket.io/?...", host: "chat"`,
		},
		"an event":         {`{"args":[{"accessToken":"` + token + `"}]}`, `{"args":[{"accessToken":"<token>"}]}`},
		"a cookie":         {"access_token=" + token + "; Path=/", "access_token=<token>; Path=/"},
		"just a question":  {"what now? nothing", "what now? nothing"},
		"a line of a log":  {`level=WARN msg="slow reader" socket=42`, `level=WARN msg="slow reader" socket=42`},
		"an address alone": {"http://127.0.0.1:80/readyz", "http://127.0.0.1:80/readyz"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := withoutTokens(tt.said); got != tt.shown {
				t.Errorf("%s", got)
			}
		})
	}
}
