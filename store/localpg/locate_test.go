//go:build unix

package localpg

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

func script(t *testing.T, path, body string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700))
	must(t, os.Chmod(path, 0o755))
}

// fakePrograms makes a Postgres of the given major version that can only say so.
func fakePrograms(t *testing.T, major int) string {
	t.Helper()
	dir := openFolder(t)
	script(t, filepath.Join(dir, "postgres"), "echo 'postgres (PostgreSQL) "+itoa(major)+".3 (Debian "+itoa(major)+".3-1)'")
	script(t, filepath.Join(dir, "initdb"), "exit 1")
	return dir
}

// A root server's Postgres cannot enter a folder below one of mode 0700, whoever
// else can.
func TestClusterOfAClosedFolder(t *testing.T) {
	t.Parallel()
	top := openFolder(t)
	closed := filepath.Join(top, "closed")
	must(t, os.Mkdir(closed, 0o700))
	o := quick(filepath.Join(closed, "data"))
	o.SystemDir = filepath.Join(top, "system")
	s := mustStart(t, o)
	keep(t, s.URL())

	inside := filepath.Join(o.DataDir, insideName)
	where, err := readLocation(filepath.Join(o.DataDir, locationName))
	must(t, err)
	if os.Geteuid() != 0 {
		if where != "" || s.cluster.dir != inside {
			t.Errorf("the cluster lies in %s, recorded %q", s.cluster.dir, where)
		}
		return
	}
	if where != s.cluster.dir || filepath.Dir(where) != o.SystemDir {
		t.Errorf("the cluster lies in %s, recorded %q", s.cluster.dir, where)
	}
	if _, err := os.Lstat(inside); !os.IsNotExist(err) {
		t.Errorf("something lies in %s: %v", inside, err)
	}

	twin := o
	twin.DataDir = filepath.Join(closed, "copy")
	must(t, os.CopyFS(twin.DataDir, os.DirFS(o.DataDir)))
	if _, err := Start(limited(t), twin); !errors.Is(err, ErrInUse) {
		t.Errorf("start on a copy that names the same cluster: %v", err)
	}
	mustStop(t, s)
	again := mustStart(t, o)
	kept(t, again.URL())
	mustStop(t, again)
}

func TestFirstStartKilledBeforeItsRecord(t *testing.T) {
	t.Parallel()
	top := openFolder(t)
	closed := filepath.Join(top, "closed")
	must(t, os.Mkdir(closed, 0o700))
	o := quick(filepath.Join(closed, "data"))
	o.SystemDir = filepath.Join(top, "system")
	s := mustStart(t, o)
	keep(t, s.URL())
	mustStop(t, s)
	// As if the last step had not happened; a cluster inside has no such step.
	err := os.Rename(filepath.Join(o.DataDir, locationName), filepath.Join(o.DataDir, pendingName))
	if os.Geteuid() == 0 {
		must(t, err)
	}
	again := mustStart(t, o)
	kept(t, again.URL())
	mustStop(t, again)
}

func TestRecordedClusterIsMissing(t *testing.T) {
	t.Parallel()
	o := quick(dataFolder(t))
	record := filepath.Join(o.DataDir, locationName)
	must(t, os.WriteFile(record, []byte("/nonexistent/cluster\n"), 0o600))
	_, err := Start(limited(t), o)
	contains(t, err, record, "/nonexistent/cluster", "remove the file")
}

func TestFolderIsNoCluster(t *testing.T) {
	t.Parallel()
	o := quick(dataFolder(t))
	dir := filepath.Join(o.DataDir, insideName)
	must(t, os.Mkdir(dir, 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "holiday.jpg"), nil, 0o600))
	_, err := Start(limited(t), o)
	contains(t, err, dir, "neither empty nor a database")

	must(t, os.Remove(filepath.Join(dir, "holiday.jpg")))
	mustStop(t, mustStart(t, o)) // an empty one is taken
}

func TestClusterOfSomebodyElse(t *testing.T) {
	t.Parallel()
	_, err := ownerOf("/")
	contains(t, err, "belongs to", "/")
}

func TestNoPostgresInstalled(t *testing.T) {
	t.Parallel()
	for name, dirs := range map[string][]string{
		"nothing":      {"/nonexistent"},
		"too old":      {fakePrograms(t, 13)},
		"only a part":  {t.TempDir()},
		"no such list": nil,
	} {
		_, err := start(limited(t), quick(dataFolder(t)), surroundings{candidates: dirs})
		if !errors.Is(err, ErrNoPostgres) {
			t.Errorf("%s: %v", name, err)
		}
		contains(t, err, "apt-get install postgresql", "brew install postgresql", "CHAT_DATABASE_URL")
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: not one line: %q", name, err)
		}
	}
}

func TestClusterNeedsItsOwnVersion(t *testing.T) {
	t.Parallel()
	o := quick(dataFolder(t))
	dir := filepath.Join(o.DataDir, insideName)
	must(t, os.Mkdir(dir, 0o700))
	must(t, os.WriteFile(filepath.Join(dir, versionFile), []byte("12\n"), 0o600))
	a, err := newAccount()
	must(t, err)
	must(t, a.own(dir))
	_, err = start(limited(t), o, surroundings{candidates: []string{fakePrograms(t, 17)}})
	if !errors.Is(err, ErrNoPostgres) {
		t.Errorf("start: %v", err)
	}
	contains(t, err, "needs PostgreSQL 12", dir)

	twelve := fakePrograms(t, 12)
	p, err := matching(limited(t), []string{fakePrograms(t, 17), twelve}, dir)
	must(t, err)
	if p.dir != twelve {
		t.Errorf("picked version %d", p.major)
	}
}

func TestNewestIsPicked(t *testing.T) {
	t.Parallel()
	old, recent, first := fakePrograms(t, 9), fakePrograms(t, 17), fakePrograms(t, 16)
	p, err := newest(limited(t), []string{first, old, recent, fakePrograms(t, 17)})
	must(t, err)
	if p.dir != recent || p.major != 17 {
		t.Errorf("picked %+v", p)
	}
}
