package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/groups"
)

var _ groups.Store = (*Store)(nil)

// CreateGroup implements groups.Store. All of its members have to have an account.
func (s *Store) CreateGroup(ctx context.Context, by auth.Actor, group bus.RoomID, p groups.Plan, st bus.Stamp) (bus.Event, error) {
	const make = `
		INSERT INTO rooms (id, kind, name, description, picture, creator_id, last_at, created_at)
		VALUES (@group, @kind, @name, @description, @picture, @creator, @at, @at)
		ON CONFLICT (id) DO NOTHING`
	const join = `
		INSERT INTO members (room_id, user_id, role, joined_seq, joined_nth)
		SELECT @group, u.id, CASE WHEN p.nth = 1 THEN @owner ELSE @plain END, 1, p.nth - 1
		FROM unnest(@people::uuid[]) WITH ORDINALITY AS p(id, nth)
		JOIN users u ON u.id = p.id`
	people := append([]auth.UserID{by.User}, p.Members...)
	args := pgx.NamedArgs{
		"group": group, "kind": bus.Group, "name": p.Name, "description": p.Description, "picture": p.Picture, "creator": by.User, "at": st.At,
		"people": people, "owner": bus.Owner, "plain": bus.Plain,
	}
	e := bus.RoomCreated{Name: p.Name, Description: p.Description, Picture: p.Picture}
	err := s.inLane(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, make, args)
		if err != nil {
			return err
		}
		seq := int64(1)
		if tag.RowsAffected() == 1 { // else an earlier attempt made it, all of it
			there, err := arePresent(ctx, tx, people...)
			if err != nil {
				return err
			}
			if !there {
				return groups.ErrNoUser
			}
			if _, err = tx.Exec(ctx, join, args); err != nil {
				return err
			}
			if seq, err = addEntry(ctx, tx, group, by.User, bus.Create, p.Name, st); err != nil {
				return err
			}
		}
		e.Members, err = membersOf(ctx, tx, group)
		e.Place = place(group, bus.Group, seq, st, by, who{})
		return err
	})
	if err != nil {
		return nil, err
	}
	e.ByName, e.ByPicture = e.Members[0].Name, e.Members[0].Picture
	return e, nil
}

func membersOf(ctx context.Context, tx pgx.Tx, room bus.RoomID) ([]bus.Member, error) {
	const members = `
		SELECT m.user_id, u.name, u.picture, m.role
		FROM members m
		JOIN users u ON u.id = m.user_id
		WHERE m.room_id = @room
		ORDER BY m.joined_seq, m.joined_nth`
	rows, err := tx.Query(ctx, members, pgx.NamedArgs{"room": room})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (m bus.Member, err error) {
		err = row.Scan(&m.User, &m.Name, &m.Picture, &m.Role)
		return m, err
	})
}

// Role implements groups.Store.
func (s *Store) Role(ctx context.Context, group bus.RoomID, user auth.UserID) (bus.Role, error) {
	const role = `
		SELECT m.role
		FROM members m
		JOIN rooms r ON r.id = m.room_id
		WHERE m.room_id = @group AND m.user_id = @user AND r.kind = @kind AND r.deleted_at IS NULL`
	var is bus.Role
	err := s.pool.QueryRow(ctx, role, pgx.NamedArgs{"group": group, "user": user, "kind": bus.Group}).Scan(&is)
	if errors.Is(err, pgx.ErrNoRows) {
		return bus.None, nil
	}
	return is, translate(err)
}

// Heir implements groups.Store.
func (s *Store) Heir(ctx context.Context, group bus.RoomID, user auth.UserID) (auth.UserID, error) {
	const heir = `
		SELECT user_id
		FROM members
		WHERE room_id = @group AND user_id <> @user
		ORDER BY role = @admin DESC, joined_seq, joined_nth
		LIMIT 1`
	var id auth.UserID
	err := s.pool.QueryRow(ctx, heir, pgx.NamedArgs{"group": group, "user": user, "admin": bus.Admin}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return id, translate(err)
}
