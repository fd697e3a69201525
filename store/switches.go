package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

var _ chat.Switches = (*Store)(nil)

// insider is what a switch finds: a member, and the room.
type insider struct {
	kind    bus.Kind
	seq     int64
	blocker auth.UserID // empty for nobody
	muted   bool
	who
}

// lookIn asks about a member of a room. The error is chat.ErrNotMember.
func lookIn(ctx context.Context, q querier, user auth.UserID, room bus.RoomID) (insider, error) {
	const ask = `
		SELECT r.kind, r.seq, coalesce(r.blocker_id::text, ''), m.muted, u.name, u.picture
		FROM members m
		JOIN rooms r ON r.id = m.room_id
		JOIN users u ON u.id = m.user_id
		WHERE m.room_id = @room AND m.user_id = @user AND r.deleted_at IS NULL`
	var in insider
	err := q.QueryRow(ctx, ask, pgx.NamedArgs{"room": room, "user": user}).
		Scan(&in.kind, &in.seq, &in.blocker, &in.muted, &in.name, &in.picture)
	if errors.Is(err, pgx.ErrNoRows) {
		return insider{}, chat.ErrNotMember
	}
	return in, err
}

// Typist implements chat.Switches.
func (s *Store) Typist(ctx context.Context, user auth.UserID, room bus.RoomID) (bus.Kind, string, error) {
	in, err := lookIn(ctx, s.pool, user, room)
	if err == nil && in.blocker != "" {
		err = chat.ErrBlocked
	}
	return in.kind, in.name, translate(err)
}

// ToggleMute implements chat.Switches.
func (s *Store) ToggleMute(ctx context.Context, by auth.Actor, room bus.RoomID, st bus.Stamp) (bool, bus.Event, error) {
	const set = `UPDATE members SET muted = @on WHERE room_id = @room AND user_id = @user`
	is, in, err := s.toggle(ctx, by, room, st, set, func(in insider) (bool, error) {
		return !in.muted, nil
	})
	if err != nil {
		return false, nil, err
	}
	return is, bus.MuteChanged{Place: in.place(room, st, by), Muted: is}, nil
}

// ToggleBlock implements chat.Switches.
func (s *Store) ToggleBlock(ctx context.Context, by auth.Actor, room bus.RoomID, st bus.Stamp) (bool, bus.Event, error) {
	const set = `UPDATE rooms SET blocker_id = CASE WHEN @on THEN @user::uuid END WHERE id = @room`
	is, in, err := s.toggle(ctx, by, room, st, set, func(in insider) (bool, error) {
		switch {
		case in.kind != bus.Personal:
			return false, chat.ErrNotMember
		case in.blocker != "" && in.blocker != by.User:
			return false, chat.ErrBlocked
		}
		return in.blocker == "", nil
	})
	if err != nil {
		return false, nil, err
	}
	return is, bus.BlockChanged{Place: in.place(room, st, by), Blocked: is}, nil
}

// toggle has a switch of somebody in a room turned to what next says, once for a stamp.
//
// The first attempt leaves its stamp and its result behind, in one transaction with the
// effect. A repeated one finds them: whatever an attempt does, it does behind the room's
// lock, so an earlier one has committed by now or never will. It does not matter who has
// turned the switch since: what it answers is what came of its own wish.
func (s *Store) toggle(ctx context.Context, by auth.Actor, room bus.RoomID, st bus.Stamp, set string, next func(insider) (bool, error)) (is bool, in insider, err error) {
	const earlier = `SELECT is_on FROM toggles WHERE id = @id`
	const note = `INSERT INTO toggles (id, is_on) VALUES (@id, @on)`
	args := pgx.NamedArgs{"room": room, "user": by.User, "id": st.ID}
	err = s.inLane(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockRoom, args); err != nil {
			return err
		}
		if in, err = lookIn(ctx, tx, by.User, room); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, earlier, args).Scan(&is)
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if is, err = next(in); err != nil {
			return err
		}
		args["on"] = is
		if _, err := tx.Exec(ctx, set, args); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, note, args)
		return err
	})
	return is, in, err
}

// place is that of what is no entry.
func (in insider) place(room bus.RoomID, st bus.Stamp, by auth.Actor) bus.Place {
	return place(room, in.kind, in.seq, bus.Stamp{At: st.At}, by, in.who)
}
