//go:build unix

package localpg

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestKilledPostgresComesBack(t *testing.T) {
	t.Parallel()
	log := newJournal()
	o := quick(dataFolder(t))
	o.Logger = slog.New(log)
	s := mustStart(t, o)
	keep(t, s.URL())
	ended := keepBusy(t, s.URL())
	old := s.cluster.postmaster()
	must(t, syscall.Kill(old, syscall.SIGKILL))
	log.await(t, "database is back")
	if err := <-ended; err == nil {
		t.Error("the busy backend went on")
	}
	kept(t, s.URL())
	if s.cluster.postmaster() == old {
		t.Error("the same postmaster is still noted")
	}
	select {
	case <-s.Done():
		t.Error("done, although it is back")
	default:
	}
	mustStop(t, s)
}

// keepBusy returns when a backend runs in circles, where it does not notice that its
// postmaster is gone, and tells when its connection has ended.
func keepBusy(t *testing.T, url string) <-chan error {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	must(t, err)
	begun := make(chan struct{})
	begin := sync.OnceFunc(func() { close(begun) }) // the next notice is of its end
	config.OnNotice = func(*pgconn.PgConn, *pgconn.Notice) { begin() }
	conn, err := pgx.ConnectConfig(limited(t), config)
	must(t, err)
	ended := make(chan error, 1)
	go func() {
		_, err := conn.Exec(context.Background(), `DO $$ BEGIN RAISE NOTICE 'begun'; LOOP END LOOP; END $$`)
		_ = conn.Close(context.Background())
		ended <- err
	}()
	select {
	case <-begun:
	case err := <-ended:
		t.Fatalf("the backend ended: %v", err)
	}
	return ended
}

func TestStopDuringRestart(t *testing.T) {
	t.Parallel()
	log := newJournal()
	o := quick(dataFolder(t))
	o.Logger = slog.New(log)
	around := usual()
	around.retry.first, around.retry.most = time.Hour, time.Hour
	s := mustStartIn(t, o, around)
	must(t, syscall.Kill(s.cluster.postmaster(), syscall.SIGKILL))
	log.await(t, "database ended unexpectedly, starting it again")
	mustStop(t, s)
}

func TestRestartIsGivenUp(t *testing.T) {
	t.Parallel()
	o := quick(dataFolder(t))
	around := usual()
	around.retry.attempts, around.retry.first = 2, time.Millisecond
	s := mustStartIn(t, o, around)
	control := filepath.Join(s.cluster.dir, "global", "pg_control")
	must(t, os.Rename(control, control+".away"))
	must(t, syscall.Kill(s.cluster.postmaster(), syscall.SIGKILL))
	select {
	case <-s.Done():
	case <-limited(t).Done():
		t.Fatal("it is never done")
	}
	contains(t, s.Err(), "restarted 2 times", "pg_control")
	if err := s.Stop(limited(t)); !errors.Is(err, s.Err()) {
		t.Errorf("stop: %v", err)
	}
	must(t, os.Rename(control+".away", control))
	mustStop(t, mustStart(t, o)) // nothing is held any more
}

func TestKilledServer(t *testing.T) {
	t.Parallel()
	o := quick(dataFolder(t))
	server, output := runServer(t, o.DataDir, "")
	url, err := output.ReadString('\n')
	must(t, err)
	url = strings.TrimSpace(url)
	keep(t, url)
	if _, err := Start(limited(t), o); !errors.Is(err, ErrInUse) {
		t.Fatalf("start beside another process: %v", err)
	}
	kill(server)
	s := mustStart(t, o)
	kept(t, s.URL())
	if s.URL() != url {
		t.Errorf("the URL changed from %s to %s", url, s.URL())
	}
	mustStop(t, s)
}

func TestOrphanIsStopped(t *testing.T) {
	t.Parallel()
	o := quick(dataFolder(t))
	s := mustStart(t, o)
	keep(t, s.URL())
	mustStop(t, s)

	orphan, ended := runOrphan(t, s.cluster, s.cluster.command())
	again := mustStart(t, o)
	must(t, <-ended) // a fast shutdown, not a crash
	kept(t, again.URL())
	if again.cluster.postmaster() == orphan.Process.Pid {
		t.Error("the orphan is still the postmaster")
	}
	mustStop(t, again)
}

func TestPostgresStartedByHandIsLeftAlone(t *testing.T) {
	t.Parallel()
	o := quick(dataFolder(t))
	s := mustStart(t, o)
	mustStop(t, s)

	c := s.cluster
	byHand, ended := runOrphan(t, c, c.account.command(c.dir, c.programs.postgres(),
		"-D", c.dir, "-c", "listen_addresses=", "-k", c.socketDir))
	_, err := Start(limited(t), o)
	if !errors.Is(err, ErrInUse) {
		t.Fatalf("start: %v", err)
	}
	contains(t, err, "by hand")
	must(t, byHand.Process.Signal(syscall.SIGINT))
	must(t, <-ended)
	mustStop(t, mustStart(t, o))
}

// runOrphan runs a postmaster that no Server looks after, until it lets us in.
func runOrphan(t *testing.T, c *cluster, cmd *exec.Cmd) (*exec.Cmd, <-chan error) {
	t.Helper()
	must(t, os.Mkdir(c.socketDir, 0o700))
	must(t, c.account.own(c.socketDir))
	t.Cleanup(func() { _ = os.RemoveAll(c.socketDir) })
	must(t, cmd.Start())
	ended := make(chan error, 1)
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		ended <- p.err
		close(p.done)
	}()
	t.Cleanup(func() { _ = p.end(limited(t)) })
	conn, err := c.connect(limited(t), p)
	must(t, err)
	must(t, conn.Close(limited(t)))
	return cmd, ended
}

// A machine that lost power and came back gives the postmaster's number to others.
func TestPostmastersNumberIsTaken(t *testing.T) {
	t.Parallel()
	o := quick(dataFolder(t))
	s := mustStart(t, o)
	mustStop(t, s)

	other := s.cluster.account.command("/", "/bin/cat")
	_, err := other.StdinPipe()
	must(t, err)
	must(t, other.Start())
	t.Cleanup(func() { kill(other) })
	s.cluster.mark(t, other.Process.Pid)

	mustStop(t, mustStart(t, o))
	must(t, other.Process.Signal(syscall.Signal(0))) // it was not touched
}

// mark leaves a postmaster.pid behind, as a killed postmaster does.
func (c *cluster) mark(t *testing.T, pid int) {
	t.Helper()
	text := strings.Join([]string{itoa(pid), c.dir, "1700000000", socketPort, c.socketDir, "", "", "ready"}, "\n")
	path := filepath.Join(c.dir, "postmaster.pid")
	must(t, os.WriteFile(path, []byte(text+"\n"), 0o600))
	must(t, c.account.own(path))
}

func TestKilledInitdbLeavesNothing(t *testing.T) {
	t.Parallel()
	o := quick(dataFolder(t))
	programs, halfway := halfInitdb(t)
	server, _ := runServer(t, o.DataDir, programs)
	halfway()
	kill(server)
	if len(unfinished(t, o.DataDir)) != 1 {
		t.Fatal("the half-made cluster is not where it is looked for")
	}
	mustStop(t, mustStart(t, o))
	if left := unfinished(t, o.DataDir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestCancelledInitdbLeavesNothing(t *testing.T) {
	t.Parallel()
	o := quick(dataFolder(t))
	programs, halfway := halfInitdb(t)
	ctx, cancel := context.WithCancel(limited(t))
	failed := make(chan error)
	go func() {
		_, err := start(ctx, o, surroundings{candidates: []string{programs}, retry: defaultRetry()})
		failed <- err
	}()
	halfway()
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("start: %v", err)
	}
	if left := unfinished(t, o.DataDir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// halfInitdb is a Postgres whose initdb stops halfway; halfway waits until it has.
func halfInitdb(t *testing.T) (programs string, halfway func()) {
	t.Helper()
	real, err := newest(limited(t), candidates())
	must(t, err)
	programs = openFolder(t)
	must(t, os.Symlink(real.postgres(), filepath.Join(programs, "postgres")))
	pipe := filepath.Join(programs, "pipe")
	must(t, syscall.Mkfifo(pipe, 0o600))
	must(t, os.Chmod(pipe, 0o666))
	script(t, filepath.Join(programs, "initdb"), `mkdir "$2/base"; echo `+itoa(real.major)+` >"$2/PG_VERSION"; echo half >`+pipe+`; kill -STOP $$`)
	return programs, func() {
		_, err := os.ReadFile(pipe)
		must(t, err)
	}
}

func unfinished(t *testing.T, dataDir string) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dataDir, insideName+initSuffix+"*"))
	must(t, err)
	return left
}
