package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// Rooms implements chat.Archive.
func (s *Store) Rooms(ctx context.Context, user auth.UserID, after bus.RoomID, limit int) ([]chat.Joined, error) {
	const rooms = `
		SELECT r.id, r.kind
		FROM members m
		JOIN rooms r ON r.id = m.room_id AND r.deleted_at IS NULL
		WHERE m.user_id = @user AND (@first OR m.room_id > @after)
		ORDER BY m.room_id
		LIMIT @limit`
	rows, err := s.pool.Query(ctx, rooms, pgx.NamedArgs{
		"user": user, "first": after == "", "after": binary(after), "limit": limit,
	})
	if err != nil {
		return nil, translate(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (j chat.Joined, err error) {
		err = row.Scan(&j.Room, &j.Kind)
		return j, err
	})
	return list, translate(err)
}
