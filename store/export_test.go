package store

import "context"

// CountMessages counts the entries of a room, whoever may see them.
func (s *Store) CountMessages(ctx context.Context, room string) (n int, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*) FROM messages WHERE room_id = $1`, room).Scan(&n)
	return n, err
}
