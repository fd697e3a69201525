package chat

import (
	"context"

	"expresschat/auth"
	"expresschat/bus"
)

// ListedText is how many characters a list shows of what was said last.
const ListedText = 200

// Listed is a Summary with all that a list of chats shows.
type Listed struct {
	Summary
	Cursor int64 // up to where its member has read
	Muted  bool  // by its member
	// Last is the newest message of a person, its Content cut to ListedText, empty where it is
	// what the file is called; of what is attached there is what tells a file's type and name, or a
	// place. No ID if nobody has said anything.
	Last Message

	// Of a personal room: how far the partner has read, and who has blocked it, empty for
	// nobody.
	PartnerCursor int64
	Blocker       auth.UserID
}

// Lists are all rooms of a user at one moment.
type Lists struct {
	Self  Listed   // the self chat; Partner is the user
	Chats []Listed // all others, newest first
}

// Lists returns all rooms of a user at one moment.
func (s *Service) Lists(ctx context.Context, user auth.UserID) (Lists, error) {
	return s.archive.Lists(ctx, user)
}

// Named knows what people are called and look like.
type Named interface {
	// Naming is what somebody is called and looks like now, and where that is shown, in one query. The
	// error is ErrNoUser.
	Naming(ctx context.Context, user auth.UserID) (bus.NameChanged, error)
}

// Names tells the doors what people are called and look like.
type Names struct {
	lane  Lane
	named Named
}

// NewNames makes a Names.
func NewNames(lane Lane, named Named) *Names { return &Names{lane: lane, named: named} }

// Tell puts on the bus what somebody is called and looks like now. It takes its turn in the
// lane of their self room and looks there: of two who change one name at once, the one who is
// told of last tells the name that is kept. The error is ErrNoUser, or as those of a bus.Write's lane.
func (n *Names) Tell(ctx context.Context, user auth.UserID) error {
	return n.lane.Do(ctx, bus.RoomID(user), func(ctx context.Context, _ bus.Stamp) (bus.Event, error) {
		e, err := n.named.Naming(ctx, user)
		if err != nil {
			return nil, err // not an event of nothing
		}
		return e, nil
	})
}
