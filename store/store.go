// Package store is Postgres: every question that is asked of it, each beside the scan
// that reads the answer. It promises that what belongs together is one transaction, and
// that errors a caller may act on are those of auth, chat and groups.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"expresschat/sql"
)

// minVersion is the oldest Postgres that is supported, as server_version_num has it.
const minVersion = 140000

// How long a connection may take to come, and one that was idle to show that it works.
const (
	connectTimeout = 5 * time.Second
	pingTimeout    = time.Second
)

// idleTrust is for how long a connection that was used last is taken to work still.
const idleTrust = time.Second

// closeTimeout is how long a connection's farewell may take, and what is left for it of an
// orderly stop.
const closeTimeout = 500 * time.Millisecond

// Store asks Postgres. It is safe for concurrent use.
type Store struct {
	pool  *pgxpool.Pool
	lanes *pgxpool.Pool // for what lanes write, so that it never waits for those who read
	log   *slog.Logger

	listenPing time.Duration
}

// Conns bounds the connections to the database. 0 leaves it to the URL, for each of both.
type Conns struct {
	Lanes  int // for the rooms' logs: one for each lane, and a few for those that broke
	Others int
}

// Open connects to the database that url names (a URL or a keyword/value string, as
// libpq takes them), brings its schema up to date, and checks that it is new enough.
func Open(ctx context.Context, url string, conns Conns, log *slog.Logger) (*Store, error) {
	s, err := Reach(ctx, url, conns, log)
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Reach is Open for who comes beside a server: it leaves the schema as it is, and asks nothing
// yet.
func Reach(ctx context.Context, url string, conns Conns, log *slog.Logger) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("not a Postgres URL") // pgx's own error may show the password
	}
	// A connection that waits for a lock or a statement for ever is worse than an error. And
	// where the network loses us in the middle of a batch, Postgres keeps the locks of its half
	// until it notices, which by default takes hours: it is to be sure within six seconds, while a
	// lane still has patience for another attempt.
	setUnset(config, map[string]string{
		"tcp_keepalives_idle":                 "3",
		"tcp_keepalives_interval":             "1",
		"tcp_keepalives_count":                "3",
		"tcp_user_timeout":                    "6s", // where it has sent what was not received
		"timezone":                            "UTC",
		"lock_timeout":                        "3s",
		"statement_timeout":                   "30s",
		"idle_in_transaction_session_timeout": "30s",
		"application_name":                    "expresschat",
	})
	// Nor may one that went without a word keep somebody waiting for long.
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	if config.PingTimeout == 0 {
		config.PingTimeout = pingTimeout
	}
	lanes := config.Copy()
	// What lanes ask for has one good plan, which goes by keys. So it is made once, not for
	// every batch, and does not depend on when the tables were looked at last.
	setUnset(lanes, map[string]string{"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"})
	s := &Store{log: log, listenPing: listenPing}
	if s.pool, err = newPool(ctx, config, conns.Others); err != nil {
		return nil, err
	}
	if s.lanes, err = newPool(ctx, lanes, conns.Lanes); err != nil {
		s.pool.Close()
		return nil, err
	}
	return s, nil
}

// setUnset gives a connection's parameters values, where url has none.
func setUnset(config *pgxpool.Config, values map[string]string) {
	for name, value := range values {
		if _, set := config.ConnConfig.RuntimeParams[name]; !set {
			config.ConnConfig.RuntimeParams[name] = value
		}
	}
}

func newPool(ctx context.Context, config *pgxpool.Config, conns int) (*pgxpool.Pool, error) {
	if conns > 0 {
		config.MaxConns = int32(conns)
	}
	var pool *pgxpool.Pool
	config.ShouldPing = func(ctx context.Context, p pgxpool.ShouldPingParams) bool {
		return p.IdleDuration > idleTrust && !answers(ctx, p.Conn, func() { dropIdle(pool) })
	}
	config.BeforeClose = hangUp
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return pool, nil
}

// hangUp ends a connection that was given up. pgx has Postgres cancel what it is doing there, and
// then waits for its farewell for 15 seconds. Of a silent one none comes, and for as long it would
// hold its place in the pool, and the locks of half a batch, which others wait for.
func hangUp(conn *pgx.Conn) {
	if !conn.IsClosed() {
		return // it was idle, and goes at once
	}
	limit := time.NewTimer(closeTimeout)
	defer limit.Stop()
	select {
	case <-conn.PgConn().CleanupDone():
	case <-limit.C:
		_ = conn.PgConn().Conn().Close()
	}
}

// answers tells whether a connection that was idle works. One that does not is hardly the
// only one: what silenced it silenced all, and each would cost whoever comes next the same
// wait. So all go that are idle. The pool's own ping then fails at once, and this one goes.
func answers(ctx context.Context, conn *pgx.Conn, others func()) bool {
	bounded, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if conn.Ping(bounded) == nil {
		return true
	}
	if ctx.Err() == nil {
		others()
	}
	return false
}

// dropIdle closes the connections that are idle. Those in use may work: whoever uses one finds out,
// and where the database is only slow, to make them all anew would make it slower.
func dropIdle(pool *pgxpool.Pool) {
	for _, c := range pool.AcquireAllIdle(context.Background()) {
		conn := c.Hijack()
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
			defer cancel()
			_ = conn.Close(ctx)
		}()
	}
}

func (s *Store) prepare(ctx context.Context) error {
	var version int
	err := s.pool.QueryRow(ctx, `SELECT current_setting('server_version_num')::integer`).Scan(&version)
	if err != nil {
		return fmt.Errorf("reach database: %w", err)
	}
	if version < minVersion {
		return fmt.Errorf("the database is Postgres %d, 14 or newer is needed", version/10000)
	}
	return s.migrate(ctx)
}

// migrate applies what is missing of the schema. Servers that start at once take turns
// by an advisory lock, one for each schema of the database.
func (s *Store) migrate(ctx context.Context) error {
	var lockID int64
	err := s.pool.QueryRow(ctx, `SELECT hashtextextended('expresschat ' || current_schema(), 0)`).Scan(&lockID)
	if err != nil {
		return fmt.Errorf("name migration lock: %w", err)
	}
	db := stdlib.OpenDBFromPool(s.pool)
	defer db.Close()
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(lockID), lock.WithLockTimeout(1, 120))
	if err != nil {
		return fmt.Errorf("make migration lock: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, sql.Migrations, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	for _, m := range done {
		s.log.Info("database migrated", "version", m.Source.Version)
	}
	return nil
}

// Ping asks the database whether it answers those who write.
func (s *Store) Ping(ctx context.Context) error {
	return s.lanes.Ping(ctx)
}

// Close waits for the connections that are in use and closes all. Those that a database
// keeps, which does not answer, are left to the end of the process.
func (s *Store) Close() {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		s.lanes.Close()
		s.pool.Close()
	}()
	limit := time.NewTimer(closeTimeout)
	defer limit.Stop()
	select {
	case <-closed:
	case <-limit.C:
		s.log.Warn("connections to the database are left open")
	}
}

// inLane is within for what lanes write.
func (s *Store) inLane(ctx context.Context, f func(tx pgx.Tx) error) error {
	err := within(ctx, s.lanes, f)
	if err != nil {
		s.distrust(ctx)
	}
	return err
}

// distrust has lanes begin with new connections if what one wrote got no answer in time, as answers
// does, so that its next attempt does not have to find out that the others are silent, too.
func (s *Store) distrust(ctx context.Context) {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		dropIdle(s.lanes)
	}
}

// within runs f in one transaction, and translates what Postgres says of it. Only a commit
// can leave a doubt.
func within(ctx context.Context, pool *pgxpool.Pool, f func(tx pgx.Tx) error) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return translate(err)
	}
	defer func() { _ = tx.Rollback(ctx) }() // nothing after a commit; else Postgres does it, too
	if err := f(tx); err != nil {
		return translate(err)
	}
	return translateCommit(tx.Commit(ctx))
}
