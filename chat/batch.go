package chat

import (
	"expresschat/auth"
	"expresschat/bus"
)

// Batch is what is stored at once, in one transaction: entries of any rooms in the order
// in which they take their places, and cursors that move after them.
type Batch struct {
	Entries []Entry
	// Moves has one for a user, room and kind at most.
	Moves []Move
	// Again says that an earlier attempt may have taken effect: entries that have their
	// place already keep it, and a cursor that stands where it should counts as moved.
	Again bool
}

// Entry is a message with the name and the time that it has before its first attempt.
type Entry struct {
	By    auth.Actor
	Draft Draft
	Stamp bus.Stamp
}

// Move is a cursor's way: to UpTo, to the newest entry or to the one before Before,
// whichever is furthest. It never leads back.
type Move struct {
	By   auth.Actor
	Room bus.RoomID
	Kind bus.Kind
	// UpTo is a place, of which everything past the newest is the newest; 0 for none.
	UpTo int64
	// Newest leads to the newest entry, or to the newest one whose id is less than Before
	// if that is set: the batch may have entries that came after the reader's wish.
	Newest bool
	Before bus.MessageID
	Stamp  bus.Stamp
}

// Posted is what became of an Entry. Err is ErrNotMember, ErrBlocked or nil. Event is nil where there
// is nothing to tell: for an error, and for a ClientID that was used before.
type Posted struct {
	Receipt Receipt
	Event   bus.Event
	Err     error
}

// Moved is what became of a Move. Err is ErrNotMember or nil, and Event nil if the cursor
// stays where it was.
type Moved struct {
	Cursor Cursor
	Event  bus.Event
	Err    error
}
