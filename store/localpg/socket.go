//go:build unix

package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	socketName = ".s.PGSQL." + socketPort
	// maxSocketPath is what fits into a socket address on macOS; Linux takes 107.
	maxSocketPath = 103
)

// makeSocketDir makes the folder of the cluster's socket, which only the account
// (and root) can enter. Data folders may have paths too long for a socket. The name
// is the same at every start, so a killed server leaves at most this one behind.
func makeSocketDir(ctx context.Context, name string, a account, p programs) (string, error) {
	bases := []string{os.TempDir(), "/tmp"}
	if os.Geteuid() == 0 {
		bases = append([]string{"/run", "/var/run"}, bases...)
	}
	var errs []error
	for _, base := range bases {
		dir := filepath.Join(base, name)
		err := makePrivate(dir, a)
		if err == nil {
			var ok bool
			if ok, err = a.reaches(ctx, p, dir); ok {
				return dir, nil
			}
			_ = os.Remove(dir)
		}
		errs = append(errs, fmt.Errorf("%s: %w", dir, errors.Join(err, ctx.Err())))
	}
	return "", fmt.Errorf("no folder for the database's socket: %w", errors.Join(errs...))
}

// makePrivate makes dir, or takes it over from a killed server. The folder above
// may be everybody's: what lies there under our name is trusted only if it is a
// folder (no link) of our own, which nobody else can then replace.
func makePrivate(dir string, a account) error {
	if len(dir)+1+len(socketName) > maxSocketPath || strings.ContainsAny(dir, `,"' `) {
		return errors.New("not a path for a socket")
	}
	above, err := os.Stat(filepath.Dir(dir))
	if err != nil {
		return err
	}
	if above.Mode().Perm()&0o022 != 0 && above.Mode()&fs.ModeSticky == 0 {
		return errors.New("others may replace it")
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner := info.Sys().(*syscall.Stat_t).Uid
	switch {
	case !info.IsDir():
		return errors.New("it is not a folder")
	case int(owner) == os.Geteuid():
		if err := os.Chmod(dir, 0o700); err != nil {
			return err
		}
		return a.own(dir)
	case owner != a.uid:
		return errors.New("it belongs to somebody else")
	case info.Mode().Perm() != 0o700:
		return errors.New("others can enter it")
	}
	return nil
}
