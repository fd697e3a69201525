package store

import (
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"expresschat/chat"
)

// newestPage and oldestPage walk the primary key from one end, so that a page costs its
// own length and nothing of the rest: each has one bound of seq, known before the walk. One message more than asked for is fetched to
// learn whether there are any; what exceeds the bytes of a page is cut off behind the
// first one.
const (
	pageColumns = `
		SELECT id, seq, type, sender_id, name, picture, content, attachment, sent_at, size
		FROM (
			SELECT msg.id, msg.seq, msg.type, msg.sender_id, u.name, u.picture, msg.content, msg.attachment,
				msg.sent_at, size.size, sum(size.size) OVER w - size.size AS bytes_before
			FROM messages msg
			JOIN users u ON u.id = msg.sender_id
			CROSS JOIN LATERAL (
				SELECT octet_length(msg.content) + coalesce(octet_length(msg.attachment::text), 0) AS size
			) size`
	newestPage = pageColumns + `
			WHERE msg.room_id = @room AND (@system OR ` + isSaid + `)
				AND msg.seq < CASE
					WHEN @before::bigint > 0 THEN @before::bigint
					WHEN @before_id::uuid IS NULL THEN 9223372036854775807
					ELSE (SELECT seq FROM messages WHERE room_id = @room AND id = @before_id::uuid)
				END
			WINDOW w AS (ORDER BY msg.seq DESC)
			ORDER BY msg.seq DESC
			LIMIT @limit
		) page
		WHERE bytes_before <= @bytes
		ORDER BY seq DESC`
	oldestPage = pageColumns + `
			WHERE msg.room_id = @room AND (@system OR ` + isSaid + `) AND msg.seq > @after
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
	var beforeID pgtype.UUID
	if p.BeforeID != "" {
		beforeID = binary(p.BeforeID)
	}
	args := pgx.NamedArgs{
		"room": h.Room, "system": p.System, "before": p.Before, "before_id": beforeID, "after": p.After,
		"limit": p.Limit + 1, "bytes": chat.MaxPageBytes,
	}
	b.Queue(query, args).Query(func(rows pgx.Rows) (err error) {
		var sizes []int
		h.Messages, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (m chat.Message, err error) {
			var size int
			err = row.Scan(&m.ID, &m.Seq, &m.Type, &m.Sender, &m.SenderName, &m.SenderPicture,
				&m.Content, &m.Attachment, &m.At, &size)
			sizes = append(sizes, size)
			return m, err
		})
		if err != nil {
			return err
		}
		cutPage(h, sizes, p)
		return nil
	})
}

// cutPage takes off what was fetched only to learn that it is there, and turns the page
// to newest first. The sum of bytes runs one message past the bound for the same reason.
func cutPage(h *chat.History, sizes []int, p chat.Page) {
	size, n := 0, 0
	for n < len(h.Messages) && n < p.Limit {
		size += sizes[n]
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
