package cluster

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Work is what statements did.
type Work struct {
	Calls   int64 // of statements, those of transaction control apart
	Buffers int64 // that they touched
	WAL     int64 // bytes that they wrote
}

// Statements is what statements in a database have done so far.
func (c *Cluster) Statements(ctx context.Context, database string) (w Work, err error) {
	const sum = `
		SELECT coalesce(sum(s.calls), 0)::bigint, coalesce(sum(s.shared_blks_hit + s.shared_blks_read), 0)::bigint,
			coalesce(sum(s.wal_bytes), 0)::bigint
		FROM pg_stat_statements s
		JOIN pg_database d ON d.oid = s.dbid
		WHERE d.datname = $1`
	if err := c.admin.QueryRow(ctx, sum, database).Scan(&w.Calls, &w.Buffers, &w.WAL); err != nil {
		return Work{}, fmt.Errorf("sum up statements: %w", err)
	}
	return w, nil
}

// Forget has statements counted anew.
func (c *Cluster) Forget(ctx context.Context) error {
	return c.execute(ctx, `SELECT pg_stat_statements_reset()`)
}

// topWidth is how much of a statement's text is shown.
const topWidth = 110

// Top is a table of the statements in a database that took the most time so far.
func (c *Cluster) Top(ctx context.Context, database string) (string, error) {
	const top = `
		SELECT s.calls, s.total_exec_time, (s.shared_blks_hit + s.shared_blks_read)::float8 / s.calls,
			s.wal_bytes::float8 / s.calls, s.query
		FROM pg_stat_statements s
		JOIN pg_database d ON d.oid = s.dbid
		WHERE d.datname = $1
		ORDER BY s.total_exec_time DESC
		LIMIT 5`
	rows, err := c.admin.Query(ctx, top, database)
	if err != nil {
		return "", fmt.Errorf("list statements: %w", err)
	}
	lines, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		var calls int64
		var took, buffers, wal float64
		var query string
		err := row.Scan(&calls, &took, &buffers, &wal, &query)
		text := []rune(strings.Join(strings.Fields(query), " "))
		return fmt.Sprintf("%9d %9.0f %8.1f %8.0f  %s", calls, took, buffers, wal, string(text[:min(topWidth, len(text))])), err
	})
	if err != nil {
		return "", fmt.Errorf("list statements: %w", err)
	}
	return "    calls        ms  buffers      WAL  statement (calls and time in all, the rest a call)\n" + strings.Join(lines, "\n"), nil
}
