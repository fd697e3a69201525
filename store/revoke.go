package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
)

// RevokeSessions ends all live sessions of a user, and returns how many.
func (s *Store) RevokeSessions(ctx context.Context, user auth.UserID, now time.Time) (int, error) {
	const revoke = `
		UPDATE sessions
		SET revoked_at = @now
		WHERE user_id = @user AND revoked_at IS NULL AND expires_at > @now`
	tag, err := s.pool.Exec(ctx, revoke, pgx.NamedArgs{"user": user, "now": now})
	return int(tag.RowsAffected()), translate(err)
}

// revokeBatch bounds the sessions that one statement ends, so that no lock lasts.
const revokeBatch = 1000

// RevokeAll ends all live sessions, and returns how many. It takes small steps: if it fails, it
// has ended as many as it says.
func (s *Store) RevokeAll(ctx context.Context, now time.Time) (ended int, err error) {
	const revoke = `
		UPDATE sessions
		SET revoked_at = @now
		WHERE id IN (
			SELECT id
			FROM sessions
			WHERE revoked_at IS NULL AND expires_at > @now
			LIMIT @limit
		)`
	for {
		tag, err := s.pool.Exec(ctx, revoke, pgx.NamedArgs{"now": now, "limit": revokeBatch})
		if err != nil {
			return ended, translate(err)
		}
		ended += int(tag.RowsAffected())
		if tag.RowsAffected() < revokeBatch {
			return ended, nil
		}
	}
}
