//go:build unix

// Package localpg runs a private Postgres for the server that starts it: it finds
// the installed programs, makes the cluster on the first start, keeps it running
// and stops it with the server. What was committed survives a kill of either of
// the two at any moment. It knows nothing of what is stored in the database.
//
// Nobody but the server's user (and, when that is root, the user that Postgres
// runs as) can connect: there is no TCP port, and the socket lies in a folder
// that only they can enter.
package localpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// What Start refuses for. Their texts say what to do, in one line.
var (
	// ErrInUse: another server, or a Postgres started by hand, has the data folder.
	ErrInUse = errors.New("the data folder is in use")
	// ErrNoPostgres: no Postgres that fits is installed.
	ErrNoPostgres = errors.New("no fitting PostgreSQL is installed")
)

// DefaultSystemDir is where clusters lie that cannot lie in their data folder.
const DefaultSystemDir = "/var/lib/expresschat"

// Options says where the database lies.
type Options struct {
	// DataDir is the server's data folder, made with mode 0700 if it is missing.
	// The cluster is DataDir/postgres. Where the server is root and the user that
	// Postgres runs as cannot enter DataDir, it lies in SystemDir instead, and
	// DataDir/postgres.location names it.
	DataDir string

	// SystemDir, an absolute path, stands in for DefaultSystemDir.
	SystemDir string

	// Settings are further Postgres settings, as in postgresql.conf. They win over
	// ours, except for what keeps the database private.
	Settings map[string]string

	// Logger is told of starts, restarts and stops. Postgres' own lines go to
	// DataDir/postgres.log.
	Logger *slog.Logger
}

// Server is a running private Postgres. If it dies it is started again, with the
// same URL; connections that were open are lost.
type Server struct {
	cluster *cluster
	retry   retry
	log     *slog.Logger
	release func()

	quit  context.CancelFunc // no more restarts, shut down
	hurry context.CancelFunc // patience with the shutdown is over
	done  chan struct{}
	err   error // written before done is closed
}

// Start returns once a connection works and the database exists. Where another
// server left its Postgres running on DataDir, it is stopped first. ctx bounds the
// start only; recovery after a crash may take minutes on a slow disk. The error is
// ErrInUse, ErrNoPostgres, or the reason with the last lines of Postgres' log.
func Start(ctx context.Context, o Options) (*Server, error) {
	return start(ctx, o, surroundings{candidates: candidates(), retry: defaultRetry()})
}

// surroundings is what a start finds around it and a test replaces.
type surroundings struct {
	candidates []string // folders that may hold Postgres' programs
	retry      retry
}

func start(ctx context.Context, o Options, around surroundings) (_ *Server, err error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.SystemDir == "" {
		o.SystemDir = DefaultSystemDir
	}
	if o.DataDir, err = makeDataDir(o.DataDir); err != nil {
		return nil, err
	}
	var held cleanup
	defer func() {
		if err != nil {
			held.run()
		}
	}()
	c, err := settle(ctx, o, around.candidates, &held)
	if err != nil {
		return nil, err
	}
	p, err := c.start(ctx)
	if err != nil {
		return nil, err
	}
	o.Logger.Info("database started", "dir", c.dir, "postgres", c.programs.major, "user", c.account.name)
	return serve(c, p, around.retry, o.Logger, held.run), nil
}

// serve hands the running process to its supervisor.
func serve(c *cluster, p *process, r retry, log *slog.Logger, release func()) *Server {
	running, quit := context.WithCancel(context.Background())
	patient, hurry := context.WithCancel(context.Background())
	s := &Server{
		cluster: c, retry: r, log: log, release: release,
		quit: quit, hurry: hurry, done: make(chan struct{}),
	}
	go s.supervise(running, patient, p)
	return s
}

// settle makes everything ready that a Postgres process needs: the locks, the
// cluster and the socket's folder. What must be undone at the end goes into held.
func settle(ctx context.Context, o Options, candidates []string, held *cleanup) (*cluster, error) {
	ours := filepath.Join(o.DataDir, insideName+lockSuffix)
	unlock, err := lock(ours)
	if err != nil {
		return nil, err
	}
	held.add(unlock)
	at, err := locate(ctx, o, candidates)
	if err != nil {
		return nil, err
	}
	c := &cluster{
		dir: at.dir, programs: at.programs, account: at.account,
		settings: maps.Clone(o.Settings), logPath: filepath.Join(o.DataDir, "postgres.log"), log: o.Logger,
	}
	// A copied data folder names the same outside cluster as its original.
	if other := c.dir + lockSuffix; other != ours {
		unlock, err := lock(other)
		if err != nil {
			return nil, err
		}
		held.add(unlock)
	}
	if !at.exists {
		o.Logger.Info("making a new database", "dir", c.dir)
		if err := c.initialise(ctx); err != nil {
			return nil, err
		}
	}
	if err := at.record(); err != nil {
		return nil, err
	}
	if c.id, err = identity(c.dir); err != nil {
		return nil, err
	}
	if c.socketDir, err = makeSocketDir(ctx, c.id, c.account, c.programs); err != nil {
		return nil, err
	}
	held.add(func() { _ = os.RemoveAll(c.socketDir) })
	return c, nil
}

// URL names the database for pgx, psql and pg_dump. It holds no secret and stays
// the same until Stop.
func (s *Server) URL() string { return s.cluster.url(userName, databaseName) }

// Done is closed when Postgres has ended and is not coming back: after Stop, or
// when restarting it was given up, which Err then tells.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err is why Postgres ended, nil while it has not or if Stop ended it in time.
func (s *Server) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// Stop ends Postgres: connections are cut, and what is in memory goes to disk. When
// ctx ends first, that last part is skipped (the next start then recovers from the
// log, nothing is lost) and Stop returns an error. It returns when nothing runs any
// more, a few seconds after ctx at the latest. It may be called again.
func (s *Server) Stop(ctx context.Context) error {
	s.quit()
	select {
	case <-s.done:
	case <-ctx.Done():
		s.hurry()
		<-s.done
	}
	return s.err
}

// makeDataDir returns the real path of dir, so that one folder has one name.
func makeDataDir(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no data folder is named for the database")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make data folder: %w", err)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("name data folder: %w", err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", fmt.Errorf("name data folder: %w", err)
	}
	return dir, nil
}

// cleanup is what must be undone once nothing runs, the last first.
type cleanup []func()

func (c *cleanup) add(step func()) { *c = append(*c, step) }

func (c *cleanup) run() {
	for _, step := range slices.Backward(*c) {
		step()
	}
}
