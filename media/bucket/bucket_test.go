package bucket_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"expresschat/media"
	"expresschat/media/bucket"
)

const key = "messages/abc.png"

var about = media.About{MIME: "image/png", Title: "été.png"}

func open(t *testing.T, address, dir string) *bucket.Bucket {
	t.Helper()
	b, err := bucket.Open(t.Context(), address, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// folders are a folder and a bucket in memory, with what is in the folder.
func both(t *testing.T, test func(t *testing.T, b *bucket.Bucket)) {
	for name, address := range map[string]string{"a folder": "", "memory": "mem://"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t, address, t.TempDir()))
		})
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, b *bucket.Bucket) {
		content := strings.Repeat("0123456789", 20_000)
		if err := b.Write(t.Context(), key, about, strings.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		o, err := b.Open(t.Context(), key)
		if err != nil || o.About != about || o.Size != int64(len(content)) {
			t.Fatalf("%+v, %d bytes: %v", o.About, o.Size, err)
		}
		if err := iotest.TestReader(o, []byte(content)); err != nil {
			t.Error(err)
		}
		_ = o.Close()
		for range 2 {
			if err := b.Remove(t.Context(), key); err != nil {
				t.Error(err)
			}
		}
		if _, err := b.Open(t.Context(), key); !errors.Is(err, media.ErrNoFile) {
			t.Errorf("removed: %v", err)
		}
	})
}

// What breaks off leaves nothing, and what was there before as it was.
func TestAWriteThatBreaksOff(t *testing.T) {
	t.Parallel()
	broke := errors.New("broke off")
	both(t, func(t *testing.T, b *bucket.Bucket) {
		for _, n := range []int{0, 10, 100_000} {
			r := io.MultiReader(bytes.NewReader(make([]byte, n)), iotest.ErrReader(broke))
			if err := b.Write(t.Context(), key, about, r); !errors.Is(err, broke) {
				t.Errorf("after %d bytes: %v", n, err)
			}
			if _, err := b.Open(t.Context(), key); !errors.Is(err, media.ErrNoFile) {
				t.Errorf("after %d bytes: %v", n, err)
			}
		}
	})
	dir := t.TempDir()
	b := open(t, "", dir)
	_ = b.Write(t.Context(), key, about, iotest.ErrReader(broke))
	if left := list(t, dir); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What a process left that was killed while it wrote goes with its name, and nothing else.
func TestAWriterThatWasKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, "", filepath.Join(dir, "media"))
	if err := b.Write(t.Context(), "messages/abcd.png", about, strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	for _, scrap := range []string{"abc.png.18a.tmp", "abc.png.attrs"} {
		if err := os.WriteFile(filepath.Join(dir, "media", "messages", scrap), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Remove(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if left := list(t, dir); len(left) != 2 || left[0] != "abcd.png" || left[1] != "abcd.png.attrs" {
		t.Errorf("left %q", left)
	}
}

// The folder is nobody else's to look into, and all that is written is in it: a name is given
// within one file system.
func TestTheFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data", "media")
	b := open(t, "", dir)
	during := readerFunc(func([]byte) (int, error) {
		if left := list(t, dir); len(left) != 1 || !strings.HasSuffix(left[0], ".tmp") {
			t.Errorf("while it is written: %q", left)
		}
		return 0, io.EOF
	})
	if err := b.Write(t.Context(), key, about, during); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, filepath.Join(dir, "messages")} {
		if info, err := os.Stat(d); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", d, info.Mode(), err)
		}
	}
	if again := open(t, "file://"+dir, ""); again.Remove(t.Context(), key) != nil || len(list(t, dir)) > 0 {
		t.Errorf("by its address: %q", list(t, dir))
	}
	// A folder that is gone says nothing of what is in it.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := b.Remove(t.Context(), key); err == nil {
		t.Error("removed from a folder that is gone")
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestAddresses(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const away = "127.0.0.1:1" // where nobody listens: a bucket that is away is opened
	for address, ok := range map[string]bool{
		"": true, "mem://": true, "file://" + dir: true, "s3://bucket?region=eu-central-1": true,
		"s3://bucket?region=x&endpoint=http://" + away + "&use_path_style=true": true,
		"s3://bucket?region=x&secret=swordfish":                                 false,
		"s3://":                                                                 false, "s3://key:swordfish@bucket": false, "gs://bucket": false, "swordfish": false, "http://swordfish": false,
		"file://swordfish/x": false, "file://" + file: false, "s3://bucket?swordfish=%zz": false, "://swordfish": false,
	} {
		b, err := bucket.Open(t.Context(), address, filepath.Join(dir, "media"))
		if (err == nil) != ok || err != nil && strings.Contains(err.Error(), "swordfish") {
			t.Errorf("%s: %v", address, err)
		}
		if err == nil {
			_ = b.Close()
		}
	}
}
