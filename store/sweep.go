package store

import (
	"context"
	"time"

	"expresschat/push"
)

const (
	// sweepBatch bounds the rows that one statement removes, so that no lock lasts.
	sweepBatch = 1000
	// keepSignUps is how long an attempt that nobody verified is kept.
	keepSignUps = 30 * 24 * time.Hour
	// keepToggles is far longer than any attempt may be repeated.
	keepToggles = 30 * 24 * time.Hour
)

// Sweep removes for good what has ended: messages of deleted groups, sessions that are
// over, attempts to sign up that nobody finished, codes for a forgotten password, stamps of
// old toggles, counts of tries that are as good as none, devices whose session is over. It
// takes small steps and can stop at any of them.
func (s *Store) Sweep(ctx context.Context) error {
	const messages = `
		DELETE FROM messages
		WHERE (room_id, seq) IN (
			SELECT m.room_id, m.seq
			FROM rooms r
			JOIN messages m ON m.room_id = r.id
			WHERE r.deleted_at IS NOT NULL
			LIMIT $1
		)`
	const rooms = `
		DELETE FROM rooms
		WHERE id IN (
			SELECT id
			FROM rooms r
			WHERE deleted_at < now() - interval '1 minute' AND NOT EXISTS (SELECT FROM messages WHERE room_id = r.id)
			LIMIT $1
		)`
	const sessions = `
		DELETE FROM sessions
		WHERE id IN (SELECT id FROM sessions WHERE expires_at < now() LIMIT $1)`
	const signUps = `
		DELETE FROM sign_ups
		WHERE email_key IN (SELECT email_key FROM sign_ups WHERE created_at < $2 LIMIT $1)`
	const resets = `
		DELETE FROM resets
		WHERE user_id IN (SELECT user_id FROM resets WHERE expires_at < now() LIMIT $1)`
	const toggles = `
		DELETE FROM toggles
		WHERE id IN (SELECT id FROM toggles WHERE created_at < $2 LIMIT $1)`
	const tries = `
		DELETE FROM tries
		WHERE key IN (SELECT key FROM tries WHERE greatest(tat, slow_tat) < now() LIMIT $1)
			AND greatest(tat, slow_tat) < now()`
	const devices = `
		DELETE FROM push_devices
		WHERE id IN (
			SELECT d.id
			FROM push_devices d
			JOIN sessions s ON s.id = d.session_id
			WHERE NOT (` + isLive + `)
			LIMIT $1
		)`
	const pushed = `
		DELETE FROM push_rooms
		WHERE room_id IN (SELECT room_id FROM push_rooms WHERE at < $2 LIMIT $1) AND at < $2`
	steps := []struct {
		query string
		args  []any
	}{
		{messages, []any{sweepBatch}},
		{rooms, []any{sweepBatch}},
		{sessions, []any{sweepBatch}},
		{signUps, []any{sweepBatch, time.Now().Add(-keepSignUps)}},
		{resets, []any{sweepBatch}},
		{toggles, []any{sweepBatch, time.Now().Add(-keepToggles)}},
		{tries, []any{sweepBatch}},
		{devices, []any{sweepBatch}},
		{pushed, []any{sweepBatch, time.Now().Add(-2 * push.Lookback)}},
	}
	for _, step := range steps {
		for {
			tag, err := s.pool.Exec(ctx, step.query, step.args...)
			if err != nil {
				return translate(err)
			}
			if tag.RowsAffected() < sweepBatch {
				break
			}
		}
	}
	return nil
}
