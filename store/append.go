package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// lockRoom comes first in every transaction that writes to a room's log: whoever holds
// the row's lock decides what comes next. The statement after it has a fresh snapshot,
// so it sees who is a member now and not before the wait.
const lockRoom = `SELECT FROM rooms WHERE id = @room FOR NO KEY UPDATE`

// appendMessage is one statement, because membership must be judged together with its
// effect. earlier finds a message that the same sender gave the same client id, or that
// an attempt of this very entry left behind when its reply got lost.
const appendMessage = `
	WITH sender AS (
		SELECT u.name
		FROM members m
		JOIN rooms r ON r.id = m.room_id
		JOIN users u ON u.id = m.user_id
		WHERE m.room_id = @room AND m.user_id = @by AND r.kind = @kind AND r.deleted_at IS NULL
	),
	earlier AS (
		SELECT id, seq, sent_at
		FROM messages
		WHERE (id = @id OR (room_id = @room AND sender_id = @by AND client_id = @client_id))
			AND EXISTS (SELECT FROM sender)
		LIMIT 1
	),
	place AS (
		UPDATE rooms
		SET seq = seq + 1, said = said + 1, last_at = greatest(last_at, @at)
		WHERE id = @room AND EXISTS (SELECT FROM sender) AND NOT EXISTS (SELECT FROM earlier)
		RETURNING seq
	),
	counted AS (
		UPDATE members
		SET sent = sent + 1
		WHERE room_id = @room AND user_id = @by AND EXISTS (SELECT FROM place)
	),
	kept AS (
		INSERT INTO messages (room_id, seq, id, sender_id, type, content, client_id, sent_at)
		SELECT @room, seq, @id, @by, @type, @content, @client_id, @at
		FROM place
	)
	SELECT s.name, coalesce(e.id, @id), coalesce(p.seq, e.seq), coalesce(e.sent_at, @at)
	FROM sender s
	LEFT JOIN earlier e ON true
	LEFT JOIN place p ON true`

// Append implements lane.Store. Both statements go out in one round trip, as one
// implicit transaction. Without a connection nothing goes out: then there is no doubt.
func (s *Store) Append(ctx context.Context, by auth.Actor, d chat.Draft, st bus.Stamp) (chat.Receipt, bus.Event, error) {
	var clientID *string
	if d.ClientID != "" {
		clientID = &d.ClientID
	}
	b := &pgx.Batch{}
	b.Queue(lockRoom, pgx.NamedArgs{"room": d.Room})
	b.Queue(appendMessage, pgx.NamedArgs{
		"room": d.Room, "kind": d.Kind, "by": by.User, "id": st.ID, "at": st.At,
		"type": bus.Text, "content": d.Content, "client_id": clientID,
	})
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return chat.Receipt{}, nil, translate(err)
	}
	defer conn.Release()
	results := conn.SendBatch(ctx, b)
	_, lockErr := results.Exec()
	var name string
	var r chat.Receipt
	err = results.QueryRow().Scan(&name, &r.ID, &r.Seq, &r.At)
	closeErr := results.Close() // the transaction commits only now
	switch {
	case lockErr != nil:
		return chat.Receipt{}, nil, translateCommit(lockErr)
	case errors.Is(err, pgx.ErrNoRows):
		return chat.Receipt{}, nil, chat.ErrNotMember
	case err != nil:
		return chat.Receipt{}, nil, translateCommit(err)
	case closeErr != nil:
		return chat.Receipt{}, nil, translateCommit(closeErr)
	}
	r.At = r.At.UTC()
	if r.ID != st.ID {
		return r, nil, nil // a repeat: the others have it already
	}
	return r, bus.MessageSent{
		Place:   bus.Place{Room: d.Room, Kind: d.Kind, Seq: r.Seq, At: r.At, By: by, ByName: name},
		ID:      r.ID,
		Type:    bus.Text,
		Content: d.Content, ClientID: d.ClientID,
	}, nil
}

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

func place(room bus.RoomID, kind bus.Kind, seq int64, at time.Time, by auth.Actor, name string) bus.Place {
	return bus.Place{Room: room, Kind: kind, Seq: seq, At: at, By: by, ByName: name}
}
