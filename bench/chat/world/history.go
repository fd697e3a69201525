package world

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// fillers is how many chats there are of which nobody knows anything but their history.
func (s Size) fillers() int {
	rest := s.Stored - s.ShortChat - s.LongChat - Pairs*s.PerChat
	return max(rest/max(s.PerChat, 1), 0)
}

// Indexes are made when the rows are there: that takes a fraction of the time.
const (
	dropIndexes = `
		ALTER TABLE messages DROP CONSTRAINT messages_pkey, DROP CONSTRAINT messages_id;
		DROP INDEX messages_client`
	makeIndexes = `
		ALTER TABLE messages ADD PRIMARY KEY (room_id, seq), ADD CONSTRAINT messages_id UNIQUE (id);
		CREATE UNIQUE INDEX messages_client ON messages (room_id, sender_id, client_id) WHERE client_id IS NOT NULL`
)

// talkOf gives rooms chats and their lower member a history of that many messages each,
// one of each room after another, as they come in life.
const talkOf = `
	INSERT INTO messages (room_id, seq, id, sender_id, type, content, sent_at)
	SELECT r.id, seq, pg_temp.id(@message, @number::bigint + seq * @count::bigint + r.n), r.low, 'text', left(repeat('All work and no play. ', 10), 200),
		now() - interval '1 day'
	FROM generate_series(1, @each::bigint) seq,
		(
			SELECT id, low, row_number() OVER (ORDER BY id) - 1 AS n
			FROM rooms
			WHERE id >= pg_temp.id(@room, @first) AND id < pg_temp.id(@room, @first::bigint + @count::bigint)
		) r`

// counted moves the counters to where the messages would have moved them.
const counted = `
	WITH room AS (
		UPDATE rooms
		SET seq = @each, said = @each, said_seq = @each
		WHERE id >= pg_temp.id(@room, @first) AND id < pg_temp.id(@room, @first::bigint + @count::bigint)
		RETURNING id, low
	)
	UPDATE members m
	SET sent = @each
	FROM room r
	WHERE m.room_id = r.id AND m.user_id = r.low`

// SeedHistory fills a database that Seed has written with messages.
func SeedHistory(ctx context.Context, conn *pgx.Conn, s Size) error {
	fill := pairs(fillRooms, s.fillers(), Crowd, 1, Crowd+1, 1)
	fill["user"], fill["room"] = userKind, roomKind
	for _, step := range []struct {
		query string
		args  pgx.NamedArgs
	}{{dropIndexes, nil}, {makeID, nil}, {personal, fill}} {
		if err := execute(ctx, conn, step.query, step.args); err != nil {
			return err
		}
	}
	number := 0
	for _, stretch := range []struct{ first, count, each int }{
		{0, Pairs, s.PerChat},
		{shortRoom, 1, s.ShortChat},
		{longRoom, 1, s.LongChat},
		{fillRooms, s.fillers(), s.PerChat},
	} {
		args := pgx.NamedArgs{
			"room": roomKind, "message": messageKind, "number": number,
			"first": stretch.first, "count": stretch.count, "each": stretch.each,
		}
		for _, query := range []string{talkOf, counted} {
			if err := execute(ctx, conn, query, args); err != nil {
				return err
			}
		}
		number += (stretch.each + 1) * stretch.count
	}
	for _, query := range []string{makeIndexes, `VACUUM (ANALYZE, FREEZE)`} {
		if err := execute(ctx, conn, query, nil); err != nil {
			return err
		}
	}
	return nil
}

// Weight is what a stored message takes on disk, in bytes.
type Weight struct {
	Row     float64
	Indexes float64
}

// Weigh weighs the messages that are stored.
func Weigh(ctx context.Context, conn *pgx.Conn) (w Weight, err error) {
	const weigh = `
		SELECT pg_table_size('messages')::float8 / count(*), pg_indexes_size('messages')::float8 / count(*)
		FROM messages`
	if err := conn.QueryRow(ctx, weigh).Scan(&w.Row, &w.Indexes); err != nil {
		return Weight{}, fmt.Errorf("weigh messages: %w", err)
	}
	return w, nil
}
