//go:build unix

package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// listed is one process of the machine.
type listed struct {
	pid     int
	uid     uint32
	command string // the command line, its words joined by blanks
}

// evict ends what an earlier server, or a postmaster that was killed, left running
// on the cluster, and returns when it has ended. Postgres itself would refuse to
// start beside it. The caller holds the lock, so no living server is hurt.
func (c *cluster) evict(ctx context.Context) error {
	for _, step := range []struct {
		signal   syscall.Signal
		patience time.Duration
	}{
		{syscall.SIGINT, 20 * time.Second},
		{syscall.SIGQUIT, cutOffAfter},
		{syscall.SIGKILL, cutOffAfter},
	} {
		if gone, err := c.dismiss(ctx, step.signal, step.patience); gone || err != nil {
			return err
		}
	}
	return fmt.Errorf("postgres processes on %s do not end", c.dir)
}

// dismiss sends sig to what is left and returns true once nothing is. A backend
// takes an interrupt as the end of its query, so that goes to a postmaster only.
func (c *cluster) dismiss(ctx context.Context, sig syscall.Signal, patience time.Duration) (bool, error) {
	left, err := c.remains()
	if err != nil || len(left) == 0 {
		return err == nil, err
	}
	head := c.postmaster()
	signalled := false
	for _, r := range left {
		if sig != syscall.SIGINT || r.pid == head {
			c.signal(r.pid, sig)
			signalled = true
		}
	}
	if !signalled {
		return false, nil
	}
	c.log.Warn("stopping a database process that was left running", "pid", left[0].pid, "signal", sig.String())
	deadline := time.Now().Add(patience)
	// They are not our children, so nobody tells us when they end.
	for time.Now().Before(deadline) {
		if !wait(ctx, 25*time.Millisecond) {
			return false, fmt.Errorf("wait for a left database process: %w", ctx.Err())
		}
		if left, err = c.remains(); err != nil || len(left) == 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// signal sends sig if the process is still one of ours: the handle is taken before
// looking, so where handles exist it cannot be a later one with the same number.
func (c *cluster) signal(pid int, sig syscall.Signal) {
	handle, err := os.FindProcess(pid)
	if err != nil {
		return
	}
	defer func() { _ = handle.Release() }()
	left, err := c.remains()
	if err != nil {
		return
	}
	for _, r := range left {
		if r.pid == pid {
			_ = handle.Signal(sig)
		}
	}
}

// remains lists the processes of this cluster: every one of them shows its id.
func (c *cluster) remains() ([]listed, error) {
	all, err := listProcesses()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var left []listed
	for _, r := range all {
		if r.uid == c.account.uid && c.owns(r.command) {
			left = append(left, r)
		}
	}
	return left, nil
}

// owns tells whether a command line is that of our postmaster or of a backend,
// which writes its title over it. A psql that merely names our socket is neither.
func (c *cluster) owns(command string) bool {
	if strings.HasPrefix(command, "postgres: "+c.id+": ") {
		return true
	}
	return strings.Contains(command, "postgres -D ") && strings.Contains(command, " cluster_name="+c.id+" ")
}

// postmaster is the pid that the cluster's postmaster wrote down, 0 if none did.
func (c *cluster) postmaster() int {
	raw, err := os.ReadFile(filepath.Join(c.dir, "postmaster.pid"))
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || pid <= 1 {
		return 0
	}
	return pid
}

// forget removes the mark of a dead postmaster whose number another process has by
// now: Postgres would take that for its predecessor. Nothing of ours runs any more,
// and Postgres still checks by shared memory that nobody uses the cluster.
func (c *cluster) forget() error {
	pid := c.postmaster()
	if pid == 0 || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return nil
	}
	all, err := listProcesses()
	if err != nil {
		return fmt.Errorf("list processes: %w", err)
	}
	for _, r := range all {
		if r.pid == pid && c.foreign(r) {
			return fmt.Errorf("%w: a postgres that was started by hand (pid %d) runs on %s, stop it first", ErrInUse, pid, c.dir)
		}
	}
	if err := os.Remove(filepath.Join(c.dir, "postmaster.pid")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove stale postmaster.pid: %w", err)
	}
	return nil
}

// foreign tells whether r is a postmaster on our cluster that we did not start.
func (c *cluster) foreign(r listed) bool {
	program, args, _ := strings.Cut(r.command, " ")
	switch filepath.Base(program) {
	case "postgres", "postmaster":
		return strings.Contains(args, c.dir) || worksIn(r.pid, c.dir)
	}
	return false
}
