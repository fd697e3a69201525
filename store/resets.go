package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
)

// unflushed has the commit of a transaction not wait for the disk. What waits only if there
// was something to write tells strangers whether there was. If Postgres dies at once, a
// mail is not sent, or a try not counted.
const unflushed = `SET LOCAL synchronous_commit TO off`

// SaveReset implements auth.Store. The same three statements run whether there is such an
// account or not. Its row is locked before its reset, as whoever changes the account does.
func (s *Store) SaveReset(ctx context.Context, r auth.Reset, l auth.Letter) error {
	const save = `
		INSERT INTO resets (user_id, source, code_hash, expires_at)
		SELECT u.id, @source, @code_hash, @expires_at
		FROM users u
		WHERE u.id = @user AND u.verified_at IS NOT NULL
		FOR KEY SHARE
		ON CONFLICT (user_id) DO UPDATE
		SET source = excluded.source,
			code_hash = excluded.code_hash,
			tries = 0,
			expires_at = excluded.expires_at`
	const mail = `
		INSERT INTO outbox (id, recipient, subject, body_text, body_html)
		SELECT @mail, @recipient, @subject, @text, @html
		FROM resets
		WHERE user_id = @user AND code_hash = @code_hash`
	args := pgx.NamedArgs{
		"user": r.User.ID, "source": r.Code.Source, "code_hash": r.Code.Hash, "expires_at": r.Code.ExpiresAt,
		"mail": auth.NewID(), "recipient": l.To, "subject": l.Subject, "text": l.Text, "html": l.HTML,
	}
	return within(ctx, s.pool, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(unflushed)
		b.Queue(save, args)
		b.Queue(mail, args)
		return tx.SendBatch(ctx, b).Close()
	})
}

const selectReset = `
	SELECT ` + userColumns + `, r.source, r.code_hash, r.tries, r.expires_at
	FROM resets r
	JOIN users u ON u.id = r.user_id
	WHERE u.email_key = @email_key
	FOR UPDATE OF r`

// TryReset implements auth.Store. Everyone who presents a code for an address waits for the
// row's lock, so that a try is counted before the next one is judged. One that is wrong is
// counted where there is nothing to count it for, too: it finds no row, in the same time.
func (s *Store) TryReset(ctx context.Context, emailKey string, judge func(auth.Reset) auth.Verdict) (auth.Reset, auth.Verdict, error) {
	const count = `UPDATE resets SET tries = tries + 1 WHERE user_id = @user AND @counts`
	var r auth.Reset
	verdict := auth.Missed
	err := within(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, unflushed); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, selectReset, pgx.NamedArgs{"email_key": emailKey}).
			Scan(append(userFields(&r.User), &r.Code.Source, &r.Code.Hash, &r.Code.Tries, &r.Code.ExpiresAt)...)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			r.User.ID = auth.NewUserID()
		case err != nil:
			return err
		default:
			verdict = judge(r)
		}
		if verdict == auth.Granted {
			return nil
		}
		_, err = tx.Exec(ctx, count, pgx.NamedArgs{"user": r.User.ID, "counts": verdict == auth.Missed})
		return err
	})
	return r, verdict, err
}
