package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
)

var _ groups.Departing = (*Store)(nil)

// presentUsers locks those of some users who have an account against its deletion, which
// takes the strongest lock of its row: so it waits, or has happened and is seen. Whoever
// puts somebody into a room needs that in the same transaction.
const presentUsers = `
	SELECT
	FROM users
	WHERE id = ANY(@people::uuid[]) AND deleted_at IS NULL
	ORDER BY id
	FOR KEY SHARE`

// arePresent reports whether all of different users have an account, which they keep until
// tx ends.
func arePresent(ctx context.Context, tx pgx.Tx, people ...auth.UserID) (bool, error) {
	tag, err := tx.Exec(ctx, presentUsers, pgx.NamedArgs{"people": people})
	return err == nil && tag.RowsAffected() == int64(len(people)), err
}

// doomed is what a deletion has to know of an account.
type doomed struct {
	email, key, hash string
	verified         bool
}

// DeleteAccount implements auth.Store. The account is locked before anything is done to it:
// of two deletions the later one finds it gone, and so does whoever starts a session. Before
// that its self chat is locked, as all lock rooms before users. The chat's messages are
// erased later in small steps, as they may be many; from here on nobody sees them.
func (s *Store) DeleteAccount(ctx context.Context, user auth.UserID, hash string, now time.Time) ([]auth.SessionID, error) {
	var ended []auth.SessionID
	err := within(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockRoom, pgx.NamedArgs{"room": user}); err != nil {
			return err
		}
		d, err := lockDoomed(ctx, tx, user)
		if err != nil {
			return err
		}
		if d.hash != hash {
			return auth.ErrWrongPassword
		}
		if ended, err = revokeAll(ctx, tx, user, nil, now); err != nil {
			return err
		}
		return tx.SendBatch(ctx, deletion(user, d)).Close()
	})
	return ended, err
}

func lockDoomed(ctx context.Context, tx pgx.Tx, user auth.UserID) (d doomed, err error) {
	const lock = `
		SELECT email, email_key, password_hash, verified_at IS NOT NULL
		FROM users
		WHERE id = @user AND deleted_at IS NULL
		FOR UPDATE`
	err = tx.QueryRow(ctx, lock, pgx.NamedArgs{"user": user}).Scan(&d.email, &d.key, &d.hash, &d.verified)
	if errors.Is(err, pgx.ErrNoRows) {
		err = auth.ErrNoUser
	}
	return d, err
}

// deletion makes a tombstone of an account that is locked, so that what was said keeps its
// sender. Mail is only withheld from an address that was shown to be the user's, and an
// attempt to sign up goes only if it was theirs. The entry that let them into a group has
// their name in it.
func deletion(user auth.UserID, d doomed) *pgx.Batch {
	args := pgx.NamedArgs{
		"user": user, "email": d.email, "email_key": d.key, "verified": d.verified,
		"deleted": auth.DeletedName, "deleted_key": nameKey(auth.DeletedName), "add": bus.Add,
	}
	b := &pgx.Batch{}
	for _, statement := range []string{
		`DELETE FROM sessions WHERE user_id = @user`,
		`DELETE FROM resets WHERE user_id = @user`,
		`DELETE FROM sign_ups WHERE email_key = @email_key AND id = @user`,
		`DELETE FROM outbox WHERE recipient = @email AND @verified`,
		`UPDATE messages e
		SET content = @deleted
		FROM members m
		WHERE m.user_id = @user AND e.room_id = m.room_id AND e.seq = m.joined_seq AND e.type = @add`,
		`DELETE FROM members WHERE room_id = @user`,
		`UPDATE rooms SET deleted_at = now() WHERE id = @user`,
		`UPDATE users
		SET name = @deleted, name_key = @deleted_key, email = id::text, email_key = id::text, picture = '',
			password_hash = '', verified_at = NULL, updated_at = now(), deleted_at = now()
		WHERE id = @user`,
		`INSERT INTO departures (user_id) VALUES (@user)`,
	} {
		b.Queue(statement, args)
	}
	return b
}

// Departing implements groups.Departing.
func (s *Store) Departing(ctx context.Context) ([]auth.UserID, error) {
	rows, err := s.pool.Query(ctx, `SELECT user_id FROM departures`)
	if err != nil {
		return nil, translate(err)
	}
	users, err := pgx.CollectRows(rows, pgx.RowTo[auth.UserID])
	return users, translate(err)
}

// RoomsToLeave implements groups.Departing.
func (s *Store) RoomsToLeave(ctx context.Context, user auth.UserID) (together, personal []bus.RoomID, err error) {
	const rooms = `
		SELECT r.id, r.kind
		FROM members m
		JOIN rooms r ON r.id = m.room_id AND r.deleted_at IS NULL
		WHERE m.user_id = @user AND (r.kind = @group OR r.kind = @personal AND r.blocker_id IS DISTINCT FROM @user::uuid)`
	rows, err := s.pool.Query(ctx, rooms, pgx.NamedArgs{"user": user, "group": bus.Group, "personal": bus.Personal})
	if err != nil {
		return nil, nil, translate(err)
	}
	var room bus.RoomID
	var kind bus.Kind
	_, err = pgx.ForEachRow(rows, []any{&room, &kind}, func() error {
		if kind == bus.Group {
			together = append(together, room)
		} else {
			personal = append(personal, room)
		}
		return nil
	})
	return together, personal, translate(err)
}

// Seal implements groups.Departing.
func (s *Store) Seal(ctx context.Context, by auth.Actor, room bus.RoomID, st bus.Stamp) (bus.Event, error) {
	const block = `UPDATE rooms SET blocker_id = @user WHERE id = @room`
	args := pgx.NamedArgs{"room": room, "user": by.User}
	var in insider
	err := s.inLane(ctx, func(tx pgx.Tx) (err error) {
		if _, err = tx.Exec(ctx, lockRoom, args); err != nil {
			return err
		}
		if in, err = lookIn(ctx, tx, by.User, room); err != nil {
			return err
		}
		if in.kind != bus.Personal {
			return chat.ErrNotMember
		}
		_, err = tx.Exec(ctx, block, args)
		return err
	})
	if err != nil {
		return nil, err
	}
	return bus.BlockChanged{Place: in.place(room, st, by), Blocked: true}, nil
}

// Departed implements groups.Departing.
func (s *Store) Departed(ctx context.Context, user auth.UserID) error {
	const erase = `
		DELETE FROM messages
		WHERE (room_id, seq) IN (SELECT room_id, seq FROM messages WHERE room_id = $1 LIMIT $2)`
	for erased := int64(sweepBatch); erased == sweepBatch; {
		tag, err := s.pool.Exec(ctx, erase, user, sweepBatch)
		if err != nil {
			return translate(err)
		}
		erased = tag.RowsAffected()
	}
	_, err := s.pool.Exec(ctx, `DELETE FROM departures WHERE user_id = $1`, user)
	return translate(err)
}
