package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
)

// ChangePassword implements auth.Store.
func (s *Store) ChangePassword(ctx context.Context, c auth.PasswordChange, old string, keep auth.SessionID) ([]auth.SessionID, error) {
	return s.setPassword(ctx, c, &keep, func(tx pgx.Tx) error {
		const change = `
			UPDATE users
			SET password_hash = @hash
			WHERE id = @user AND password_hash = @old`
		tag, err := tx.Exec(ctx, change, pgx.NamedArgs{"user": c.User, "old": old, "hash": c.Hash})
		if err == nil && tag.RowsAffected() == 0 {
			err = auth.ErrWrongPassword
		}
		return err
	})
}

// ResetPassword implements auth.Store. Of those who come with the same code at once, one
// removes it; the others wait for the account, and find it gone.
func (s *Store) ResetPassword(ctx context.Context, c auth.PasswordChange, code []byte) ([]auth.SessionID, error) {
	return s.setPassword(ctx, c, nil, func(tx pgx.Tx) error {
		const change = `
			UPDATE users
			SET password_hash = @hash
			WHERE id = @user`
		const use = `
			DELETE FROM resets
			WHERE user_id = @user AND code_hash = @code`
		args := pgx.NamedArgs{"user": c.User, "hash": c.Hash, "code": code}
		if _, err := tx.Exec(ctx, change, args); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, use, args)
		if err == nil && tag.RowsAffected() == 0 {
			err = auth.ErrBadCode
		}
		return err
	})
}

// setPassword has an account's hash changed, and does what comes with that. change locks the
// account first, so that whoever signs in with the old password is done, and found by the
// statement after it, or comes later and fails.
func (s *Store) setPassword(ctx context.Context, c auth.PasswordChange, keep *auth.SessionID, change func(pgx.Tx) error) ([]auth.SessionID, error) {
	var ended []auth.SessionID
	err := within(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if err = change(tx); err != nil {
			return err
		}
		if ended, err = revokeAll(ctx, tx, c.User, keep, c.At); err != nil || c.Notice.To == "" {
			return err
		}
		return post(ctx, tx, c.Notice)
	})
	return ended, err
}
