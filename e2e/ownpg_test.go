package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// ownPostgres is a database that a test runs itself, so that it can do to it what happens
// to databases.
type ownPostgres struct {
	bin, dir string // its programs, and the folder that has everything of it
	account  *syscall.Credential

	cmd    *exec.Cmd
	exited chan struct{}
}

// newPostgres makes a cluster and starts it, for the length of a test. prepare, if it is
// not nil, gets the folder that the cluster will be made in.
func newPostgres(t testing.TB, prepare func(data string)) *ownPostgres {
	t.Helper()
	p := &ownPostgres{}
	var err error
	if p.bin, err = postgresPrograms(); err != nil {
		t.Fatal(err)
	}
	if p.account, err = postgresAccount(); err != nil {
		t.Fatal(err)
	}
	// The socket lies in it too, and the paths of sockets are short.
	if p.dir, err = os.MkdirTemp("", "expresschat-pg-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(p.dir) })
	if err := os.Mkdir(p.data(), 0o700); err != nil {
		t.Fatal(err)
	}
	if prepare != nil {
		prepare(p.data())
	}
	for _, dir := range []string{p.dir, p.data()} {
		if p.account != nil {
			err = os.Chown(dir, int(p.account.Uid), int(p.account.Gid))
		}
		if err := errors.Join(err, os.Chmod(dir, 0o700)); err != nil {
			t.Fatal(err)
		}
	}
	// Small segments of the log, so that a small disk can hold some.
	initdb := p.command("initdb", "-D", p.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N", "--wal-segsize=1")
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	if err := p.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.end)
	return p
}

// postgresPrograms is the folder of an installed Postgres.
func postgresPrograms() (string, error) {
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	for _, dir := range dirs {
		if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("PostgreSQL is needed: these tests stop and stall one of their own")
}

// postgresAccount is who Postgres runs as where we are root, as whom it refuses to.
func postgresAccount() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := osuser.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
	}
	return nil, errors.New("there is neither a user postgres nor nobody")
}

func (p *ownPostgres) data() string { return filepath.Join(p.dir, "data") }

// url is how a server reaches it.
func (p *ownPostgres) url() string {
	return "postgres://postgres@/postgres?sslmode=disable&host=" + p.dir
}

func (p *ownPostgres) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, program), args...)
	cmd.Dir = p.dir
	cmd.Env = []string{"PATH=" + p.bin + ":/usr/bin:/bin", "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGQUIT, Credential: p.account}
	return cmd
}

// start starts it and returns when it lets somebody in.
func (p *ownPostgres) start(ctx context.Context) error {
	logs, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = logs.Close() }()
	p.cmd = p.command("postgres", "-D", p.data(), "-c", "listen_addresses=", "-c", "unix_socket_directories="+p.dir,
		"-c", "min_wal_size=2MB", "-c", "max_wal_size=8MB")
	p.cmd.Stdout, p.cmd.Stderr = logs, logs
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	cmd, exited := p.cmd, make(chan struct{})
	p.exited = exited
	go func() {
		defer close(exited)
		_ = cmd.Wait()
	}()
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	return poll(ctx, "postgres", func() (bool, error) {
		select {
		case <-exited:
			return false, fmt.Errorf("postgres ended at its start:\n%s", p.lastLogs())
		default:
		}
		return p.ask(ctx, "SELECT 1", nil) == nil, nil
	})
}

func (p *ownPostgres) lastLogs() string {
	body, err := os.ReadFile(filepath.Join(p.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(body[max(0, len(body)-4000):])
}

// ask asks it something for the test's own sake.
func (p *ownPostgres) ask(ctx context.Context, query string, into *int) error {
	conn, err := pgx.Connect(ctx, p.url())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	if into == nil {
		into = new(int)
	}
	return conn.QueryRow(ctx, query).Scan(into)
}

// stop shuts it down: connections are cut.
func (p *ownPostgres) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	<-p.exited
	return nil
}

// stall makes it say nothing any more, to anybody: connections stay open, and new ones are
// neither taken nor refused.
func (p *ownPostgres) stall() error { return signalFamily(p.cmd.Process.Pid, syscall.SIGSTOP) }

// goOn ends a stall.
func (p *ownPostgres) goOn() error { return signalFamily(p.cmd.Process.Pid, syscall.SIGCONT) }

// running is whether its process is there.
func (p *ownPostgres) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// end ends it, however it is.
func (p *ownPostgres) end() {
	if !p.running() {
		return
	}
	_ = p.goOn()
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	<-p.exited
}
