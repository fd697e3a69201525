//go:build unix

package localpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// initSuffix marks a cluster in the making.
const initSuffix = ".init-"

// initialise makes the cluster, in a folder beside its own that is renamed when it
// is complete, so a cluster is there as a whole or not at all.
func (c *cluster) initialise(ctx context.Context) error {
	c.sweepInit()
	parent, name := filepath.Split(c.dir)
	dir, err := os.MkdirTemp(parent, name+initSuffix)
	if err != nil {
		return fmt.Errorf("make cluster folder: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := c.account.own(dir); err != nil {
		return err
	}
	if err := c.initdb(ctx, dir); err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	// At most an empty folder, or else it would not be a first start.
	if err := os.Remove(c.dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("put cluster in place: %w", err)
	}
	if err := os.Rename(dir, c.dir); err != nil {
		return fmt.Errorf("put cluster in place: %w", err)
	}
	return syncDir(parent)
}

func (c *cluster) initdb(ctx context.Context, dir string) error {
	cmd := c.account.command(dir, c.programs.initdb(), "-D", dir,
		"--username="+superuserName, "--encoding=UTF8", "--locale=C", "--data-checksums",
		// The socket's folder is what keeps others out, see Package localpg.
		"--auth-local=trust", "--auth-host=reject", "--no-instructions")
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.WaitDelay = 5 * time.Second // for its own programs to let go of the output
	p, err := launch(cmd, syscall.SIGKILL)
	if err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		p.kill()
		return ctx.Err()
	}
	if p.err != nil {
		return fmt.Errorf("%w%s", p.err, quoted(output.String()))
	}
	return nil
}

// sweepInit removes clusters whose making was interrupted. The caller holds the lock.
func (c *cluster) sweepInit() {
	parent, name := filepath.Split(c.dir)
	entries, err := os.ReadDir(parent)
	if err != nil {
		return // making the new one will say why
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), name+initSuffix) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(parent, e.Name())); err != nil {
			c.log.Warn("an unfinished database is left", "dir", filepath.Join(parent, e.Name()), "error", err)
		}
	}
}

// syncDir makes a rename in dir durable.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}
