package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestWhatSessionsAreAskedFor(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"list ana@example.org":    "list ana@example.org ",
		"end ana@example.org":     "end ana@example.org ",
		"end ana@example.org 1-2": "end ana@example.org 1-2",
		"end --all":               "all  ",
		"end":                     "",
		"list":                    "",
		"list --all":              "",
		"end --all now":           "",
		"end -a":                  "",
		"list ana 1-2":            "",
		"end ana ":                "", // somebody's variable was empty
		"stop ana":                "",
		"":                        "",
	} {
		do, who, id, err := sessionsArgs(strings.Split(args, " "))
		got := do + " " + who + " " + string(id)
		if (err != nil) != (want == "") || (err == nil && got != want) {
			t.Errorf("%q: %q, %v", args, got, err)
		}
	}
}

// Where nothing runs that could be asked, one line says what helps.
func TestSessionsWithoutADatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for set, want := range map[string]string{
		"CHAT_DATA_DIR=" + dir:                                                "expresschat: the private database in " + dir + " is not running: start the server",
		"CHAT_DATABASE_URL=postgres://u:secret@[::":                           "expresschat: CHAT_DATABASE_URL leads nowhere",
		"CHAT_DATABASE_URL=postgres://u:secret@127.0.0.1:1/x?sslmode=disable": "expresschat: look up user: ",
	} {
		var stdout, stderr bytes.Buffer
		code := run(context.Background(), []string{"sessions", "list", "ana@example.org"}, []string{set}, &stdout, &stderr)
		said := stderr.String()
		if code != 1 || stdout.Len() > 0 || !strings.HasPrefix(said, want) || strings.Count(said, "\n") != 1 || strings.Contains(said, "secret") || strings.Contains(said, "ana@") {
			t.Errorf("%s: code %d, %q, %q", set, code, stdout.String(), said)
		}
	}
}
