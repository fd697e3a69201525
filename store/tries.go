package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
)

// SpendTries counts one try in each bucket, and tells what came of it in each. The clock is
// the database's: it is the only one that several servers share.
//
// One statement counts all, each for itself: whether one row takes the try can't depend on
// another one that may have to be waited for still. Rows are inserted, or locked and
// changed, in the order of their keys, so those who wait for each other never do so in a
// circle. Whoever waited decides by the row as it is then; now() may be a little older than
// that, which refuses too much, never too little. What a refused one is told comes from the
// statement's snapshot, and may be too short a wait for the same reason.
func (s *Store) SpendTries(ctx context.Context, buckets []auth.Bucket) ([]auth.Spent, error) {
	const spend = `
		WITH asked AS (
			SELECT *
			FROM unnest(@keys::bytea[], @bursts::integer[], @everys::interval[], @slow_bursts::integer[], @slow_everys::interval[])
				WITH ORDINALITY AS a (key, burst, every, slow_burst, slow_every, nth)
		), spent AS (
			INSERT INTO tries AS t (key, tat, slow_tat)
			SELECT key, now() + every, now() + slow_every
			FROM asked
			ORDER BY key
			ON CONFLICT (key) DO UPDATE
			SET tat = greatest(t.tat, now()) + (excluded.tat - now()),
				slow_tat = greatest(t.slow_tat, now()) + (excluded.slow_tat - now())
			WHERE (
				SELECT t.tat <= now() + (a.burst - 1) * a.every AND t.slow_tat <= now() + (a.slow_burst - 1) * a.slow_every
				FROM asked a
				WHERE a.key = excluded.key
			)
			RETURNING t.key, t.tat, t.slow_tat
		)
		SELECT s.key IS NOT NULL, coalesce(s.tat, t.tat, now()) - now(), coalesce(s.slow_tat, t.slow_tat, now()) - now()
		FROM asked a
		LEFT JOIN spent s ON s.key = a.key
		LEFT JOIN tries t ON t.key = a.key
		ORDER BY a.nth`
	rows, err := s.pool.Query(ctx, spend, bucketArgs(buckets))
	if err != nil {
		return nil, translate(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p auth.Spent, err error) {
		err = row.Scan(&p.Passed, &p.Fast, &p.Slow)
		return p, err
	})
	return list, translate(err)
}

func bucketArgs(buckets []auth.Bucket) pgx.NamedArgs {
	n := len(buckets)
	keys, bursts, slowBursts := make([][]byte, n), make([]int, n), make([]int, n)
	everys, slowEverys := make([]time.Duration, n), make([]time.Duration, n)
	for i, b := range buckets {
		keys[i], bursts[i], everys[i] = b.Key, b.Fast.Burst, b.Fast.Every
		slowBursts[i], slowEverys[i] = b.Slow.Burst, b.Slow.Every
	}
	return pgx.NamedArgs{
		"keys": keys, "bursts": bursts, "everys": everys, "slow_bursts": slowBursts, "slow_everys": slowEverys,
	}
}

// ForgetTries gives all tries of a bucket back.
func (s *Store) ForgetTries(ctx context.Context, key []byte) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM tries WHERE key = $1`, key)
	return translate(err)
}

// PostRarely implements auth.Store. That a letter was posted is a row of tries, with a burst
// of one. It is locked, and so written to, where nothing is posted too.
func (s *Store) PostRarely(ctx context.Context, key []byte, every time.Duration, l auth.Letter) error {
	const mark = `
		INSERT INTO tries AS t (key, tat, slow_tat)
		VALUES (@key, now() + @every::interval, now() + @every::interval)
		ON CONFLICT (key) DO UPDATE
		SET tat = excluded.tat, slow_tat = excluded.slow_tat
		WHERE t.tat <= now()`
	return within(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, mark, pgx.NamedArgs{"key": key, "every": every})
		if err != nil || tag.RowsAffected() == 0 || l.To == "" {
			return err
		}
		return post(ctx, tx, l)
	})
}

// RaiseHash implements auth.Store.
func (s *Store) RaiseHash(ctx context.Context, user auth.UserID, old, hash string) error {
	const raise = `
		UPDATE users
		SET password_hash = @hash
		WHERE id = @user AND password_hash = @old`
	_, err := s.pool.Exec(ctx, raise, pgx.NamedArgs{"user": user, "old": old, "hash": hash})
	return translate(err)
}
