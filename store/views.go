package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

var _ chat.Views = (*Store)(nil)

// newest is the newest entry of a room r, which has its seq. LIMIT has it looked up by its
// key, whatever the planner thinks of the room's other entries.
const newest = `LATERAL (
			SELECT *
			FROM messages
			WHERE room_id = r.id AND seq = r.seq
			LIMIT 1
		)`

// viewsOf is what members see of rooms, behind a CTE seen with those of members whose views
// are asked for. A room without entries has no view. What was said last is only in one of a
// room's rows: it may be long, and its viewers many.
const viewsOf = `,
	sizes AS (
		SELECT room_id, count(*) AS members
		FROM members
		WHERE room_id IN (SELECT room_id FROM seen)
		GROUP BY room_id
	)
	SELECT m.user_id, r.id, r.kind, r.name, r.description, r.picture, coalesce(r.creator_id, r.id), sizes.members,
		m.role, m.muted, (r.said - m.said_at_cursor) - (m.sent - m.sent_at_cursor), coalesce(r.blocker_id::text, ''),
		coalesce(p.id::text, ''), coalesce(p.name, ''), coalesce(p.email, ''), coalesce(p.picture, ''),
		coalesce(pm.cursor_seq, 0),
		msg.id, msg.seq, msg.type, msg.sender_id, u.name, u.picture, msg.sent_at,
		row_number() OVER one_room = 1,
		CASE WHEN row_number() OVER one_room = 1 THEN msg.content ELSE '' END,
		CASE WHEN row_number() OVER one_room = 1 THEN msg.attachment END
	FROM seen m
	JOIN rooms r ON r.id = m.room_id AND r.kind <> 'self' AND r.deleted_at IS NULL
	JOIN sizes ON sizes.room_id = r.id
	JOIN ` + newest + ` msg ON true
	JOIN users u ON u.id = msg.sender_id
	LEFT JOIN LATERAL (
		SELECT *
		FROM members
		WHERE room_id = r.id AND user_id = CASE m.user_id WHEN r.low THEN r.high WHEN r.high THEN r.low END
		LIMIT 1
	) pm ON true
	LEFT JOIN users p ON p.id = pm.user_id
	WINDOW one_room AS (PARTITION BY r.id)
	ORDER BY msg.sent_at DESC, r.id DESC`

// Views implements chat.Views.
func (s *Store) Views(ctx context.Context, user auth.UserID, offset, limit int) ([]chat.View, error) {
	const seen = `
	WITH seen AS (
		SELECT m.*
		FROM members m
		JOIN rooms r ON r.id = m.room_id AND r.kind <> 'self' AND r.deleted_at IS NULL
		JOIN ` + newest + ` msg ON true
		WHERE m.user_id = @user
		ORDER BY msg.sent_at DESC, r.id DESC
		OFFSET @offset
		LIMIT @limit
	)`
	rows, err := s.pool.Query(ctx, seen+viewsOf, pgx.NamedArgs{"user": user, "offset": offset, "limit": limit})
	if err != nil {
		return nil, translate(err)
	}
	seers, err := scanViews(rows)
	if err != nil {
		return nil, translate(err)
	}
	views := make([]chat.View, len(seers))
	for i, v := range seers {
		views[i] = v.view
	}
	return views, nil
}

// ViewsOf implements chat.Views.
func (s *Store) ViewsOf(ctx context.Context, room bus.RoomID, users []auth.UserID) (map[auth.UserID]chat.View, error) {
	const seen = `
	WITH seen AS (
		SELECT *
		FROM members
		WHERE room_id = @room AND user_id = ANY(@users::uuid[])
	)`
	rows, err := s.pool.Query(ctx, seen+viewsOf, pgx.NamedArgs{"room": room, "users": users})
	if err != nil {
		return nil, translate(err)
	}
	seers, err := scanViews(rows)
	if err != nil {
		return nil, translate(err)
	}
	views := make(map[auth.UserID]chat.View, len(seers))
	for _, v := range seers {
		views[v.by] = v.view
	}
	return views, nil
}

// seer is somebody and what they see.
type seer struct {
	by   auth.UserID
	view chat.View
}

// scanViews reads rows of viewsOf. What was said last is put where it was left out.
func scanViews(rows pgx.Rows) ([]seer, error) {
	last := map[bus.RoomID]chat.Message{}
	views, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (seer, error) {
		var by auth.UserID
		var v chat.View
		var said bool
		p, m := &v.Partner, &v.Last
		err := row.Scan(&by, &v.Room, &v.Kind, &v.Name, &v.Description, &v.Picture, &v.Creator, &v.Members,
			&v.Role, &v.Muted, &v.Unread, &v.Blocker,
			&p.ID, &p.Name, &p.Email, &p.Picture, &v.PartnerCursor,
			&m.ID, &m.Seq, &m.Type, &m.Sender, &m.SenderName, &m.SenderPicture, &m.At,
			&said, &m.Content, &m.Attachment)
		if said {
			last[v.Room] = v.Last
		}
		return seer{by, v}, err
	})
	for i := range views {
		v := &views[i].view
		v.Last.Content, v.Last.Attachment = last[v.Room].Content, last[v.Room].Attachment
	}
	return views, err
}

// Partners implements chat.Views.
func (s *Store) Partners(ctx context.Context, user auth.UserID) (map[bus.RoomID]auth.UserID, error) {
	const partners = `
		SELECT r.id, CASE WHEN r.low = @user THEN r.high ELSE r.low END
		FROM members m
		JOIN rooms r ON r.id = m.room_id
		WHERE m.user_id = @user AND r.kind = 'personal' AND r.deleted_at IS NULL`
	rows, err := s.pool.Query(ctx, partners, pgx.NamedArgs{"user": user})
	if err != nil {
		return nil, translate(err)
	}
	list := map[bus.RoomID]auth.UserID{}
	var room bus.RoomID
	var partner auth.UserID
	_, err = pgx.ForEachRow(rows, []any{&room, &partner}, func() error {
		list[room] = partner
		return nil
	})
	return list, translate(err)
}

// Members implements chat.Views. To a member a page past the end is one row of nothing, to
// anybody else there is no row.
func (s *Store) Members(ctx context.Context, user auth.UserID, room bus.RoomID, offset, limit int) ([]chat.Person, []bus.Role, error) {
	const members = `
		SELECT p.id IS NOT NULL, coalesce(p.id::text, ''), coalesce(p.name, ''), coalesce(p.email, ''),
			coalesce(p.picture, ''), coalesce(p.role, '')
		FROM members me
		JOIN rooms r ON r.id = me.room_id AND r.kind = 'group' AND r.deleted_at IS NULL
		LEFT JOIN LATERAL (
			SELECT u.id, u.name, u.email, u.picture, m.role, m.joined_seq, m.joined_nth
			FROM members m
			JOIN users u ON u.id = m.user_id
			WHERE m.room_id = r.id
			ORDER BY m.joined_seq, m.joined_nth
			OFFSET @offset
			LIMIT @limit
		) p ON true
		WHERE me.room_id = @room AND me.user_id = @user
		ORDER BY p.joined_seq, p.joined_nth`
	rows, err := s.pool.Query(ctx, members, pgx.NamedArgs{"user": user, "room": room, "offset": offset, "limit": limit})
	if err != nil {
		return nil, nil, translate(err)
	}
	var people []chat.Person
	var roles []bus.Role
	var p chat.Person
	var role bus.Role
	var there bool
	tag, err := pgx.ForEachRow(rows, []any{&there, &p.ID, &p.Name, &p.Email, &p.Picture, &role}, func() error {
		if there {
			people, roles = append(people, p), append(roles, role)
		}
		return nil
	})
	if err == nil && tag.RowsAffected() == 0 {
		err = chat.ErrNotMember
	}
	return people, roles, translate(err)
}
