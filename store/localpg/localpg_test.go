//go:build unix

package localpg

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStartMakesADatabaseThatLasts(t *testing.T) {
	t.Parallel()
	o := quick(dataFolder(t))
	isRunning(t, o, "")
	s := mustStart(t, o)
	isRunning(t, o, s.URL())
	conn := connect(t, s.URL())
	for query, want := range map[string]string{
		`SELECT current_database()`: databaseName,
		`SHOW server_encoding`:      "UTF8",
		`SELECT datcollate FROM pg_database WHERE datname = current_database()`: "C",
		`SHOW data_checksums`:           "on",
		`SHOW listen_addresses`:         "",
		`SHOW is_superuser`:             "off",
		`SHOW jit`:                      "off",
		`SHOW synchronous_commit`:       "on",
		`SHOW unix_socket_permissions`:  "0700",
		`SELECT current_schema()::text`: "public",
	} {
		if got := ask(t, conn, query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	info, err := os.Lstat(s.cluster.socketDir)
	must(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("socket's folder has mode %v", info.Mode())
	}
	keep(t, s.URL())
	left := filepath.Join(s.cluster.dir, "postmaster.pid")
	mark, err := os.ReadFile(left)
	must(t, err)
	mustStop(t, s)
	must(t, s.Stop(limited(t))) // again
	must(t, s.Err())
	isRunning(t, o, "")
	must(t, os.WriteFile(left, mark, 0o600)) // as one that was killed leaves it
	isRunning(t, o, "")
	must(t, os.Remove(left))

	again := mustStart(t, o)
	kept(t, again.URL())
	if s.URL() != again.URL() {
		t.Errorf("the URL changed from %s to %s", s.URL(), again.URL())
	}
	mustStop(t, again)
}

// isRunning looks for the database as a second process does: want is empty for none.
func isRunning(t *testing.T, o Options, want string) {
	t.Helper()
	url, err := Running(o.DataDir)
	if url != want || (want == "") != errors.Is(err, ErrNotRunning) || (want != "" && err != nil) {
		t.Errorf("%q runs, %v; want %q", url, err, want)
	}
}

func TestStopInAHurryLosesNothing(t *testing.T) {
	t.Parallel()
	o := quick(dataFolder(t))
	s := mustStart(t, o)
	keep(t, s.URL())
	over, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Stop(over); err != nil && !errors.Is(err, errCutOff) {
		t.Fatal(err)
	}
	again := mustStart(t, o)
	kept(t, again.URL())
	mustStop(t, again)
}

func TestTwoServersOnOneFolder(t *testing.T) {
	t.Parallel()
	o := quick(dataFolder(t))
	s := mustStart(t, o)
	_, err := Start(limited(t), o)
	if !errors.Is(err, ErrInUse) {
		t.Fatalf("second start: %v", err)
	}
	contains(t, err, o.DataDir)
	connect(t, s.URL()) // the first is not disturbed
	mustStop(t, s)
	mustStop(t, mustStart(t, o))
}

func TestPathTooLongForASocket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(dataFolder(t), strings.Repeat("l", 120))
	must(t, os.Mkdir(dir, 0o755))
	s := mustStart(t, quick(dir))
	connect(t, s.URL())
	mustStop(t, s)
}

func TestFailedStartTellsWhy(t *testing.T) {
	t.Parallel()
	o := quick(dataFolder(t))
	o.Settings["shared_buffers"] = "plenty"
	_, err := Start(limited(t), o)
	contains(t, err, "shared_buffers", "plenty", "exit status 1")
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("not one line: %q", err)
	}
	delete(o.Settings, "shared_buffers")
	mustStop(t, mustStart(t, o)) // and leaves no lock
}

func TestStartWithoutAFolder(t *testing.T) {
	t.Parallel()
	_, err := Start(limited(t), Options{})
	contains(t, err, "no data folder")
}

func TestLogIsRotated(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postgres.log")
	must(t, os.WriteFile(path, []byte("old\n"), 0o600))
	must(t, os.Truncate(path, maxLog+1))
	log, err := openLog(path)
	must(t, err)
	defer log.Close()
	if said := log.said(); said != "" {
		t.Errorf("a new log says %q", said)
	}
	_, err = log.WriteString("one\ntwo\n")
	must(t, err)
	if said := log.said(); said != ": one | two" {
		t.Errorf("said %q", said)
	}
	_, err = os.Stat(path + ".1")
	must(t, err)
}
