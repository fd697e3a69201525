package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
)

func refreshArgs(t auth.RefreshToken) pgx.NamedArgs {
	return pgx.NamedArgs{
		"generation": t.Generation, "hash": t.Hash,
		"issued": t.IssuedAt, "expires": t.ExpiresAt, "used": orNull(t.UsedAt),
	}
}

// SessionShown implements auth.Store. A token whose successor was used is not kept.
func (s *Store) SessionShown(ctx context.Context, id auth.SessionID, hash []byte, now, since time.Time) (auth.Session, auth.User, error) {
	const shown = selectLiveSession + `
		AND (
			EXISTS (
				SELECT FROM refresh_tokens
				WHERE session_id = s.id AND hash = @hash AND (used_at IS NULL OR used_at > @since)
			)
			OR NOT EXISTS (SELECT FROM refresh_tokens WHERE session_id = s.id)
		)`
	args := pgx.NamedArgs{"id": id, "hash": hash, "now": now, "since": since}
	return scanLiveSession(s.pool.QueryRow(ctx, shown, args))
}

// Rotate implements auth.Store. Everyone who presents a token of a session waits for the
// lock of its row, and reads its tokens in a statement that begins after that.
func (s *Store) Rotate(
	ctx context.Context, user auth.UserID, id auth.SessionID, now time.Time,
	decide func(ends time.Time, kept []auth.RefreshToken) auth.Rotation,
) (auth.Rotation, error) {
	var r auth.Rotation
	key := pgx.NamedArgs{"id": id, "user": user, "now": now}
	err := within(ctx, s.pool, func(tx pgx.Tx) error {
		ends, err := lockPairSession(ctx, tx, key)
		if err != nil {
			return err
		}
		kept, err := refreshTokens(ctx, tx, id)
		if err != nil {
			return err
		}
		r = decide(ends, kept)
		switch r.Outcome {
		case auth.Reused:
			_, err = tx.Exec(ctx, revokeSession, key)
		case auth.Rotated:
			err = rotate(ctx, tx, id, now, r)
		}
		return err
	})
	return r, err
}

// lockPairSession returns when a live session of a pair is over in any case.
func lockPairSession(ctx context.Context, tx pgx.Tx, key pgx.NamedArgs) (time.Time, error) {
	const lock = `
		SELECT ends_at
		FROM sessions
		WHERE id = @id AND user_id = @user AND kind = 'pair' AND revoked_at IS NULL AND expires_at > @now
		FOR UPDATE`
	var ends *time.Time
	err := tx.QueryRow(ctx, lock, key).Scan(&ends)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return time.Time{}, auth.ErrUnauthenticated
	case err != nil || ends == nil:
		return time.Time{}, err
	}
	return *ends, nil
}

func refreshTokens(ctx context.Context, tx pgx.Tx, id auth.SessionID) ([]auth.RefreshToken, error) {
	const kept = `
		SELECT generation, hash, issued_at, expires_at, used_at
		FROM refresh_tokens
		WHERE session_id = $1
		ORDER BY generation`
	rows, err := tx.Query(ctx, kept, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (auth.RefreshToken, error) {
		var t auth.RefreshToken
		var used *time.Time
		err := row.Scan(&t.Generation, &t.Hash, &t.IssuedAt, &t.ExpiresAt, &used)
		if used != nil {
			t.UsedAt = *used
		}
		return t, err
	})
}

// rotate marks a token as used, keeping it if it was not kept before, and adds its
// successor. Those that came before it are forgotten.
func rotate(ctx context.Context, tx pgx.Tx, id auth.SessionID, now time.Time, r auth.Rotation) error {
	const insert = `
		INSERT INTO refresh_tokens (session_id, generation, hash, issued_at, expires_at, used_at)
		VALUES (@session, @generation, @hash, @issued, @expires, @used)`
	used, next := refreshArgs(r.Used), refreshArgs(r.Next)
	used["session"], next["session"] = id, id
	b := &pgx.Batch{}
	b.Queue(`DELETE FROM refresh_tokens WHERE session_id = @session AND generation < @generation`, used)
	b.Queue(insert+` ON CONFLICT (session_id, generation) DO UPDATE SET used_at = excluded.used_at`, used)
	b.Queue(insert, next)
	b.Queue(
		`UPDATE sessions SET expires_at = @expires, ends_at = @ends, used_at = @now WHERE id = @session`,
		pgx.NamedArgs{"session": id, "expires": r.Next.ExpiresAt, "ends": r.EndsAt, "now": now},
	)
	return tx.SendBatch(ctx, b).Close()
}
