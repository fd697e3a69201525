package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// Chats implements chat.Archive: one query, so that all of the list is of one moment.
func (s *Store) Chats(ctx context.Context, user auth.UserID) ([]chat.Summary, error) {
	const chats = `
		SELECT r.id, r.kind, r.name, r.picture, r.last_at, r.seq,
			(r.said - m.said_at_cursor) - (m.sent - m.sent_at_cursor),
			coalesce(u.id::text, ''), coalesce(u.name, ''), coalesce(u.email, ''), coalesce(u.picture, '')
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
		err = row.Scan(&c.Room, &c.Kind, &c.Name, &c.Picture, &c.LastAt, &c.Seq, &c.Unread,
			&c.Partner.ID, &c.Partner.Name, &c.Partner.Email, &c.Partner.Picture)
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
		SELECT r.kind, r.name, r.description, r.picture, r.seq
		FROM rooms r
		JOIN members m ON m.room_id = r.id AND m.user_id = @user
		WHERE r.id = @room AND r.deleted_at IS NULL`
	b.Queue(room, pgx.NamedArgs{"room": h.Room, "user": user}).QueryRow(func(row pgx.Row) error {
		var found bus.Kind
		if err := row.Scan(&found, &h.Name, &h.Description, &h.Picture, &h.Seq); err != nil {
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
		SELECT m.user_id, u.name, u.picture, m.role, m.cursor_seq
		FROM members m
		JOIN users u ON u.id = m.user_id
		WHERE m.room_id = @room
		ORDER BY m.joined_seq, m.joined_nth`
	b.Queue(members, pgx.NamedArgs{"room": h.Room}).Query(func(rows pgx.Rows) (err error) {
		h.Members, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (m chat.Member, err error) {
			err = row.Scan(&m.User, &m.Name, &m.Picture, &m.Role, &m.Cursor)
			return m, err
		})
		return err
	})
}
