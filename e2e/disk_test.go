package e2e

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A database whose disk is full refuses what it has no room for, and so does the server, in
// words. What there is can still be read, as long as Postgres lives. When somebody has
// made room, all goes on.
func TestTheDiskIsFull(t *testing.T) {
	t.Parallel()
	d := &disk{}
	pg := newPostgres(t, func(data string) { d.mount(t, data) })
	s := newServer(t, "full", "CHAT_DATABASE_URL="+pg.url())
	c := newCompany(t, s)
	c.talk(t, "before")
	quiet := s.logged(t)

	if err := d.fill(pg); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	var throng sync.WaitGroup
	throng.Go(func() { c.throng.keepSending(t, over) })
	acks := make(chan reply, 60)
	for i := range cap(acks) {
		c.say(fmt.Sprint("large", i), incompressible(t), func(r reply) { acks <- r })
	}
	refused := 0
	limit := time.NewTimer(2 * patience) // many of them, and each of them in time
	defer limit.Stop()
	for range cap(acks) {
		select {
		case r := <-acks:
			if r.Success {
				continue
			}
			refused++
			if !slices.Contains(d.codes, r.Code) {
				t.Errorf("a send to a full disk is answered by %+v", r)
			}
		case <-c.sender.ended:
			t.Fatal("a line ended for its sends")
		case <-limit.C:
			t.Fatal("not all sends were answered")
		}
	}
	if refused == 0 {
		t.Error("the disk was not full")
	}
	t.Logf("%d of %d large messages were refused", refused, cap(acks))

	if err := d.free(pg); err != nil {
		t.Fatal(err)
	}
	err := poll(t.Context(), "postgres with some room", func() (bool, error) {
		if !pg.running() { // it may have ended for want of room for its log
			return true, pg.start(t.Context())
		}
		return pg.ask(t.Context(), "SELECT 1", nil) == nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c.awaitReady(t)
	close(over)
	throng.Wait()
	c.comesBack(t)
	c.throng.hasAll(t)
	fewLines(t, s, quiet)
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}

// incompressible is a message of nearly the most that one may have.
func incompressible(t testing.TB) string {
	t.Helper()
	b := make([]byte, 12<<10)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return base64.RawStdEncoding.EncodeToString(b)
}

// disk is a small one, if we may mount one. Else it is a limit on the size of files, which
// Postgres takes for a full disk.
type disk struct {
	mounted string
	codes   []string // that a refused send may have
}

const (
	diskSize = 64 << 20
	fileSize = 2<<20 + 100 // in the middle of a page
)

func (d *disk) mount(t testing.TB, dir string) {
	t.Helper()
	d.codes = []string{"unavailable", "busy"}
	err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", diskSize))
	if errors.Is(err, unix.EPERM) {
		// Since version 16 Postgres calls it an internal error.
		d.codes = append(d.codes, "internal")
		return
	}
	if err != nil {
		t.Fatalf("mount a small disk: %v", err)
	}
	d.mounted = dir
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Errorf("unmount the small disk: %v", err)
		}
	})
}

func (d *disk) filler() string { return filepath.Join(d.mounted, "filler") }

// fill leaves no room.
func (d *disk) fill(pg *ownPostgres) error {
	if d.mounted == "" {
		return limitFiles(pg, fileSize)
	}
	f, err := os.Create(d.filler())
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	for {
		if _, err := f.Write(make([]byte, 4<<10)); errors.Is(err, unix.ENOSPC) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// free makes room again.
func (d *disk) free(pg *ownPostgres) error {
	if d.mounted == "" {
		return limitFiles(pg, unix.RLIM_INFINITY)
	}
	return os.Remove(d.filler())
}

func limitFiles(pg *ownPostgres, size uint64) error {
	for _, pid := range familyOf(pg.cmd.Process.Pid) {
		limit := unix.Rlimit{Cur: size, Max: unix.RLIM_INFINITY}
		if err := unix.Prlimit(pid, unix.RLIMIT_FSIZE, &limit, nil); err != nil && !errors.Is(err, unix.ESRCH) {
			return fmt.Errorf("limit the files of postgres: %w", err)
		}
	}
	return nil
}
