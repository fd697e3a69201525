package store

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// listedContent and listedAttachment are what a list shows of a message msg. A content that is what
// the file is called is left out, as it would be told from that no more once it is cut. No name of a
// file, nor of a file's file, is longer than what is kept of it: one that is cut is none.
const (
	listedContent = `CASE WHEN msg.content = msg.attachment->>'name' THEN '' ELSE coalesce(left(msg.content, @shown), '') END`

	listedAttachment = `CASE WHEN msg.type <> 'text' AND msg.attachment IS NOT NULL THEN jsonb_build_object(
				'name', left(msg.attachment->>'name', 255),
				'picture', left(msg.attachment->>'picture', 255),
				'file', left(msg.attachment->>'file', 255),
				'duration', left(msg.attachment->>'duration', 255),
				'latitude', left(msg.attachment->>'latitude', 255),
				'longitude', left(msg.attachment->>'longitude', 255)
			) END`
)

// Lists implements chat.Archive: one query, so that all of it is of one moment. What was
// said last and how far the other one has read are looked up by their keys, one row of
// each room: LIMIT has that done so, whatever the planner thinks of the tables. Its text is
// cut here, as a list of thousands would carry much that nobody sees.
func (s *Store) Lists(ctx context.Context, user auth.UserID) (chat.Lists, error) {
	const lists = `
		SELECT r.id, r.kind, r.name, r.picture, r.last_at, r.seq,
			(r.said - m.said_at_cursor) - (m.sent - m.sent_at_cursor),
			p.id, coalesce(p.name, ''), coalesce(p.picture, ''),
			m.cursor_seq, m.muted, r.blocker_id, coalesce(pm.cursor_seq, 0),
			msg.id, r.said_seq, coalesce(msg.type, ''), msg.sender_id,
			coalesce(s.name, ''), ` + listedContent + `, ` + listedAttachment + `, coalesce(msg.sent_at, r.last_at)
		FROM members m
		JOIN rooms r ON r.id = m.room_id AND r.deleted_at IS NULL
		LEFT JOIN LATERAL (
			SELECT id, type, sender_id, content, attachment, sent_at
			FROM messages
			WHERE r.said_seq > 0 AND room_id = r.id AND seq = r.said_seq
			LIMIT 1
		) msg ON true
		LEFT JOIN LATERAL (
			SELECT cursor_seq
			FROM members
			WHERE r.kind = @personal AND room_id = r.id AND user_id = CASE WHEN r.low = @user THEN r.high ELSE r.low END
			LIMIT 1
		) pm ON true
		LEFT JOIN users p ON p.id = CASE WHEN r.kind = @self OR r.high = @user THEN coalesce(r.low, @user) ELSE r.high END
		LEFT JOIN users s ON s.id = msg.sender_id
		WHERE m.user_id = @user
		ORDER BY r.last_at DESC, r.id DESC`
	rows, err := s.pool.Query(ctx, lists, pgx.NamedArgs{"user": user, "self": bus.Self, "personal": bus.Personal, "shown": chat.ListedText})
	if err != nil {
		return chat.Lists{}, translate(err)
	}
	all, err := pgx.CollectRows(rows, scanListed)
	if err != nil {
		return chat.Lists{}, translate(err)
	}
	var l chat.Lists
	for _, c := range all {
		if c.Kind == bus.Self {
			l.Self = c
		} else {
			l.Chats = append(l.Chats, c)
		}
	}
	return l, nil
}

func scanListed(row pgx.CollectableRow) (c chat.Listed, err error) {
	p, m := &c.Partner, &c.Last
	var partner, blocker, message, sender pgtype.UUID
	err = row.Scan(&c.Room, &c.Kind, &c.Name, &c.Picture, &c.LastAt, &c.Seq, &c.Unread,
		&partner, &p.Name, &p.Picture,
		&c.Cursor, &c.Muted, &blocker, &c.PartnerCursor,
		&message, &m.Seq, &m.Type, &sender, &m.SenderName, &m.Content, &m.Attachment, &m.At)
	p.ID, c.Blocker = auth.UserID(partner.String()), auth.UserID(blocker.String())
	m.ID, m.Sender = bus.MessageID(message.String()), auth.UserID(sender.String())
	return c, err
}

// Naming implements chat.Named.
func (s *Store) Naming(ctx context.Context, user auth.UserID) (bus.NameChanged, error) {
	const naming = `
		SELECT u.name, u.picture, r.id, r.kind
		FROM users u
		LEFT JOIN (
			members m
			JOIN rooms r ON r.id = m.room_id AND r.kind <> @self AND r.deleted_at IS NULL
		) ON m.user_id = u.id
		WHERE u.id = @user`
	e := bus.NameChanged{User: user}
	rows, err := s.pool.Query(ctx, naming, pgx.NamedArgs{"user": user, "self": bus.Self})
	if err != nil {
		return bus.NameChanged{}, translate(err)
	}
	var room *bus.RoomID
	var kind *bus.Kind
	_, err = pgx.ForEachRow(rows, []any{&e.Name, &e.Picture, &room, &kind}, func() error {
		if room != nil {
			e.Rooms = append(e.Rooms, bus.NamedRoom{Room: *room, Kind: *kind})
		}
		return nil
	})
	if err == nil && e.Name == "" {
		err = chat.ErrNoUser
	}
	return e, translate(err)
}
