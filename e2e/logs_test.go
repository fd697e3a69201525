package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
)

// confided is what the tests tell servers that must be in no log of theirs: addresses,
// passwords, codes, tokens and what is said. The harness notes it as it passes by.
type confided struct {
	mu sync.Mutex
	// known is by the first bytes, so that a log is searched once for all of it.
	known map[string][]string
}

const (
	// confidedHead is how many bytes those are. What is shorter may well be in a log by
	// chance, and codes are looked for by themselves.
	confidedHead = 8
	codeSize     = 6
)

// confidedKeys are those of what is noted, in requests, answers and events.
var confidedKeys = map[string]bool{
	"email": true, "password": true, "current": true, "token": true, "content": true, "message": true,
	"fcmtoken": true, "endpoint": true, "p256dh": true, "peeremail": true, "peeremails": true, "accesstoken": true, "acesstoken": true, "refreshtoken": true,
}

// note keeps a value, unless it is one that logs may have for other reasons: of what is
// only letters, many words are.
func (c *confided) note(values ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, v := range values {
		head := v
		switch {
		case isCode(v):
		case len(v) < confidedHead || strings.IndexFunc(v, func(r rune) bool { return !unicode.IsLetter(r) }) < 0:
			continue
		default:
			head = v[:confidedHead]
		}
		if c.known == nil {
			c.known = map[string][]string{}
		}
		c.known[head] = append(c.known[head], v)
	}
}

func isCode(v string) bool { return len(v) == codeSize && strings.Trim(v, "0123456789") == "" }

// noteIn notes what is confided in something that goes over the wire as JSON.
func (c *confided) noteIn(v any) {
	text, err := json.Marshal(v)
	if err != nil {
		return
	}
	c.noteJSON(text)
}

func (c *confided) noteJSON(text []byte) {
	var v any
	if json.Unmarshal(text, &v) == nil {
		c.walk("", v)
	}
}

func (c *confided) walk(key string, v any) {
	switch v := v.(type) {
	case string:
		if confidedKeys[strings.ToLower(key)] {
			c.note(v)
		}
	case []any:
		for _, item := range v {
			c.walk(key, item)
		}
	case map[string]any:
		for k, item := range v {
			c.walk(k, item)
		}
	}
}

func (c *confided) noteValues(values url.Values) {
	for key, list := range values {
		if confidedKeys[strings.ToLower(key)] {
			c.note(list...)
		}
	}
}

// suspicious is what no log of ours has, whoever confided it.
var suspicious = map[string]*regexp.Regexp{
	"an address":                   regexp.MustCompile(`[\w.+-]+@[\w-]+\.[\w.-]*[A-Za-z]`),
	"a token":                      regexp.MustCompile(`eyJ[\w-]{8,}`),
	"a password's hash":            regexp.MustCompile(`\$argon2`),
	"a query with something in it": regexp.MustCompile(`(?i)[?&](access_?token|refresh_?token|token|email|password)=`),
	"a code":                       regexp.MustCompile(`(?i)\b(code|otp|token|verif\w*|reset)\W{1,3}\d{6}\b`),
}

// harmless is what looks like one of those and is none: the version of a module in a stack.
var harmless = regexp.MustCompile(`[\w./-]+@v\d[\w.+-]*`)

// numbered is where a line has numbers of the system's own.
var numbered = regexp.MustCompile(`\[\d+\]|\bpid=\d+|time=\S+`)

// find returns what a log should not have.
func (c *confided) find(log string) (found []string) {
	log = harmless.ReplaceAllString(log, "")
	for what, pattern := range suspicious {
		for _, match := range pattern.FindAllString(log, 3) {
			found = append(found, fmt.Sprintf("%s: %.60q", what, match))
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range len(log) - confidedHead + 1 {
		for _, v := range c.known[log[i:i+confidedHead]] {
			if strings.HasPrefix(log[i:], v) {
				found = append(found, fmt.Sprintf("what was confided: %.60q", v))
			}
		}
	}
	for _, code := range regexp.MustCompile(`\b\d{6}\b`).FindAllString(numbered.ReplaceAllString(log, ""), -1) {
		if c.known[code] != nil {
			found = append(found, fmt.Sprintf("a code of a mail: %q", code))
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// searchLogs looks through all logs of all servers that the tests have started, and of the
// databases of their own. The error tells what is in them and should not be.
func (c *confided) searchLogs(dir string) error {
	var logs []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone since
		}
		if err == nil && !d.IsDir() && strings.Contains(d.Name(), ".log") {
			logs = append(logs, path)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("look for logs: %w", err)
	}
	if len(logs) == 0 {
		return errors.New("there are no logs to search")
	}
	var leaks error
	for _, path := range logs {
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read log: %w", err)
		}
		if found := c.find(string(text)); len(found) > 0 {
			leaks = errors.Join(leaks, fmt.Errorf("%s tells %s", path, strings.Join(found[:min(len(found), 10)], ", ")))
		}
	}
	return leaks
}

// The search finds what it is there for, and nothing in what servers say.
func TestLogsAreSearched(t *testing.T) {
	t.Parallel()
	c := &confided{}
	c.noteIn(obj{"Content": "what I say, quoted", "list": list{obj{"peerEmail": "+49 170 12345"}}, "fcmToken": "bk3RNwTe3H0:CI2k", "endpoint": "https://push.example/abc", "name": "Ana 12345"})
	c.note("482913", "password", "x")
	for log, want := range map[string]bool{
		`level=INFO msg=listening address=127.0.0.1:41234 version=v1`:                           false,
		`level=WARN msg="request failed" what=/login error="no user with Ana 12345"`:            false,
		"goroutine 1\ngithub.com/labstack/echo/v4@v4.16.0/echo.go:1 +0x1\nexpresschat/x@v0.0.1": false,
		`2026-11-27 09:46:16.482 UTC [482913] LOG: password authentication failed`:              false,
		`level=ERROR msg="mail rejected" error="550 <ana@example.org> unknown"`:                 true,
		`level=DEBUG msg=said content="what I say, quoted"`:                                     true,
		`level=DEBUG msg=lookup login="+49 170 12345"`:                                          true,
		`level=INFO msg=verified with=482913`:                                                   true,
		`level=INFO msg=reset code=123456`:                                                      true,
		`level=WARN token=eyJhbGciOiJIUzI1NiJ9.e30.x`:                                           true,
		`level=WARN path="/verify?email=x"`:                                                     true,
		`level=ERROR hash=$argon2id$v=19$m=19456`:                                               true,
		`level=WARN msg="notification delayed" device=bk3RNwTe3H0:CI2k`:                         true,
		`level=WARN error="Post https://push.example/abc: EOF"`:                                 true,
	} {
		if found := c.find(log); (len(found) > 0) != want {
			t.Errorf("in %q was found %v", log, found)
		}
	}
	if err := c.searchLogs(t.TempDir()); err == nil {
		t.Error("no logs are good logs")
	}
}
