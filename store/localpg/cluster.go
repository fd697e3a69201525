//go:build unix

package localpg

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	databaseName = "expresschat"
	// The server's role owns its database and is no superuser, so that even a hole
	// in a query does not reach files or programs.
	userName      = "expresschat"
	superuserName = "postgres"

	socketPort = "5432" // only a part of the socket's name
)

// cluster is one Postgres data folder and all that is needed to run it. It does not
// change once it is settled.
type cluster struct {
	dir       string
	id        string // names its processes and its socket's folder
	programs  programs
	account   account
	socketDir string
	settings  map[string]string
	logPath   string
	log       *slog.Logger
}

// identity names a cluster by what its folder is on this machine and not by its
// path: a copy, which may run at the same time, has another one.
func identity(dir string) (string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return "", fmt.Errorf("look at cluster: %w", err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%d", stat.Dev, stat.Ino))
	return fmt.Sprintf("expresschat-%x", sum[:6]), nil
}

func (c *cluster) url(user, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(user), Path: "/" + database}
	u.RawQuery = url.Values{"host": {c.socketDir}, "port": {socketPort}, "sslmode": {"disable"}}.Encode()
	return u.String()
}

// start runs Postgres on the cluster and returns once the database can be used.
// When it fails, nothing is left running.
func (c *cluster) start(ctx context.Context) (*process, error) {
	if err := c.evict(ctx); err != nil {
		return nil, err
	}
	if err := c.forget(); err != nil {
		return nil, err
	}
	for _, name := range []string{socketName, socketName + lockSuffix} {
		_ = os.Remove(filepath.Join(c.socketDir, name))
	}
	output, err := openLog(c.logPath)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	cmd := c.command()
	cmd.Stdout, cmd.Stderr = output.File, output.File
	// A fast shutdown, as Stop would do it.
	p, err := launch(cmd, syscall.SIGINT)
	if err != nil {
		return nil, fmt.Errorf("run postgres: %w", err)
	}
	if err := c.ready(ctx, p); err != nil {
		soon, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = p.end(soon)
		return nil, fmt.Errorf("start postgres: %w%s", err, output.said())
	}
	return p, nil
}

// command is the postmaster's. The last of two settings of one name counts.
func (c *cluster) command() *exec.Cmd {
	args := []string{"-D", c.dir, "-p", socketPort}
	set := func(name, value string) { args = append(args, "-c", name+"="+value) }
	set("shared_buffers", "128MB")
	set("max_connections", "100")
	set("timezone", "UTC")
	set("log_timezone", "UTC")
	// Compiled code needs memory that is written and then run, which a hardened service
	// is refused, and with that the query fails. Ours are too short to gain by it.
	set("jit", "off")
	set("log_checkpoints", "off")
	set("log_line_prefix", "%m [%p] ")
	// The details of an error quote rows, and with them addresses and messages.
	set("log_error_verbosity", "terse")
	for _, name := range slices.Sorted(maps.Keys(c.settings)) {
		set(name, c.settings[name])
	}
	set("cluster_name", c.id)
	set("listen_addresses", "")
	set("unix_socket_directories", c.socketDir)
	set("unix_socket_permissions", "0700")
	set("logging_collector", "off")
	set("log_destination", "stderr")
	return c.account.command(c.dir, c.programs.postgres(), args...)
}

// ready waits for the first connection and sees that the database is there.
func (c *cluster) ready(ctx context.Context, p *process) error {
	conn, err := c.connect(ctx, p)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if err := ensureDatabase(ctx, conn); err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	return nil
}

// connect tries until Postgres lets us in, which it does not say by itself.
func (c *cluster) connect(ctx context.Context, p *process) (*pgx.Conn, error) {
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 250*time.Millisecond) {
		conn, err := pgx.Connect(ctx, c.url(superuserName, "postgres"))
		if err == nil {
			return conn, nil
		}
		var refusal *pgconn.PgError
		if errors.As(err, &refusal) && !passing(refusal.Code) {
			return nil, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-p.done:
			timer.Stop()
			return nil, fmt.Errorf("it ended at once: %w", ended(p.err))
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
	}
}

// passing tells whether a refusal is only for now: starting up, or, when the
// server's pool is back first, full.
func passing(code string) bool {
	const cannotConnectNow, tooManyConnections = "57P03", "53300"
	return code == cannotConnectNow || code == tooManyConnections
}

func ended(err error) error {
	if err == nil {
		return errors.New("exit status 0")
	}
	return err
}

const databaseExists = `
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = @user),
       EXISTS (SELECT FROM pg_database WHERE datname = @database)`

// ensureDatabase makes the role and the database unless they are there. Nobody else
// does so at the same time: the caller holds the lock.
func ensureDatabase(ctx context.Context, conn *pgx.Conn) error {
	var role, database bool
	args := pgx.NamedArgs{"user": userName, "database": databaseName}
	if err := conn.QueryRow(ctx, databaseExists, args).Scan(&role, &database); err != nil {
		return err
	}
	if !role {
		if _, err := conn.Exec(ctx, "CREATE ROLE "+userName+" LOGIN"); err != nil {
			return err
		}
	}
	if database {
		return nil
	}
	_, err := conn.Exec(ctx, "CREATE DATABASE "+databaseName+" OWNER "+userName)
	return err
}
