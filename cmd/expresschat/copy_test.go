package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"expresschat/media"
	"expresschat/media/bucket"
)

func TestFilesAreCopied(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	to := "file://" + filepath.Join(dir, "backup")
	b, err := bucket.Open(t.Context(), "", filepath.Join(dir, "media"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Write(t.Context(), "messages/a.txt", media.About{MIME: "text/plain"}, strings.NewReader("hello")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		dir, args      string
		code           int
		stdout, stderr string
	}{
		{dir, "copy " + to, 0, "1 files of 5 bytes copied, 0 were there\n", ""},
		{dir, "copy " + to, 0, "0 files of 0 bytes copied, 1 were there\n", ""},
		{filepath.Join(dir, "elsewhere"), "copy " + to, 1, "", "expresschat: there are no files in " + dir},
		{dir, "copy ftp://swordfish/x", 1, "", `expresschat: copy to "s3://`},
		{dir, "copy ", 2, "", "expresschat is a chat server"},
		{dir, "copy", 2, "", "expresschat is a chat server"},
		{dir, "move " + to, 2, "", "expresschat is a chat server"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), append([]string{"files"}, strings.Split(tt.args, " ")...), []string{"CHAT_DATA_DIR=" + tt.dir}, &stdout, &stderr)
		if code != tt.code || stdout.String() != tt.stdout || !strings.HasPrefix(stderr.String(), tt.stderr) || strings.Contains(stderr.String(), "swordfish") {
			t.Errorf("%s: code %d, %q, %q", tt.args, code, stdout.String(), stderr.String())
		}
	}
}
