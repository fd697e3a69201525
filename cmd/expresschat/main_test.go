package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestCommands(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args   []string
		code   int
		stdout string
		stderr string
	}{
		"version":       {[]string{"version"}, 0, version, ""},
		"help":          {[]string{"help"}, 0, "Usage:", ""},
		"nothing":       {nil, 2, "", "Usage:"},
		"another":       {[]string{"start"}, 2, "", "Usage:"},
		"one too many":  {[]string{"version", "serve"}, 2, "", "Usage:"},
		"no sessions":   {[]string{"sessions"}, 2, "", "Usage:"},
		"a bad setting": {[]string{"serve"}, 1, "", "expresschat: CHAT_GROUP_LIMIT makes no sense"},
	}
	for name, tt := range tests {
		var stdout, stderr bytes.Buffer
		code := run(context.Background(), tt.args, []string{"CHAT_GROUP_LIMIT=0"}, &stdout, &stderr)
		if code != tt.code || !strings.Contains(stdout.String(), tt.stdout) || !strings.Contains(stderr.String(), tt.stderr) {
			t.Errorf("%s: code %d, %q, %q", name, code, stdout.String(), stderr.String())
		}
	}
}
