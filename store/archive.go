package store

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// Chats implements chat.Archive: one query, so that all of the list is of one moment.
func (s *Store) Chats(ctx context.Context, user auth.UserID) ([]chat.Summary, error) {
	const chats = `
		SELECT r.id, r.kind, r.name, r.last_at, r.seq,
			(r.said - m.said_at_cursor) - (m.sent - m.sent_at_cursor),
			coalesce(u.id::text, ''), coalesce(u.name, ''), coalesce(u.email, '')
		FROM members m
		JOIN rooms r ON r.id = m.room_id
		LEFT JOIN users u ON u.id = CASE WHEN r.low = @user THEN r.high ELSE r.low END
		WHERE m.user_id = @user AND r.kind <> @self AND r.deleted_at IS NULL
		ORDER BY r.last_at DESC, r.id DESC`
	rows, err := s.pool.Query(ctx, chats, pgx.NamedArgs{"user": user, "self": bus.Self})
	if err != nil {
		return nil, translate(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c chat.Summary, err error) {
		err = row.Scan(&c.Room, &c.Kind, &c.Name, &c.LastAt, &c.Seq, &c.Unread,
			&c.Partner.ID, &c.Partner.Name, &c.Partner.Email)
		return c, err
	})
	return list, translate(err)
}

// History implements chat.Archive. Its three questions are asked of one snapshot, so
// that Seq, the cursors and the messages agree.
func (s *Store) History(ctx context.Context, user auth.UserID, room bus.RoomID, kind bus.Kind, p chat.Page) (chat.History, error) {
	h := chat.History{Room: room}
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, s.pool, snapshot, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		queueRoom(b, &h, user, kind)
		queueMembers(b, &h)
		queueMessages(b, &h, p)
		return tx.SendBatch(ctx, b).Close()
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return chat.History{}, chat.ErrNotMember
	case err != nil:
		return chat.History{}, translate(err)
	}
	return h, nil
}

func queueRoom(b *pgx.Batch, h *chat.History, user auth.UserID, kind bus.Kind) {
	const room = `
		SELECT r.kind, r.name, r.description, r.seq
		FROM rooms r
		JOIN members m ON m.room_id = r.id AND m.user_id = @user
		WHERE r.id = @room AND r.deleted_at IS NULL`
	b.Queue(room, pgx.NamedArgs{"room": h.Room, "user": user}).QueryRow(func(row pgx.Row) error {
		var found bus.Kind
		if err := row.Scan(&found, &h.Name, &h.Description, &h.Seq); err != nil {
			return err
		}
		if found != kind {
			return chat.ErrOtherKind
		}
		return nil
	})
}

func queueMembers(b *pgx.Batch, h *chat.History) {
	const members = `
		SELECT m.user_id, u.name, m.role, m.cursor_seq
		FROM members m
		JOIN users u ON u.id = m.user_id
		WHERE m.room_id = @room
		ORDER BY m.joined_seq, m.joined_nth`
	b.Queue(members, pgx.NamedArgs{"room": h.Room}).Query(func(rows pgx.Rows) (err error) {
		h.Members, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (m chat.Member, err error) {
			err = row.Scan(&m.User, &m.Name, &m.Role, &m.Cursor)
			return m, err
		})
		return err
	})
}

// newestPage and oldestPage walk the primary key from one end, so that a page costs its
// own length and nothing of the rest. One message more than asked for is fetched to
// learn whether there are any; what exceeds the bytes of a page is cut off behind the
// first one.
const (
	pageColumns = `
		SELECT id, seq, sender_id, name, content, sent_at
		FROM (
			SELECT msg.id, msg.seq, msg.sender_id, u.name, msg.content, msg.sent_at,
				sum(octet_length(msg.content)) OVER w - octet_length(msg.content) AS bytes_before
			FROM messages msg
			JOIN users u ON u.id = msg.sender_id`
	newestPage = pageColumns + `
			WHERE msg.room_id = @room AND msg.type = @text AND (@before::bigint = 0 OR msg.seq < @before::bigint)
			WINDOW w AS (ORDER BY msg.seq DESC)
			ORDER BY msg.seq DESC
			LIMIT @limit
		) page
		WHERE bytes_before <= @bytes
		ORDER BY seq DESC`
	oldestPage = pageColumns + `
			WHERE msg.room_id = @room AND msg.type = @text AND msg.seq > @after
			WINDOW w AS (ORDER BY msg.seq)
			ORDER BY msg.seq
			LIMIT @limit
		) page
		WHERE bytes_before <= @bytes
		ORDER BY seq`
)

func queueMessages(b *pgx.Batch, h *chat.History, p chat.Page) {
	query := newestPage
	if p.Forward() {
		query = oldestPage
	}
	args := pgx.NamedArgs{
		"room": h.Room, "text": bus.Text, "before": p.Before, "after": p.After,
		"limit": p.Limit + 1, "bytes": chat.MaxPageBytes,
	}
	b.Queue(query, args).Query(func(rows pgx.Rows) (err error) {
		h.Messages, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (m chat.Message, err error) {
			err = row.Scan(&m.ID, &m.Seq, &m.Sender, &m.SenderName, &m.Content, &m.At)
			return m, err
		})
		if err != nil {
			return err
		}
		cutPage(h, p)
		return nil
	})
}

// cutPage takes off what was fetched only to learn that it is there, and turns the page
// to newest first. The sum of bytes runs one message past the bound for the same reason.
func cutPage(h *chat.History, p chat.Page) {
	size, n := 0, 0
	for n < len(h.Messages) && n < p.Limit {
		size += len(h.Messages[n].Content)
		if n > 0 && size > chat.MaxPageBytes {
			break
		}
		n++
	}
	h.HasMore = n < len(h.Messages)
	h.Messages = h.Messages[:n]
	if p.Forward() {
		slices.Reverse(h.Messages)
	}
}
