package chat

import (
	"context"

	"expresschat/auth"
	"expresschat/bus"
)

// Joined is a room that somebody is in.
type Joined struct {
	Room bus.RoomID
	Kind bus.Kind
}

// Rooms is a page of the rooms that a user is in, their self chat too, by id. after is the
// last one seen, empty for the first page.
func (s *Service) Rooms(ctx context.Context, user auth.UserID, after bus.RoomID, limit int) ([]Joined, error) {
	return s.archive.Rooms(ctx, user, after, limit)
}
