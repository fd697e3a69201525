package chat

import (
	"context"

	"expresschat/auth"
	"expresschat/bus"
)

// View is a room as one of its members sees it, with all that a list shows of it. There is
// none of a self chat, nor of a personal room in which nothing was said yet.
type View struct {
	Room        bus.RoomID
	Kind        bus.Kind
	Name        string // of a group
	Description string // of a group
	Picture     string // of a group
	Creator     auth.UserID
	Members     int64
	Role        bus.Role // the viewer's
	Muted       bool     // by the viewer
	Unread      int64
	Last        Message // the newest entry, which may be the system's

	// Of a personal room: the other one, how far they have read, and who has blocked it.
	// Partner.Email is set, as they share a room.
	Partner       Person
	PartnerCursor int64
	Blocker       auth.UserID // empty for nobody
}

// Views answers how rooms look to their members.
type Views interface {
	// Views lists the rooms of a user, those with the newest entry first.
	Views(ctx context.Context, user auth.UserID, offset, limit int) ([]View, error)
	// ViewsOf tells how one room looks to some users, in one query. Who is not a member
	// is not in it.
	ViewsOf(ctx context.Context, room bus.RoomID, users []auth.UserID) (map[auth.UserID]View, error)
	// Partners lists the personal rooms of a user, and whose the other side is.
	Partners(ctx context.Context, user auth.UserID) (map[bus.RoomID]auth.UserID, error)
	// Members is a page of those in a group, in the order in which they joined. The error is
	// ErrNotMember if user is not among them.
	Members(ctx context.Context, user auth.UserID, room bus.RoomID, offset, limit int) ([]Person, []bus.Role, error)
	// People is a page of those who can sign in, by id. after is the last one seen, empty for
	// the first page. Addresses are those of people who share a room with user.
	People(ctx context.Context, user, after auth.UserID, limit int) ([]Person, error)
	// FindPerson finds somebody by their address or their id, as user sees them. The error
	// is ErrNoUser.
	FindPerson(ctx context.Context, user auth.UserID, key string) (Person, error)
}
