package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"expresschat/auth"
	"expresschat/push"
)

var _ push.Store = (*Push)(nil)

// Push is the devices that are told of messages.
type Push struct{ pool *pgxpool.Pool }

// Push returns the devices that are told of messages.
func (s *Store) Push() *Push { return &Push{pool: s.pool} }

// isLive is whether a session s lasts.
const isLive = `s.revoked_at IS NULL AND s.expires_at > now()`

// AddDevice implements push.Store. A device that passes to another user begins anew, without
// what waits for it.
func (p *Push) AddDevice(ctx context.Context, d push.Device, most int) error {
	const leave = `
		DELETE FROM push_devices
		WHERE kind = @kind AND ((token = @token AND user_id <> @user)
			OR (@kind = 'fcm' AND session_id = @session AND token <> @token))`
	const add = `
		INSERT INTO push_devices (id, session_id, user_id, kind, token, p256dh, auth, platform)
		SELECT @id, s.id, s.user_id, @kind, @token, @p256dh, @auth, @platform
		FROM sessions s
		WHERE s.id = @session AND s.user_id = @user AND ` + isLive + `
		ON CONFLICT (kind, token) DO UPDATE
		SET session_id = excluded.session_id, user_id = excluded.user_id, p256dh = excluded.p256dh,
			auth = excluded.auth, platform = excluded.platform, used_at = now()`
	const bound = `
		DELETE FROM push_devices
		WHERE id IN (
			SELECT id
			FROM push_devices
			WHERE user_id = @user
			ORDER BY used_at DESC, id DESC
			OFFSET @most
		)`
	args := pgx.NamedArgs{
		"id": d.ID, "session": d.Session, "user": d.User, "kind": d.Kind, "token": d.Token,
		"p256dh": d.P256dh, "auth": d.Auth, "platform": d.Platform, "most": most,
	}
	return within(ctx, p.pool, func(tx pgx.Tx) error {
		for _, statement := range []string{leave, add, bound} {
			if _, err := tx.Exec(ctx, statement, args); err != nil {
				return err
			}
		}
		return nil
	})
}

// RemoveDevice implements push.Store.
func (p *Push) RemoveDevice(ctx context.Context, session auth.SessionID, kind push.Kind, token string) error {
	const remove = `DELETE FROM push_devices WHERE session_id = $1 AND kind = $2 AND $3 IN ('', token)`
	_, err := p.pool.Exec(ctx, remove, session, kind, token)
	return translate(err)
}

// Gone implements push.Store.
func (p *Push) Gone(ctx context.Context, id push.DeviceID) error {
	_, err := p.pool.Exec(ctx, `DELETE FROM push_devices WHERE id = $1`, id)
	return translate(err)
}

// HasDevices implements push.Store.
func (p *Push) HasDevices(ctx context.Context, kinds []push.Kind) (there bool, err error) {
	const has = `SELECT EXISTS (SELECT FROM push_devices WHERE kind = ANY($1))`
	err = p.pool.QueryRow(ctx, has, kinds).Scan(&there)
	return there, translate(err)
}

// isOpen is whether people may be told of what is said in a room r.
const isOpen = `r.kind <> 'self' AND r.deleted_at IS NULL AND r.blocker_id IS NULL`

// Candidates implements push.Store.
func (p *Push) Candidates(ctx context.Context, marks []push.Mark, kinds []push.Kind) ([]push.Candidate, error) {
	const candidates = `
		SELECT k.n - 1, d.id, d.user_id, d.kind
		FROM unnest(@rooms::uuid[], @tos::bigint[], @senders::text[]) WITH ORDINALITY k(room_id, to_seq, sender, n)
		JOIN rooms r ON r.id = k.room_id AND ` + isOpen + `
		JOIN members m ON m.room_id = r.id AND NOT m.muted AND m.cursor_seq < k.to_seq AND m.user_id::text <> k.sender
		JOIN push_devices d ON d.user_id = m.user_id AND d.kind = ANY(@kinds)
		JOIN sessions s ON s.id = d.session_id AND ` + isLive
	args := markArgs(marks)
	args["kinds"] = kinds
	rows, err := p.pool.Query(ctx, candidates, args)
	if err != nil {
		return nil, translate(err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c push.Candidate, err error) {
		return c, row.Scan(&c.Mark, &c.Device, &c.User, &c.Kind)
	})
	return found, translate(err)
}

func markArgs(marks []push.Mark) pgx.NamedArgs {
	var rooms, senders []string
	var froms, tos []int64
	for _, k := range marks {
		rooms, senders = append(rooms, string(k.Room)), append(senders, string(k.By))
		froms, tos = append(froms, k.From), append(tos, k.To)
	}
	return pgx.NamedArgs{"rooms": rooms, "senders": senders, "froms": froms, "tos": tos}
}

// isTold is push.Tells of a message msg.
const isTold = isSaid + ` AND msg.type <> 'allDeleted'`

// maxRows bounds what one look adds, so that a burst in a large group is no burst here: of that
// everybody is told of the newest messages only.
const maxRows = 10_000

// Enqueue implements push.Store. Rows are locked in the order of their ids, so that no two
// servers wait for each other in a circle.
func (p *Push) Enqueue(ctx context.Context, marks []push.Mark, told []push.Candidate, most int) error {
	const looked = `
		INSERT INTO push_rooms (room_id, seq)
		SELECT room_id, max(to_seq)
		FROM unnest(@rooms::uuid[], @tos::bigint[]) k(room_id, to_seq)
		GROUP BY room_id
		ORDER BY room_id
		ON CONFLICT (room_id) DO UPDATE
		SET seq = greatest(push_rooms.seq, excluded.seq), at = now()`
	// Who has a device only since was not to be told of what was said before; a minute is for
	// clocks that differ.
	const wait = `
		INSERT INTO push_outbox (device_id, room_id, seq)
		SELECT d.id, m.room_id, msg.seq
		FROM unnest(@devices::uuid[], @rooms::uuid[], @froms::bigint[], @tos::bigint[]) k(device_id, room_id, from_seq, to_seq)
		JOIN push_devices d ON d.id = k.device_id
		JOIN members m ON m.room_id = k.room_id AND m.user_id = d.user_id AND NOT m.muted
		JOIN LATERAL (
			SELECT msg.seq
			FROM messages msg
			WHERE msg.room_id = k.room_id AND msg.seq BETWEEN greatest(k.from_seq, m.cursor_seq + 1) AND k.to_seq
				AND ` + isTold + ` AND msg.sender_id <> d.user_id
				AND msg.sent_at > greatest(d.created_at - interval '1 minute', now() - @age::interval)
			ORDER BY msg.seq DESC
			LIMIT @each
		) msg ON true
		ORDER BY msg.seq
		ON CONFLICT DO NOTHING`
	const bound = `
		DELETE FROM push_outbox o
		USING (
			SELECT k.id, (SELECT place FROM push_outbox WHERE device_id = k.id ORDER BY place DESC OFFSET @most LIMIT 1) AS place
			FROM unnest(@devices::uuid[]) k(id)
		) last
		WHERE o.device_id = last.id AND o.place <= last.place`
	const due = `
		UPDATE push_devices d
		SET due_at = now()
		WHERE d.id = ANY(@devices::uuid[]) AND d.due_at IS NULL AND EXISTS (SELECT FROM push_outbox WHERE device_id = d.id)`
	return within(ctx, p.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, looked, markArgs(marks)); err != nil || len(told) == 0 {
			return err
		}
		var devices []push.DeviceID
		var ofEach []push.Mark
		for _, c := range told {
			devices, ofEach = append(devices, c.Device), append(ofEach, marks[c.Mark])
		}
		args := markArgs(ofEach)
		args["devices"], args["most"], args["age"] = devices, most, push.Lookback
		args["each"] = min(max(maxRows/len(told), 1), most)
		for _, statement := range []string{lockDevices, wait, bound, due} {
			if _, err := tx.Exec(ctx, statement, args); err != nil {
				return err
			}
		}
		return nil
	})
}

// lockDevices is taken before what waits for devices is changed, in a statement of its own:
// the next one sees what others changed before they let go.
const lockDevices = `
	SELECT
	FROM push_devices
	WHERE id = ANY(@devices::uuid[])
	ORDER BY id
	FOR NO KEY UPDATE`

// usersAtOnce is of how many users one step of Behind finds rooms.
const usersAtOnce = 500

// Behind implements push.Store. It begins with the devices, which are few beside rooms.
func (p *Push) Behind(ctx context.Context, after auth.UserID, kinds []push.Kind, age time.Duration) ([]push.Mark, auth.UserID, error) {
	const users = `
		SELECT DISTINCT user_id
		FROM push_devices
		WHERE (@after::uuid IS NULL OR user_id > @after::uuid) AND kind = ANY(@kinds)
		ORDER BY user_id
		LIMIT @limit`
	const behind = `
		SELECT r.id, coalesce(p.seq, 0) + 1, r.said_seq
		FROM members m
		JOIN rooms r ON r.id = m.room_id AND r.last_at > now() - @age::interval AND ` + isOpen + `
		LEFT JOIN push_rooms p ON p.room_id = r.id
		WHERE m.user_id = ANY(@users::uuid[]) AND NOT m.muted AND r.said_seq > greatest(m.cursor_seq, p.seq)
		GROUP BY r.id, p.seq, r.said_seq`
	var from *auth.UserID
	if after != "" {
		from = &after
	}
	rows, err := p.pool.Query(ctx, users, pgx.NamedArgs{"after": from, "kinds": kinds, "limit": usersAtOnce})
	if err != nil {
		return nil, "", translate(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[auth.UserID])
	if err != nil || len(list) == 0 {
		return nil, "", translate(err)
	}
	if rows, err = p.pool.Query(ctx, behind, pgx.NamedArgs{"age": age, "users": list}); err != nil {
		return nil, "", translate(err)
	}
	marks, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (k push.Mark, err error) {
		return k, row.Scan(&k.Room, &k.From, &k.To)
	})
	return marks, slices.Max(list), translate(err)
}
