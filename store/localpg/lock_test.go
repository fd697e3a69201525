//go:build unix

package localpg

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A child has the lock file open too until it has become another program, and keeps no lock by that.
func TestUnlockedWhileAChildBegins(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.lock")
	unlock, err := lock(path)
	must(t, err)
	inherited := openAs(t, path)
	unlock()
	again, err := lock(path)
	must(t, err)
	again()
	must(t, unix.Close(inherited))
}

// openAs is a second number for the file that this process has open at path.
func openAs(t *testing.T, path string) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	for _, one := range all {
		var fd int
		if _, err := fmt.Sscan(one.Name(), &fd); err != nil {
			t.Fatal(err)
		}
		if at, _ := os.Readlink("/proc/self/fd/" + one.Name()); at == path {
			second, err := unix.Dup(fd)
			must(t, err)
			return second
		}
	}
	t.Fatalf("%s is not open", path)
	return 0
}
