package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/bus"
)

// lockRoom is lockRooms of one.
const lockRoom = `SELECT FROM rooms WHERE id = @room FOR NO KEY UPDATE`

// addEntry gives a system message its place in a room that tx holds the lock of, and
// returns the place. Such entries count for nobody.
func addEntry(ctx context.Context, tx pgx.Tx, room bus.RoomID, by auth.UserID, t bus.Type, content string, st bus.Stamp) (int64, error) {
	const add = `
		WITH place AS (
			UPDATE rooms
			SET seq = seq + 1
			WHERE id = @room
			RETURNING seq
		)
		INSERT INTO messages (room_id, seq, id, sender_id, type, content, sent_at)
		SELECT @room, seq, @id, @by, @type, @content, @at
		FROM place
		RETURNING seq`
	var seq int64
	err := tx.QueryRow(ctx, add, pgx.NamedArgs{
		"room": room, "by": by, "id": st.ID, "at": st.At, "type": t, "content": content,
	}).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("add entry: %w", err)
	}
	return seq, nil
}

// placeOf finds the entry that an earlier attempt with the same stamp left behind, 0 if
// there is none.
func placeOf(ctx context.Context, tx pgx.Tx, id bus.MessageID) (int64, error) {
	var seq int64
	err := tx.QueryRow(ctx, `SELECT seq FROM messages WHERE id = $1`, id).Scan(&seq)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return seq, err
}
