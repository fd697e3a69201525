package store

import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"expresschat/bus"
	"expresschat/chat"
)

// isSaid is bus.Type.SaidByPeople of a message msg.
const isSaid = `msg.type IN ('text', 'voice', 'image', 'video', 'file', 'reply', 'allDeleted', 'location', 'forward')`

// moveCursors advances members' cursors, never back; chat.Move says where to. The two
// counters at the new place are those of the room and of the member less what was said
// after it, which costs the length of that stretch: nothing in the usual case of reading
// to the newest. The rooms are locked, so nothing is said meanwhile.
const moveCursors = `
	WITH wish AS MATERIALIZED (
		SELECT w.nth, w.room_id, w.user_id, u.name, u.picture, r.said, r.seq,
			m.cursor_seq, m.sent, m.said_at_cursor, m.sent_at_cursor,
			greatest(
				least(w.up_to, r.seq),
				CASE WHEN w.newest AND w.before IS NULL THEN r.seq END,
				CASE WHEN w.newest AND w.before IS NOT NULL THEN (
					SELECT msg.seq
					FROM messages msg
					WHERE msg.room_id = w.room_id AND msg.id < w.before
					ORDER BY msg.seq DESC
					LIMIT 1
				) END
			) AS target
		FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::boolean[], $6::uuid[])
			WITH ORDINALITY AS w (room_id, kind, user_id, up_to, newest, before, nth)
		JOIN members m ON m.room_id = w.room_id AND m.user_id = w.user_id
		JOIN rooms r ON r.id = w.room_id AND r.kind = w.kind AND r.deleted_at IS NULL
		JOIN users u ON u.id = w.user_id
	),
	step AS MATERIALIZED (
		SELECT w.*, w.said - coalesce(l.said, 0) AS new_said, w.sent - coalesce(l.sent, 0) AS new_sent
		FROM wish w
		LEFT JOIN LATERAL (
			SELECT count(*) AS said, count(*) FILTER (WHERE msg.sender_id = w.user_id) AS sent
			FROM messages msg
			WHERE w.target < w.seq AND msg.room_id = w.room_id AND msg.seq > w.target AND ` + isSaid + `
		) l ON true
		WHERE w.target > w.cursor_seq
	),
	moved AS (
		UPDATE members m
		SET cursor_seq = s.target, said_at_cursor = s.new_said, sent_at_cursor = s.new_sent
		FROM step s
		WHERE m.room_id = s.room_id AND m.user_id = s.user_id
	)
	SELECT nth, name, picture, seq, target, true, (said - new_said) - (sent - new_sent)
	FROM step
	UNION ALL
	SELECT nth, name, picture, seq, cursor_seq, false, (said - said_at_cursor) - (sent - sent_at_cursor)
	FROM wish
	WHERE target <= cursor_seq`

// queueMoves has the cursors of a batch moved. One leaves no entry by which an earlier
// attempt could be known: in a repeated one the others are told in any case, because to
// hear twice that somebody has read changes nothing.
func queueMoves(batch *pgx.Batch, b chat.Batch, moved []chat.Moved) {
	n := len(b.Moves)
	rooms, users, before := make([]pgtype.UUID, n), make([]pgtype.UUID, n), make([]pgtype.UUID, n)
	kinds, upTo, newest := make([]string, n), make([]int64, n), make([]bool, n)
	for i, m := range b.Moves {
		rooms[i], users[i], kinds[i] = binary(m.Room), binary(m.By.User), string(m.Kind)
		upTo[i], newest[i] = m.UpTo, m.Newest
		if m.Before != "" {
			before[i] = binary(m.Before)
		}
		moved[i].Err = chat.ErrNotMember // unless there is a row
	}
	batch.Queue(moveCursors, rooms, kinds, users, upTo, newest, before).
		Query(func(rows pgx.Rows) error { return scanMoves(rows, b, moved) })
}

func scanMoves(rows pgx.Rows, b chat.Batch, moved []chat.Moved) error {
	for rows.Next() {
		var nth int
		var reader who
		var seq int64
		var c chat.Cursor
		var isNew bool
		if err := rows.Scan(&nth, &reader.name, &reader.picture, &seq, &c.Seq, &isNew, &c.Unread); err != nil {
			return err
		}
		m := b.Moves[nth-1]
		moved[nth-1] = chat.Moved{Cursor: c}
		if isNew || b.Again {
			at := place(m.Room, m.Kind, seq, bus.Stamp{At: m.Stamp.At}, m.By, reader)
			moved[nth-1].Event = bus.ReadMoved{Place: at, UpTo: c.Seq}
		}
	}
	return rows.Err()
}
