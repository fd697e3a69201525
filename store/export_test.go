package store

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
)

// CountMessages counts the entries of a room, whoever may see them.
func (s *Store) CountMessages(ctx context.Context, room string) (n int, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*) FROM messages WHERE room_id = $1`, room).Scan(&n)
	return n, err
}

// CountTries counts what is kept of tries.
func (s *Store) CountTries(ctx context.Context) (n int, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*) FROM tries`).Scan(&n)
	return n, err
}

// Execute makes what no question of the store would make.
func (s *Store) Execute(ctx context.Context, statement string, args ...any) error {
	_, err := s.pool.Exec(ctx, statement, args...)
	return err
}

// Translate and TranslateCommit are what the store makes of the driver's errors.
func Translate(err error) error       { return translate(err) }
func TranslateCommit(err error) error { return translateCommit(err) }

// Ask asks a question of the test's own, whose answer is one text.
func (s *Store) Ask(ctx context.Context, question string, answer *string, args ...any) error {
	return s.pool.QueryRow(ctx, question, args...).Scan(answer)
}

// Settings are the names of those that sessions are told at their start, sorted.
func (s *Store) Settings() []string {
	all := maps.Clone(s.pool.Config().ConnConfig.RuntimeParams)
	maps.Copy(all, s.lanes.Config().ConnConfig.RuntimeParams)
	return slices.Sorted(maps.Keys(all))
}

// InLane is a write that stands alone, and IdleLanes how many connections wait for one.
func (s *Store) InLane(ctx context.Context, f func(pgx.Tx) error) error { return s.inLane(ctx, f) }

func (s *Store) IdleLanes() int { return int(s.lanes.Stat().IdleConns()) }

// RevokeBatch is how many sessions end at once.
const RevokeBatch = revokeBatch
