//go:build unix

package localpg

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSocketFolderIsNobodyElses(t *testing.T) {
	t.Parallel()
	a, err := newAccount()
	must(t, err)
	tests := map[string]struct {
		prepare func(t *testing.T, dir string)
		want    string // in the error
	}{
		"a new one": {func(*testing.T, string) {}, ""},
		"left by a killed server": {func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir, 0o700))
			must(t, a.own(dir))
		}, ""},
		"left half made": {func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir, 0o500))
		}, ""},
		"left by another user": {func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir, 0o700))
			give(t, dir, a.uid+1)
		}, asRoot("somebody else")},
		"left open": {func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir, 0o755))
			give(t, dir, a.uid)
		}, asRoot("others can enter it")},
		"a link": {func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir+".there", 0o700))
			must(t, a.own(dir+".there"))
			must(t, os.Symlink(dir+".there", dir))
		}, "not a folder"},
		"a file": {func(t *testing.T, dir string) {
			must(t, os.WriteFile(dir, nil, 0o600))
		}, "not a folder"},
		"below an open folder": {func(t *testing.T, dir string) {
			must(t, os.Chmod(filepath.Dir(dir), 0o777))
		}, "others may replace it"},
		"below a folder that is gone": {func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Dir(dir)))
		}, "no such file"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(openFolder(t), "socket")
			test.prepare(t, dir)
			err := makePrivate(dir, a)
			if test.want != "" {
				contains(t, err, test.want)
				return
			}
			must(t, err)
			info, err := os.Lstat(dir)
			must(t, err)
			if info.Mode().Perm() != 0o700 {
				t.Errorf("mode %v", info.Mode())
			}
		})
	}
	contains(t, makePrivate("/tmp/"+strings.Repeat("x", 100), a), "not a path for a socket")
	contains(t, makePrivate("/tmp/a,b", a), "not a path for a socket")
}

// asRoot is the error that only root meets: others have no folders but their own.
func asRoot(text string) string {
	if os.Geteuid() == 0 {
		return text
	}
	return ""
}

// give hands dir to another user, which only root can.
func give(t *testing.T, dir string, uid uint32) {
	t.Helper()
	if os.Geteuid() == 0 {
		must(t, os.Lchown(dir, int(uid), 0))
	}
}
