//go:build unix

package localpg

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

const lockSuffix = ".lock"

// lock takes the lock file at path, which the kernel gives back when we die. It
// fails with ErrInUse. The file stays: removing it would let two have it.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w: another server holds %s", ErrInUse, path)
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	// Closing the file is not enough: a child that is between fork and exec has it open as well.
	return func() { _ = unix.Flock(int(f.Fd()), unix.LOCK_UN); _ = f.Close() }, nil
}
