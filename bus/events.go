package bus

import (
	"time"

	"expresschat/auth"
)

// Event is something that has happened and is committed. It carries what every door
// needs to render it, so that rendering asks nothing of the database.
type Event interface {
	// Key is what the event is ordered by: events of one key reach a door in the
	// order in which they were published.
	Key() string
}

// Place is where in the order of a room an event stands, and who caused it.
type Place struct {
	Room RoomID
	Kind Kind
	Seq  int64 // the room's newest entry once this had happened
	At   time.Time
	By   auth.Actor
	// ByName is the display name of By.User.
	ByName string
}

// Key orders the events of a room.
func (p Place) Key() string { return string(p.Room) }

// Where is the event's place.
func (p Place) Where() Place { return p }

// Placed is an event that stands in the order of a room.
type Placed interface {
	Event
	Where() Place
}

// Member is someone in a room.
type Member struct {
	User auth.UserID
	Name string
	Role Role
}

// MessageSent is a message of a person in its place.
type MessageSent struct {
	Place
	ID       MessageID
	Type     Type
	Content  string
	ClientID string // the sender's own name for it, or empty
}

// RoomCreated tells of a personal room or a group that is new. Members holds its
// first members in their order, the creator (Place.By) among them.
type RoomCreated struct {
	Place
	Name        string // of the group; empty in a personal room
	Description string
	Members     []Member
}

// RoomDeleted ends a group. Members are those who were in it until now.
type RoomDeleted struct {
	Place
	Name    string
	Members []Member
}

// MemberAdded tells that By added Member to the group.
type MemberAdded struct {
	Place
	Name   string // of the group
	Member Member
}

// MemberRemoved tells that Member is no longer in the group: kicked by Place.By, or
// gone by themself when that is the same person.
type MemberRemoved struct {
	Place
	Name   string // of the group
	Member Member
}

// Left reports whether the member went by themself.
func (e MemberRemoved) Left() bool { return e.By.User == e.Member.User }

// OwnerChanged tells that By passed the group on to Member and is an ordinary member
// now.
type OwnerChanged struct {
	Place
	Member Member
}

// ReadMoved tells that By has read everything up to UpTo, and had not before. Place.Seq
// is the room's newest entry, which a cursor does not move.
type ReadMoved struct {
	Place
	UpTo int64
}

// SessionRevoked tells that a sign-in ended before its time: its tokens are dead, and
// its connections have to go.
type SessionRevoked struct {
	User    auth.UserID
	Session auth.SessionID
}

// Key orders the events of a user.
func (e SessionRevoked) Key() string { return string(e.User) }
