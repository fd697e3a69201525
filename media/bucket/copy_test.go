package bucket_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"expresschat/media"
	"expresschat/media/bucket"
)

// All files get to another kind of bucket and back with what is said of them, what is there is
// passed by, and nothing else is taken for a file.
func TestCopies(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from, far, back := open(t, "", filepath.Join(dir, "from")), open(t, "mem://", ""), open(t, "", filepath.Join(dir, "back"))
	files := map[string]media.About{
		"messages/a.png": {MIME: "image/png", Title: "été 1.png"}, "messages/b.bin": {MIME: "text/html", Title: "a/b%2F?.html"},
		"messages/c.txt": {MIME: "text/plain"}, "profile/d.jpg": {MIME: "image/jpeg"},
	}
	for key, a := range files {
		if err := from.Write(t.Context(), key, a, strings.NewReader("content of "+key)); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range map[string]string{"messages/e.png.18a.tmp": "half", "messages/README": "", "notes.txt": "", "messages/c.txt": "cut off"} {
		where := "from"
		if name == "messages/c.txt" { // as an interrupted copy of another program leaves it
			where = "back"
			_ = os.MkdirAll(filepath.Join(dir, where, "messages"), 0o700)
		}
		if err := os.WriteFile(filepath.Join(dir, where, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bytes := int64(4 * len("content of messages/a.png"))
	bytes -= int64(len("messages/") - len("profile/"))
	expectCopy(t, from, far, bucket.Copied{Files: 4, Bytes: bytes})
	expectCopy(t, far, back, bucket.Copied{Files: 4, Bytes: bytes})
	expectCopy(t, from, back, bucket.Copied{There: 4})
	for key, a := range files {
		o, err := back.Open(t.Context(), key)
		if err != nil || o.About != a {
			t.Errorf("%s: %+v, %v", key, o.About, err)
			continue
		}
		if got, err := io.ReadAll(o); err != nil || string(got) != "content of "+key {
			t.Errorf("%s: %q, %v", key, got, err)
		}
		_ = o.Close()
	}
	if left := list(t, filepath.Join(dir, "back")); len(left) != 8 { // each with what is said of it
		t.Errorf("copied %q", left)
	}
	_ = far.Close()
	if got, err := from.CopyTo(t.Context(), far); err == nil || errors.Is(err, media.ErrNoFile) || got.Files > 0 {
		t.Errorf("to a bucket that is away: %+v, %v", got, err)
	}
}

func expectCopy(t *testing.T, from, to *bucket.Bucket, want bucket.Copied) {
	t.Helper()
	if got, err := from.CopyTo(t.Context(), to); err != nil || got != want {
		t.Errorf("copied %+v, want %+v: %v", got, want, err)
	}
}
