package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// moveCursor advances a member's cursor to min(@up_to, the newest), never back. The two
// counters at the new place are those of the room and of the member less what was said
// after it, which costs the length of that stretch: nothing in the usual case of reading
// to the newest. All of it is of one snapshot, so it needs no lock on the room: a message
// that commits meanwhile lies behind the cursor, and counts as unread.
const moveCursor = `
	WITH before AS (
		SELECT m.cursor_seq, m.sent, r.said, r.seq, u.name,
			CASE WHEN @up_to::bigint <= 0 THEN r.seq ELSE least(@up_to::bigint, r.seq) END AS target
		FROM members m
		JOIN rooms r ON r.id = m.room_id
		JOIN users u ON u.id = m.user_id
		WHERE m.room_id = @room AND m.user_id = @by AND r.kind = @kind AND r.deleted_at IS NULL
	),
	later AS (
		SELECT count(*) AS said, count(*) FILTER (WHERE msg.sender_id = @by) AS sent
		FROM before b
		JOIN messages msg ON msg.room_id = @room AND msg.seq > b.target AND msg.type = @text
		WHERE b.target > b.cursor_seq AND b.target < b.seq
	),
	moved AS (
		UPDATE members m
		SET cursor_seq = b.target,
			said_at_cursor = b.said - l.said,
			sent_at_cursor = b.sent - l.sent
		FROM before b, later l
		WHERE m.room_id = @room AND m.user_id = @by AND b.target > b.cursor_seq
		RETURNING m.cursor_seq, m.said_at_cursor, m.sent_at_cursor
	)
	SELECT b.name, b.seq, coalesce(v.cursor_seq, b.cursor_seq), v.cursor_seq IS NOT NULL,
		(b.said - coalesce(v.said_at_cursor, m.said_at_cursor))
			- (b.sent - coalesce(v.sent_at_cursor, m.sent_at_cursor))
	FROM before b
	JOIN members m ON m.room_id = @room AND m.user_id = @by
	LEFT JOIN moved v ON true`

// MoveCursor implements lane.Store. A cursor leaves no entry by which an earlier attempt
// could be known: where one is in doubt, the others are told in any case, because to hear
// twice that somebody has read changes nothing.
func (s *Store) MoveCursor(ctx context.Context, by auth.Actor, r chat.Reading, st bus.Stamp, inDoubt bool) (chat.Cursor, bus.Event, error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return chat.Cursor{}, nil, translate(err)
	}
	defer conn.Release()
	var name string
	var seq int64
	var c chat.Cursor
	var moved bool
	err = conn.QueryRow(ctx, moveCursor, pgx.NamedArgs{
		"room": r.Room, "kind": r.Kind, "by": by.User, "up_to": r.UpTo, "text": bus.Text,
	}).Scan(&name, &seq, &c.Seq, &moved, &c.Unread)
	if errors.Is(err, pgx.ErrNoRows) {
		return chat.Cursor{}, nil, chat.ErrNotMember
	}
	if err != nil {
		return chat.Cursor{}, nil, translateCommit(err)
	}
	if !moved && !inDoubt {
		return c, nil, nil
	}
	return c, bus.ReadMoved{Place: place(r.Room, r.Kind, seq, st.At, by, name), UpTo: c.Seq}, nil
}
