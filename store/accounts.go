package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/bus"
)

// SaveSignUp implements auth.Store. The insert sees to it that there is no account yet,
// and the code of an earlier attempt goes with its row.
func (s *Store) SaveSignUp(ctx context.Context, su auth.SignUp, l auth.Letter) error {
	const save = `
		INSERT INTO sign_ups (email_key, id, email, name, password_hash, source, code_hash, expires_at)
		SELECT @email_key, @id, @email, @name, @password_hash, @source, @code_hash, @expires_at
		WHERE NOT EXISTS (SELECT FROM users WHERE email_key = @email_key)
		ON CONFLICT (email_key) DO UPDATE
		SET id = excluded.id,
			email = excluded.email,
			name = excluded.name,
			password_hash = excluded.password_hash,
			source = excluded.source,
			code_hash = excluded.code_hash,
			tries = 0,
			expires_at = excluded.expires_at,
			used_at = NULL,
			created_at = now()`
	return within(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, save, pgx.NamedArgs{
			"email_key": auth.EmailKey(su.Email), "id": su.ID, "email": su.Email, "name": su.Name,
			"password_hash": su.PasswordHash, "source": su.Code.Source,
			"code_hash": su.Code.Hash, "expires_at": su.Code.ExpiresAt,
		})
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return auth.ErrEmailTaken
		}
		return post(ctx, tx, l)
	})
}

// RenewCode implements auth.Store.
func (s *Store) RenewCode(ctx context.Context, id auth.UserID, c auth.CodeState, l auth.Letter) error {
	const renew = `
		UPDATE sign_ups
		SET source = @source, code_hash = @code_hash, tries = 0, expires_at = @expires_at
		WHERE id = @id AND used_at IS NULL`
	return within(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, renew, pgx.NamedArgs{
			"id": id, "source": c.Source, "code_hash": c.Hash, "expires_at": c.ExpiresAt,
		})
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return auth.ErrNoUser
		}
		return post(ctx, tx, l)
	})
}

const selectSignUp = `
	SELECT id, email, name, password_hash, source, code_hash, tries, expires_at, used_at
	FROM sign_ups
	WHERE email_key = @email_key`

func scanSignUp(row pgx.Row) (auth.SignUp, error) {
	var su auth.SignUp
	var used *time.Time
	err := row.Scan(&su.ID, &su.Email, &su.Name, &su.PasswordHash,
		&su.Code.Source, &su.Code.Hash, &su.Code.Tries, &su.Code.ExpiresAt, &used)
	if errors.Is(err, pgx.ErrNoRows) {
		return auth.SignUp{}, auth.ErrNoUser
	}
	if used != nil {
		su.UsedAt = *used
	}
	return su, translate(err)
}

// PendingSignUp implements auth.Store.
func (s *Store) PendingSignUp(ctx context.Context, emailKey string) (auth.SignUp, error) {
	return scanSignUp(s.pool.QueryRow(ctx, selectSignUp, pgx.NamedArgs{"email_key": emailKey}))
}

// Redeem implements auth.Store. Everyone who presents a code for an address waits for
// the row's lock, so that a try is counted before the next one is judged, and a code is
// granted once.
func (s *Store) Redeem(ctx context.Context, emailKey string, session auth.Session, judge func(auth.SignUp) auth.Verdict) (auth.SignUp, auth.Verdict, error) {
	var su auth.SignUp
	var verdict auth.Verdict
	err := within(ctx, s.pool, func(tx pgx.Tx) (err error) {
		su, err = scanSignUp(tx.QueryRow(ctx, selectSignUp+` FOR UPDATE`, pgx.NamedArgs{"email_key": emailKey}))
		if err != nil {
			return err
		}
		verdict = judge(su)
		switch verdict {
		case auth.Missed:
			_, err = tx.Exec(ctx, `UPDATE sign_ups SET tries = tries + 1 WHERE email_key = $1`, emailKey)
			return err
		case auth.Granted:
			session.User = su.ID
			return begin(ctx, tx, emailKey, su, session)
		}
		return nil
	})
	return su, verdict, err
}

// begin makes an account of a sign-up, with its self room and first session. The email's
// constraint decides if the address has an account by now.
func begin(ctx context.Context, tx pgx.Tx, emailKey string, su auth.SignUp, session auth.Session) error {
	b := &pgx.Batch{}
	args := pgx.NamedArgs{
		"id": su.ID, "name": su.Name, "name_key": nameKey(su.Name), "email": su.Email,
		"email_key": emailKey, "password_hash": su.PasswordHash,
		"self": bus.Self, "plain": bus.Plain, "session": session.ID, "until": session.ExpiresAt,
	}
	b.Queue(`UPDATE sign_ups SET used_at = now(), password_hash = '' WHERE email_key = @email_key`, args)
	b.Queue(`
		INSERT INTO users (id, name, name_key, email, email_key, password_hash)
		VALUES (@id, @name, @name_key, @email, @email_key, @password_hash)`, args)
	b.Queue(`
		INSERT INTO rooms (id, kind, creator_id, last_at, created_at)
		VALUES (@id, @self, @id, now(), now())`, args)
	b.Queue(`
		INSERT INTO members (room_id, user_id, role)
		VALUES (@id, @id, @plain)`, args)
	b.Queue(insertSession, args)
	return tx.SendBatch(ctx, b).Close()
}

// Account implements auth.Store.
func (s *Store) Account(ctx context.Context, emailKey string) (auth.User, string, error) {
	const account = `SELECT id, name, email, password_hash FROM users WHERE email_key = @email_key`
	var u auth.User
	var hash string
	err := s.pool.QueryRow(ctx, account, pgx.NamedArgs{"email_key": emailKey}).Scan(&u.ID, &u.Name, &u.Email, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return auth.User{}, "", auth.ErrNoUser
	}
	return u, hash, translate(err)
}

const insertSession = `
	INSERT INTO sessions (id, user_id, expires_at)
	VALUES (@session, @id, @until)`

// StartSession implements auth.Store.
func (s *Store) StartSession(ctx context.Context, session auth.Session) error {
	_, err := s.pool.Exec(ctx, insertSession, pgx.NamedArgs{
		"session": session.ID, "id": session.User, "until": session.ExpiresAt,
	})
	return translate(err)
}

// LiveSession implements auth.Store.
func (s *Store) LiveSession(ctx context.Context, id auth.SessionID, now time.Time) (auth.User, error) {
	const live = `
		SELECT u.id, u.name, u.email
		FROM sessions s
		JOIN users u ON u.id = s.user_id
		WHERE s.id = @id AND s.revoked_at IS NULL AND s.expires_at > @now`
	var u auth.User
	err := s.pool.QueryRow(ctx, live, pgx.NamedArgs{"id": id, "now": now}).Scan(&u.ID, &u.Name, &u.Email)
	if errors.Is(err, pgx.ErrNoRows) {
		return auth.User{}, auth.ErrUnauthenticated
	}
	return u, translate(err)
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

// RevokeSession implements auth.Store.
func (s *Store) RevokeSession(ctx context.Context, id auth.SessionID, now time.Time) (bool, error) {
	const revoke = `UPDATE sessions SET revoked_at = @now WHERE id = @id AND revoked_at IS NULL`
	tag, err := s.pool.Exec(ctx, revoke, pgx.NamedArgs{"id": id, "now": now})
	return err == nil && tag.RowsAffected() == 1, translate(err)
}
