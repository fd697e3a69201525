package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"expresschat/auth"
)

// Outbox is the mail on its way.
type Outbox struct{ pool *pgxpool.Pool }

// Outbox returns the mail on its way.
func (s *Store) Outbox() *Outbox { return &Outbox{pool: s.pool} }

// post puts a letter into the outgoing mail as a part of tx.
func post(ctx context.Context, tx pgx.Tx, l auth.Letter) error {
	const insert = `
		INSERT INTO outbox (id, recipient, subject, body_text, body_html)
		VALUES (@id, @recipient, @subject, @text, @html)`
	_, err := tx.Exec(ctx, insert, pgx.NamedArgs{
		"id": auth.NewID(), "recipient": l.To, "subject": l.Subject, "text": l.Text, "html": l.HTML,
	})
	return err
}

// Claim takes up to n letters that are due. Moving due_at ahead is the lease: if the
// worker dies, they are due again when it ends.
func (o *Outbox) Claim(ctx context.Context, n int, lease time.Duration) ([]auth.Posting, error) {
	const claim = `
		UPDATE outbox
		SET due_at = now() + @lease
		WHERE id IN (
			SELECT id
			FROM outbox
			WHERE due_at <= now()
			ORDER BY due_at
			LIMIT @n
			FOR UPDATE SKIP LOCKED
		)
		RETURNING id, recipient, subject, body_text, body_html, attempts, created_at`
	rows, err := o.pool.Query(ctx, claim, pgx.NamedArgs{"n": n, "lease": lease})
	if err != nil {
		return nil, translate(err)
	}
	postings, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p auth.Posting, err error) {
		err = row.Scan(&p.ID, &p.Letter.To, &p.Letter.Subject, &p.Letter.Text, &p.Letter.HTML, &p.Attempts, &p.CreatedAt)
		return p, err
	})
	return postings, translate(err)
}

// Reclaim makes everything due at once: what a worker that was killed had taken, and what
// waits for its next attempt. It is for a server that starts and is the only one.
func (o *Outbox) Reclaim(ctx context.Context) error {
	_, err := o.pool.Exec(ctx, `UPDATE outbox SET due_at = now() WHERE due_at > now()`)
	return translate(err)
}

// Sent removes a letter that a mail server has accepted.
func (o *Outbox) Sent(ctx context.Context, id string) error {
	_, err := o.pool.Exec(ctx, `DELETE FROM outbox WHERE id = $1`, id)
	return translate(err)
}

// Dropped removes a letter that will never arrive.
func (o *Outbox) Dropped(ctx context.Context, id string) error { return o.Sent(ctx, id) }

// Failed lets a letter wait for its next attempt.
func (o *Outbox) Failed(ctx context.Context, id string, retryAt time.Time) error {
	_, err := o.pool.Exec(ctx, `UPDATE outbox SET due_at = $2, attempts = attempts + 1 WHERE id = $1`, id, retryAt)
	return translate(err)
}

// NextDue tells when the next letter is due, false if there is none.
func (o *Outbox) NextDue(ctx context.Context) (time.Time, bool, error) {
	var at time.Time
	err := o.pool.QueryRow(ctx, `SELECT due_at FROM outbox ORDER BY due_at LIMIT 1`).Scan(&at)
	if errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, false, nil
	}
	return at, err == nil, translate(err)
}
