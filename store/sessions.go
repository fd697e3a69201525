package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
)

// insertSession adds a session, and its first refresh token if it has one, and returns
// how many sessions. It adds none if the user's password is not the one that was named. The
// lock sees to it that who changes the password ends the session, or is seen here.
const insertSession = `
	WITH session AS (
		INSERT INTO sessions (id, kind, user_id, expires_at, ends_at)
		SELECT @session, @kind, id, @until, @ends
		FROM users
		WHERE id = @user AND (@password::text IS NULL OR password_hash = @password)
		FOR SHARE
		RETURNING id
	), token AS (
		INSERT INTO refresh_tokens (session_id, generation, hash, issued_at, expires_at)
		SELECT id, @generation, @hash, @issued, @expires
		FROM session
		WHERE @hash::bytea IS NOT NULL
	)
	SELECT count(*) FROM session`

func sessionArgs(s auth.Session) pgx.NamedArgs {
	args := refreshArgs(s.Refresh)
	args["session"], args["kind"], args["user"], args["until"] = s.ID, s.Kind, s.User, s.ExpiresAt
	args["ends"], args["password"] = orNull(s.EndsAt), nil
	return args
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// StartSession implements auth.Store.
func (s *Store) StartSession(ctx context.Context, session auth.Session, passwordHash string) error {
	args := sessionArgs(session)
	args["password"] = passwordHash
	var started int
	if err := s.pool.QueryRow(ctx, insertSession, args).Scan(&started); err != nil {
		return translate(err)
	}
	if started == 0 {
		return auth.ErrWrongPassword
	}
	return nil
}

const sessionColumns = `s.id, s.kind, s.user_id, s.expires_at, s.created_at, s.used_at`

func sessionFields(s *auth.Session) []any {
	return []any{&s.ID, &s.Kind, &s.User, &s.ExpiresAt, &s.CreatedAt, &s.UsedAt}
}

const selectLiveSession = `
	SELECT ` + userColumns + `, ` + sessionColumns + `
	FROM sessions s
	JOIN users u ON u.id = s.user_id
	WHERE s.id = @id AND s.revoked_at IS NULL AND s.expires_at > @now`

// LiveSession implements auth.Store.
func (s *Store) LiveSession(ctx context.Context, id auth.SessionID, now time.Time) (auth.Session, auth.User, error) {
	return scanLiveSession(s.pool.QueryRow(ctx, selectLiveSession, pgx.NamedArgs{"id": id, "now": now}))
}

func scanLiveSession(row pgx.Row) (auth.Session, auth.User, error) {
	var found auth.Session
	var u auth.User
	err := row.Scan(append(userFields(&u), sessionFields(&found)...)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return auth.Session{}, auth.User{}, auth.ErrUnauthenticated
	}
	return found, u, translate(err)
}

// ProlongSession implements auth.Store. Those who come while one writes wait for it, and
// then find that the row is none to write any more.
func (s *Store) ProlongSession(ctx context.Context, id auth.SessionID, now, due, until time.Time) (bool, error) {
	const prolong = `
		UPDATE sessions
		SET expires_at = @until, used_at = @now
		WHERE id = @id AND revoked_at IS NULL AND expires_at > @now AND expires_at <= @due`
	tag, err := s.pool.Exec(ctx, prolong, pgx.NamedArgs{"id": id, "now": now, "due": due, "until": until})
	return err == nil && tag.RowsAffected() == 1, translate(err)
}

// TouchSession implements auth.Store.
func (s *Store) TouchSession(ctx context.Context, id auth.SessionID, now, due time.Time) error {
	const touch = `
		UPDATE sessions
		SET used_at = @now
		WHERE id = @id AND revoked_at IS NULL AND used_at <= @due`
	_, err := s.pool.Exec(ctx, touch, pgx.NamedArgs{"id": id, "now": now, "due": due})
	return translate(err)
}

// Sessions implements auth.Store.
func (s *Store) Sessions(ctx context.Context, user auth.UserID, now time.Time, limit int) ([]auth.Session, error) {
	const live = `
		SELECT ` + sessionColumns + `
		FROM sessions s
		WHERE s.user_id = @user AND s.revoked_at IS NULL AND s.expires_at > @now
		ORDER BY s.used_at DESC, s.id DESC
		LIMIT @limit`
	rows, err := s.pool.Query(ctx, live, pgx.NamedArgs{"user": user, "now": now, "limit": limit})
	if err != nil {
		return nil, translate(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (auth.Session, error) {
		var found auth.Session
		return found, row.Scan(sessionFields(&found)...)
	})
	return list, translate(err)
}

const revokeSession = `
	UPDATE sessions
	SET revoked_at = @now
	WHERE id = @id AND user_id = @user AND revoked_at IS NULL`

// RevokeSession implements auth.Store.
func (s *Store) RevokeSession(ctx context.Context, user auth.UserID, id auth.SessionID, now time.Time) (bool, error) {
	tag, err := s.pool.Exec(ctx, revokeSession, pgx.NamedArgs{"id": id, "user": user, "now": now})
	return err == nil && tag.RowsAffected() == 1, translate(err)
}

// revokeAll ends all sessions of user's but keep, nil for none, and returns which.
func revokeAll(ctx context.Context, tx pgx.Tx, user auth.UserID, keep *auth.SessionID, now time.Time) ([]auth.SessionID, error) {
	const revoke = `
		UPDATE sessions
		SET revoked_at = @now
		WHERE user_id = @user AND id IS DISTINCT FROM @keep::uuid AND revoked_at IS NULL AND expires_at > @now
		RETURNING id`
	rows, err := tx.Query(ctx, revoke, pgx.NamedArgs{"user": user, "keep": keep, "now": now})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[auth.SessionID])
}
