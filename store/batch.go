package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// lockRooms comes first: who holds a room's row decides what comes next in it, and nobody
// else touches its members. All take these locks first and in this order, so no two
// transactions wait for each other in a circle.
const lockRooms = `
	SELECT
	FROM rooms
	WHERE id = ANY($1::uuid[])
	ORDER BY id
	FOR NO KEY UPDATE`

// postEntries is a statement of its own, because its snapshot has to be younger than the
// locks, and one statement, because membership must be judged together with its effect.
//
// judged looks at each entry by its keys, whatever the planner knows of the tables: its
// sender (no name where they are not in the room, and may is false where somebody has
// blocked it), and an earlier message that the same sender gave the same client id or, in a
// repeated attempt ($8), this very entry. What is left is new, and takes the places behind
// the room's newest in the order of the batch. The arguments' names are those behind unnest;
// type and attachment may be missing where all are texts, and there is none.
const postEntries = `
	WITH judged AS MATERIALIZED (
		SELECT e.*, s.name, s.picture, s.may, o.id AS old_id, o.seq AS old_seq, o.sent_at AS old_at,
			s.may AND o.id IS NULL AS is_new,
			s.seq + count(*) FILTER (WHERE s.may AND o.id IS NULL) OVER places AS seq
		FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::text[], $7::text[], $9::text[], $10::text[])
			WITH ORDINALITY AS e (room_id, kind, sender_id, id, sent_at, content, client_id, type, attachment, nth)
		LEFT JOIN LATERAL (
			SELECT r.seq, u.name, u.picture, r.blocker_id IS NULL AS may
			FROM members m
			JOIN rooms r ON r.id = m.room_id
			JOIN users u ON u.id = m.user_id
			WHERE m.room_id = e.room_id AND m.user_id = e.sender_id
				AND r.kind = e.kind AND r.deleted_at IS NULL
		) s ON true
		LEFT JOIN LATERAL (
			SELECT id, seq, sent_at
			FROM messages
			WHERE room_id = e.room_id AND sender_id = e.sender_id AND client_id = e.client_id
			UNION ALL
			SELECT id, seq, sent_at
			FROM messages
			WHERE $8::boolean AND id = e.id
			LIMIT 1
		) o ON true
		WINDOW places AS (PARTITION BY e.room_id ORDER BY e.nth)
	),
	placed AS (
		UPDATE rooms r
		SET seq = r.seq + n.entries, said = r.said + n.entries, said_seq = r.seq + n.entries,
			last_at = greatest(r.last_at, n.newest)
		FROM (
			SELECT room_id, count(*) AS entries, max(sent_at) AS newest
			FROM judged
			WHERE is_new
			GROUP BY room_id
		) n
		WHERE r.id = n.room_id
	),
	counted AS (
		UPDATE members m
		SET sent = m.sent + n.entries
		FROM (
			SELECT room_id, sender_id, count(*) AS entries
			FROM judged
			WHERE is_new
			GROUP BY room_id, sender_id
		) n
		WHERE m.room_id = n.room_id AND m.user_id = n.sender_id
	),
	kept AS (
		INSERT INTO messages (room_id, seq, id, sender_id, type, content, attachment, client_id, sent_at)
		SELECT room_id, seq, id, sender_id, coalesce(type, $11), content, attachment::jsonb, client_id, sent_at
		FROM judged
		WHERE is_new
	)
	SELECT nth, name, coalesce(picture, ''), coalesce(may, false), seq, old_id, old_seq, old_at
	FROM judged`

// Commit implements lane.Store. All goes out in one round trip, as one implicit
// transaction. Without a connection nothing goes out: then there is no doubt.
func (s *Store) Commit(ctx context.Context, b chat.Batch) ([]chat.Posted, []chat.Moved, error) {
	posted, moved := make([]chat.Posted, len(b.Entries)), make([]chat.Moved, len(b.Moves))
	batch := &pgx.Batch{}
	batch.Queue(lockRooms, roomsOf(b))
	if len(b.Entries) > 0 {
		if err := queueEntries(batch, b, posted); err != nil {
			return nil, nil, err
		}
	}
	if len(b.Moves) > 0 {
		queueMoves(batch, b, moved)
	}
	conn, err := s.lanes.Acquire(ctx)
	if err != nil {
		s.distrust(ctx)
		return nil, nil, translate(err)
	}
	defer conn.Release()
	if err := conn.SendBatch(ctx, batch).Close(); err != nil { // the transaction commits only now
		s.distrust(ctx)
		return nil, nil, translateCommit(err)
	}
	return posted, moved, nil
}

// roomsOf names the rooms of a batch, each once.
func roomsOf(b chat.Batch) []pgtype.UUID {
	rooms := make([]pgtype.UUID, 0, len(b.Entries)+len(b.Moves))
	for i := range b.Entries {
		rooms = append(rooms, binary(b.Entries[i].Draft.Room))
	}
	for i := range b.Moves {
		rooms = append(rooms, binary(b.Moves[i].Room))
	}
	slices.SortFunc(rooms, func(a, b pgtype.UUID) int { return slices.Compare(a.Bytes[:], b.Bytes[:]) })
	return slices.Compact(rooms)
}

// binary is an id as it is sent fastest. One that is none names nothing that there is.
func binary[ID ~string](id ID) pgtype.UUID {
	u, _ := uuid.Parse(string(id))
	return pgtype.UUID{Bytes: u, Valid: true}
}

func queueEntries(batch *pgx.Batch, b chat.Batch, posted []chat.Posted) error {
	n := len(b.Entries)
	rooms, senders, ids := make([]pgtype.UUID, n), make([]pgtype.UUID, n), make([]pgtype.UUID, n)
	kinds, contents, clientIDs := make([]string, n), make([]string, n), make([]*string, n)
	times := make([]time.Time, n)
	for i := range b.Entries {
		e := &b.Entries[i]
		rooms[i], senders[i], ids[i] = binary(e.Draft.Room), binary(e.By.User), binary(e.Stamp.ID)
		kinds[i], contents[i], times[i] = string(e.Draft.Kind), e.Draft.Content, e.Stamp.At
		if e.Draft.ClientID != "" {
			clientIDs[i] = &e.Draft.ClientID
		}
	}
	types, attachments, err := particulars(b.Entries)
	if err != nil {
		return err
	}
	batch.Queue(postEntries, rooms, kinds, senders, ids, times, contents, clientIDs, b.Again, types, attachments, string(bus.Text)).
		Query(func(rows pgx.Rows) error { return scanEntries(rows, b.Entries, posted) })
	return nil
}

// particulars are the types and attachments of entries: nil where there is nothing to say,
// as of the usual batch, which is all text.
func particulars(entries []chat.Entry) (types, attachments []*string, err error) {
	for i := range entries {
		d := &entries[i].Draft
		if d.Type != "" && d.Type != bus.Text {
			if types == nil {
				types = make([]*string, len(entries))
			}
			types[i] = (*string)(&d.Type)
		}
		if d.Attachment == nil {
			continue
		}
		if attachments == nil {
			attachments = make([]*string, len(entries))
		}
		encoded, err := json.Marshal(d.Attachment)
		if err != nil {
			return nil, nil, fmt.Errorf("encode attachment: %w", err)
		}
		text := string(encoded)
		attachments[i] = &text
	}
	return types, attachments, nil
}

func scanEntries(rows pgx.Rows, entries []chat.Entry, posted []chat.Posted) error {
	var nth int // these are of a row each, but once for all rows in memory
	var name *string
	var picture string
	var may bool
	var seq, oldSeq *int64
	var oldID *bus.MessageID
	var oldAt *time.Time
	for rows.Next() {
		if err := rows.Scan(&nth, &name, &picture, &may, &seq, &oldID, &oldSeq, &oldAt); err != nil {
			return err
		}
		e, p := &entries[nth-1], &posted[nth-1]
		switch {
		case name == nil:
			p.Err = chat.ErrNotMember
		case oldID == nil && !may:
			p.Err = chat.ErrBlocked
		case oldID == nil:
			*p = placed(e, who{*name, picture}, *seq)
		case *oldID == e.Stamp.ID:
			*p = placed(e, who{*name, picture}, *oldSeq)
		default: // a repeat: the others have it already
			p.Receipt = chat.Receipt{ID: *oldID, Seq: *oldSeq, At: oldAt.UTC()}
		}
	}
	return rows.Err()
}

func placed(e *chat.Entry, sender who, seq int64) chat.Posted {
	kind := e.Draft.Type
	if kind == "" {
		kind = bus.Text
	}
	return chat.Posted{
		Receipt: chat.Receipt{ID: e.Stamp.ID, Seq: seq, At: e.Stamp.At},
		Event: bus.MessageSent{
			Place: place(e.Draft.Room, e.Draft.Kind, seq, e.Stamp, e.By, sender),
			Type:  kind, Content: e.Draft.Content, Attachment: e.Draft.Attachment,
			ClientID: e.Draft.ClientID,
		},
	}
}

// who is how an actor is shown.
type who struct{ name, picture string }

// place is that of an entry with the stamp s. Of what is no entry, the stamp has no ID.
func place(room bus.RoomID, kind bus.Kind, seq int64, s bus.Stamp, by auth.Actor, actor who) bus.Place {
	return bus.Place{
		Room: room, Kind: kind, Seq: seq, ID: s.ID, At: s.At,
		By: by, ByName: actor.name, ByPicture: actor.picture,
	}
}
