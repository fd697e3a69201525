package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// FindPersonal implements chat.Archive.
func (s *Store) FindPersonal(ctx context.Context, user, other auth.UserID) (chat.Opened, error) {
	o, _, err := findPersonal(ctx, s.pool, user, other)
	return o, err
}

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// findPersonal looks for the pair's room, and for how user is shown. The partner's address
// is known only to those who have one. A deleted user has those that there are, and no other.
func findPersonal(ctx context.Context, q querier, user, other auth.UserID) (chat.Opened, who, error) {
	const find = `
		SELECT me.name, me.picture, u.name, u.picture, u.email, r.id
		FROM users u
		JOIN users me ON me.id = @user
		LEFT JOIN rooms r ON r.low = least(@user::uuid, @other::uuid) AND r.high = greatest(@user::uuid, @other::uuid)
		WHERE u.id = @other AND (u.deleted_at IS NULL OR r.id IS NOT NULL)`
	o := chat.Opened{Partner: chat.Person{ID: other}}
	var me who
	var email string
	var room *bus.RoomID
	err := q.QueryRow(ctx, find, pgx.NamedArgs{"user": user, "other": other}).
		Scan(&me.name, &me.picture, &o.Partner.Name, &o.Partner.Picture, &email, &room)
	if errors.Is(err, pgx.ErrNoRows) {
		return chat.Opened{}, who{}, chat.ErrNoUser
	}
	if err != nil {
		return chat.Opened{}, who{}, translate(err)
	}
	if room != nil {
		o.Room, o.Existed, o.Partner.Email = *room, true, email
	}
	return o, me, nil
}

// OpenPersonal implements lane.Store. Of two who open the chat of one pair at once, the
// constraint on the pair lets one make it; the other finds it. So does a second attempt
// after a lost reply, which knows the room by its id.
func (s *Store) OpenPersonal(ctx context.Context, by auth.Actor, other auth.UserID, room bus.RoomID, st bus.Stamp) (chat.Opened, bus.Event, error) {
	const make = `
		INSERT INTO rooms (id, kind, creator_id, low, high, last_at, created_at)
		VALUES (@room, @kind, @user, least(@user::uuid, @other::uuid), greatest(@user::uuid, @other::uuid), @at, @at)
		ON CONFLICT (low, high) DO NOTHING`
	const join = `
		INSERT INTO members (room_id, user_id, role, joined_nth)
		VALUES (@room, @user, @role, 0), (@room, @other, @role, 1)`
	args := pgx.NamedArgs{
		"room": room, "kind": bus.Personal, "user": by.User, "other": other, "at": st.At, "role": bus.Plain,
	}
	var o chat.Opened
	var me who
	err := s.inLane(ctx, func(tx pgx.Tx) (err error) {
		if o, me, err = findPersonal(ctx, tx, by.User, other); err != nil || o.Room != "" {
			return err
		}
		there, err := arePresent(ctx, tx, by.User, other)
		if err != nil {
			return err
		}
		if !there {
			return chat.ErrNoUser
		}
		tag, err := tx.Exec(ctx, make, args)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			o, _, err = findPersonal(ctx, tx, by.User, other)
			return err
		}
		o.Room = room
		_, err = tx.Exec(ctx, join, args)
		return err
	})
	if err != nil {
		return chat.Opened{}, nil, err
	}
	if o.Room != room {
		return o, nil, nil
	}
	o.Existed = false
	return o, bus.RoomCreated{
		Place: place(room, bus.Personal, 0, bus.Stamp{At: st.At}, by, me),
		Members: []bus.Member{
			{User: by.User, Name: me.name, Picture: me.picture, Role: bus.Plain},
			{User: other, Name: o.Partner.Name, Picture: o.Partner.Picture, Role: bus.Plain},
		},
	}, nil
}
