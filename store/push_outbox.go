package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/outbox"
	"expresschat/push"
)

// Done implements push.Store. What comes next is due at once.
func (p *Push) Done(ctx context.Context, d push.Due) error {
	const done = `DELETE FROM push_outbox WHERE device_id = @device AND room_id = @room AND seq = @seq`
	const next = `
		UPDATE push_devices
		SET due_at = CASE WHEN EXISTS (SELECT FROM push_outbox WHERE device_id = @device) THEN now() END,
			failures = CASE WHEN @moot THEN failures ELSE 0 END
		WHERE id = @device`
	args := pgx.NamedArgs{
		"devices": []push.DeviceID{d.Device.ID}, "device": d.Device.ID, "room": d.Message.Room, "seq": d.Message.Seq, "moot": d.Moot,
	}
	return within(ctx, p.pool, func(tx pgx.Tx) error {
		var b pgx.Batch
		for _, statement := range []string{lockDevices, done, next} {
			b.Queue(statement, args)
		}
		return tx.SendBatch(ctx, &b).Close()
	})
}

// Delay implements push.Store.
func (p *Push) Delay(ctx context.Context, d push.Due, until time.Time) error {
	const delay = `UPDATE push_devices SET due_at = $2, failures = failures + 1 WHERE id = $1 AND due_at IS NOT NULL`
	_, err := p.pool.Exec(ctx, delay, d.Device.ID, until)
	return translate(err)
}

// Postpone implements push.Store.
func (p *Push) Postpone(ctx context.Context, d push.Due, rest time.Duration) error {
	const postpone = `UPDATE push_devices SET due_at = now() + $2::interval WHERE id = $1 AND due_at IS NOT NULL`
	_, err := p.pool.Exec(ctx, postpone, d.Device.ID, rest)
	return translate(err)
}

// Waiting implements push.Store.
func (p *Push) Waiting(kind push.Kind) outbox.Box[push.Due] { return waiting{p.pool, kind} }

// waiting is what waits for devices of a kind.
type waiting struct {
	pool *pgxpool.Pool
	kind push.Kind
}

// NextDue tells when the next one is due, false if there is none.
func (w waiting) NextDue(ctx context.Context) (time.Time, bool, error) {
	const next = `SELECT due_at FROM push_devices WHERE kind = $1 AND due_at IS NOT NULL ORDER BY due_at LIMIT 1`
	var at time.Time
	err := w.pool.QueryRow(ctx, next, w.kind).Scan(&at)
	if errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, false, nil
	}
	return at, err == nil, translate(err)
}

// Claim takes what comes first of up to n devices that are due: while that is under way or has
// to wait, so does the rest of the device's. What it is about is read in the same statement.
func (w waiting) Claim(ctx context.Context, n int, lease time.Duration) ([]push.Due, error) {
	const claim = `
		WITH due AS (
			SELECT id
			FROM push_devices
			WHERE kind = @kind AND due_at <= now()
			ORDER BY due_at
			LIMIT @n
			FOR NO KEY UPDATE SKIP LOCKED
		), claimed AS (
			UPDATE push_devices d
			SET due_at = now() + @lease
			FROM due
			WHERE d.id = due.id
			RETURNING d.*
		)
		SELECT d.id, d.user_id, d.session_id, d.kind, d.token, d.platform, d.p256dh, d.auth, d.failures,
			o.room_id, o.seq, o.created_at,
			still.id IS NULL, coalesce(still.id::text, ''), coalesce(still.kind, ''), coalesce(still.type, ''),
			coalesce(still.content, ''), still.attachment, coalesce(still.sent_at, o.created_at),
			coalesce(still.sender_id::text, ''), coalesce(still.sender, ''), coalesce(still.picture, ''),
			coalesce(still.name, '')
		FROM claimed d
		JOIN LATERAL (
			SELECT *
			FROM push_outbox
			WHERE device_id = d.id
			ORDER BY place
			LIMIT 1
		) o ON true
		LEFT JOIN LATERAL (
			SELECT msg.id, r.kind, msg.type, msg.content, msg.attachment, msg.sent_at, msg.sender_id,
				u.name AS sender, u.picture, r.name
			FROM sessions s
			JOIN members m ON m.room_id = o.room_id AND m.user_id = d.user_id AND NOT m.muted AND m.cursor_seq < o.seq
			JOIN rooms r ON r.id = o.room_id AND ` + isOpen + `
			JOIN messages msg ON msg.room_id = o.room_id AND msg.seq = o.seq AND ` + isTold + ` AND msg.sender_id <> d.user_id
			JOIN users u ON u.id = msg.sender_id
			WHERE s.id = d.session_id AND ` + isLive + ` AND o.created_at > now() - @ttl::interval
		) still ON true`
	args := pgx.NamedArgs{"kind": w.kind, "n": n, "lease": lease, "ttl": push.TTL}
	rows, err := w.pool.Query(ctx, claim, args)
	if err != nil {
		return nil, translate(err)
	}
	due, err := pgx.CollectRows(rows, scanDue)
	return due, translate(err)
}

func scanDue(row pgx.CollectableRow) (due push.Due, err error) {
	d, m := &due.Device, &due.Message
	var kind, sort, id, sender string
	err = row.Scan(&d.ID, &d.User, &d.Session, &d.Kind, &d.Token, &d.Platform, &d.P256dh, &d.Auth, &due.Failures,
		&m.Room, &m.Seq, &due.CreatedAt,
		&due.Moot, &id, &kind, &sort, &m.Content, &m.Attachment, &m.At, &sender, &m.SenderName, &m.SenderPicture, &m.Group)
	m.ID, m.Kind, m.Type, m.Sender = bus.MessageID(id), bus.Kind(kind), bus.Type(sort), auth.UserID(sender)
	return due, err
}
