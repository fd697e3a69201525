package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
)

const insertSession = `
	INSERT INTO sessions (id, kind, user_id, expires_at)
	VALUES (@session, @kind, @user, @until)`

func sessionArgs(s auth.Session) pgx.NamedArgs {
	return pgx.NamedArgs{"session": s.ID, "kind": s.Kind, "user": s.User, "until": s.ExpiresAt}
}

// StartSession implements auth.Store.
func (s *Store) StartSession(ctx context.Context, session auth.Session) error {
	_, err := s.pool.Exec(ctx, insertSession, sessionArgs(session))
	return translate(err)
}

// LiveSession implements auth.Store.
func (s *Store) LiveSession(ctx context.Context, id auth.SessionID, now time.Time) (auth.Session, auth.User, error) {
	const live = `
		SELECT ` + userColumns + `, s.id, s.kind, s.user_id, s.expires_at
		FROM sessions s
		JOIN users u ON u.id = s.user_id
		WHERE s.id = @id AND s.revoked_at IS NULL AND s.expires_at > @now`
	var found auth.Session
	var u auth.User
	fields := append(userFields(&u), &found.ID, &found.Kind, &found.User, &found.ExpiresAt)
	err := s.pool.QueryRow(ctx, live, pgx.NamedArgs{"id": id, "now": now}).Scan(fields...)
	if errors.Is(err, pgx.ErrNoRows) {
		return auth.Session{}, auth.User{}, auth.ErrUnauthenticated
	}
	return found, u, translate(err)
}

// ExtendSession implements auth.Store.
func (s *Store) ExtendSession(ctx context.Context, id auth.SessionID, now, until time.Time) error {
	const extend = `
		UPDATE sessions
		SET expires_at = greatest(expires_at, @until)
		WHERE id = @id AND revoked_at IS NULL AND expires_at > @now`
	tag, err := s.pool.Exec(ctx, extend, pgx.NamedArgs{"id": id, "now": now, "until": until})
	if err != nil {
		return translate(err)
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("session is over: %w", auth.ErrUnauthenticated)
	}
	return nil
}

// ProlongSession implements auth.Store. Those who come while one writes wait for it, and
// then find that the row is none to write any more.
func (s *Store) ProlongSession(ctx context.Context, id auth.SessionID, now, due, until time.Time) (bool, error) {
	const prolong = `
		UPDATE sessions
		SET expires_at = @until
		WHERE id = @id AND revoked_at IS NULL AND expires_at > @now AND expires_at <= @due`
	tag, err := s.pool.Exec(ctx, prolong, pgx.NamedArgs{"id": id, "now": now, "due": due, "until": until})
	return err == nil && tag.RowsAffected() == 1, translate(err)
}

// RevokeSession implements auth.Store.
func (s *Store) RevokeSession(ctx context.Context, user auth.UserID, id auth.SessionID, now time.Time) (bool, error) {
	const revoke = `
		UPDATE sessions
		SET revoked_at = @now
		WHERE id = @id AND user_id = @user AND revoked_at IS NULL`
	tag, err := s.pool.Exec(ctx, revoke, pgx.NamedArgs{"id": id, "user": user, "now": now})
	return err == nil && tag.RowsAffected() == 1, translate(err)
}
