package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
)

// SaveSignUp implements auth.Store. The insert sees to it that nobody has verified the
// address yet, and the code of an earlier attempt goes with its row.
func (s *Store) SaveSignUp(ctx context.Context, su auth.SignUp, l auth.Letter) error {
	const save = `
		INSERT INTO sign_ups (email_key, id, email, name, password_hash, source, code_hash, expires_at)
		SELECT @email_key, @id, @email, @name, @password_hash, @source, @code_hash, @expires_at
		WHERE NOT EXISTS (SELECT FROM users WHERE email_key = @email_key AND verified_at IS NOT NULL)
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
			return grant(ctx, tx, emailKey, su, session)
		}
		return nil
	})
	return su, verdict, err
}

// grant makes an account of a sign-up, with its self room and first session.
//
// Whether the address has an account by now is the constraint's to say, also while
// somebody is about to register it. So the account is inserted first, which waits for
// them. If that finds an account in its place, the account yields where nobody verified
// it, and from then on nobody else can take the address before this transaction ends. The
// second insert does nothing after a first one that did, and fails if a verified account
// has the address.
func grant(ctx context.Context, tx pgx.Tx, emailKey string, su auth.SignUp, session auth.Session) error {
	const yield = `
		UPDATE users
		SET email = id::text, email_key = id::text, updated_at = now()
		WHERE email_key = @email_key AND verified_at IS NULL`
	args := accountArgs(auth.Account{
		User:         auth.User{ID: su.ID, Name: su.Name, Email: su.Email},
		PasswordHash: su.PasswordHash,
		Verified:     true,
	})
	args["email_key"] = emailKey
	b := &pgx.Batch{}
	b.Queue(`UPDATE sign_ups SET used_at = now(), password_hash = '' WHERE email_key = @email_key`, args)
	b.Queue(insertAccount+` ON CONFLICT ON CONSTRAINT users_email DO NOTHING`, args)
	b.Queue(yield, args)
	b.Queue(insertAccount+` ON CONFLICT (id) DO NOTHING`, args)
	queueBeginning(b, args, session)
	return tx.SendBatch(ctx, b).Close()
}
