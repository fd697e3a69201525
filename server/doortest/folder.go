package doortest

import (
	"testing"

	"expresschat/media"
	"expresschat/media/bucket"
)

// Folder is a bucket of the test's own, on the disk.
func Folder(t testing.TB) media.Bucket {
	t.Helper()
	folder, err := bucket.Open(t.Context(), "", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	return folder
}
