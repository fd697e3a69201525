// Package cluster is the Postgres that all measured servers use, one database each: as
// the server would run it for itself, durable, and with an account of what statements do.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"expresschat/bench/process"
	"expresschat/store/localpg"
)

// superuser may do what the server's own role may not: make databases, take checkpoints,
// and read what others' statements did.
const superuser = "postgres"

// owner is the server's role.
const owner = "expresschat"

// settings differ from those of the server's own Postgres in what would come as a
// surprise in the middle of a measurement.
func settings() map[string]string {
	return map[string]string{
		"shared_preload_libraries":         "pg_stat_statements",
		"pg_stat_statements.track_utility": "off",
		// No checkpoint but those that are asked for.
		"max_wal_size":       "32GB",
		"checkpoint_timeout": "1d",
		// For the indexes of the large database.
		"maintenance_work_mem": "512MB",
	}
}

// Cluster is a running Postgres.
type Cluster struct {
	server     *localpg.Server
	dir        string
	admin      *pgx.Conn
	postmaster int
}

// Start makes a new cluster in a folder of its own and runs it.
func Start(ctx context.Context) (_ *Cluster, err error) {
	dir, err := os.MkdirTemp("", "expresschat-bench-*")
	if err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	c := &Cluster{dir: dir}
	defer func() {
		if err != nil {
			c.Stop()
		}
	}()
	// Where we are root, Postgres' user has to get in.
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	c.server, err = localpg.Start(ctx, localpg.Options{
		DataDir: filepath.Join(dir, "data"), SystemDir: filepath.Join(dir, "system"),
		Settings: settings(), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	return c, c.prepare(ctx)
}

func (c *Cluster) prepare(ctx context.Context) (err error) {
	if c.admin, err = pgx.Connect(ctx, c.url(superuser, "postgres")); err != nil {
		return fmt.Errorf("connect as superuser: %w", err)
	}
	if err := c.execute(ctx, `CREATE EXTENSION pg_stat_statements`); err != nil {
		return err
	}
	c.postmaster, err = c.findPostmaster(ctx)
	return err
}

func (c *Cluster) findPostmaster(ctx context.Context) (int, error) {
	var dir string
	if err := c.admin.QueryRow(ctx, `SHOW data_directory`).Scan(&dir); err != nil {
		return 0, fmt.Errorf("find postmaster: %w", err)
	}
	body, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	if err != nil {
		return 0, fmt.Errorf("find postmaster: %w", err)
	}
	line, _, _ := strings.Cut(string(body), "\n")
	return strconv.Atoi(strings.TrimSpace(line))
}

// Stop ends Postgres and removes all it had.
func (c *Cluster) Stop() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if c.admin != nil {
		_ = c.admin.Close(ctx)
	}
	if c.server != nil {
		_ = c.server.Stop(ctx)
	}
	_ = os.RemoveAll(c.dir)
}

// Version is that of Postgres.
func (c *Cluster) Version(ctx context.Context) string {
	var version string
	if c.admin == nil {
		return process.Unknown
	}
	if err := c.admin.QueryRow(ctx, `SHOW server_version`).Scan(&version); err != nil {
		return process.Unknown
	}
	version, _, _ = strings.Cut(version, " ")
	return version
}

// URL leads to a database as the server's role.
func (c *Cluster) URL(database string) string { return c.url(owner, database) }

// Environment leads there clients that take libpq's variables.
func (c *Cluster) Environment(database string) []string {
	u, _ := url.Parse(c.server.URL())
	return []string{
		"PGHOST=" + u.Query().Get("host"), "PGPORT=" + u.Query().Get("port"),
		"PGUSER=" + owner, "PGDATABASE=" + database,
	}
}

func (c *Cluster) url(user, database string) string {
	u, err := url.Parse(c.server.URL())
	if err != nil {
		return ""
	}
	u.User, u.Path = url.User(user), "/"+database
	return u.String()
}

// Create makes a database, a copy of another one unless that has no name.
func (c *Cluster) Create(ctx context.Context, name, template string) error {
	query := `CREATE DATABASE ` + pgx.Identifier{name}.Sanitize() + ` OWNER ` + owner
	if template != "" {
		query += ` TEMPLATE ` + pgx.Identifier{template}.Sanitize()
	}
	return c.execute(ctx, query)
}

// Drop removes a database, whoever is connected to it.
func (c *Cluster) Drop(ctx context.Context, name string) error {
	return c.execute(ctx, `DROP DATABASE `+pgx.Identifier{name}.Sanitize()+` WITH (FORCE)`)
}

// Checkpoint writes out what is in memory, so that nothing of it has to be written later.
func (c *Cluster) Checkpoint(ctx context.Context) error { return c.execute(ctx, `CHECKPOINT`) }

func (c *Cluster) execute(ctx context.Context, query string) error {
	if _, err := c.admin.Exec(ctx, query); err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	return nil
}

// CPUTime is what all of Postgres has used so far, those of its processes that have ended
// too.
func (c *Cluster) CPUTime() (time.Duration, error) {
	if c.postmaster == 0 {
		return 0, errors.New("no postmaster")
	}
	return process.FamilyCPUTime(c.postmaster)
}
