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
	// ID names the entry of the room's log that the event is; empty where it is none: of
	// cursors, blocks, and the personal room that was opened.
	ID MessageID
	At time.Time
	By auth.Actor
	// ByName and ByPicture are the display name and the picture of By.User.
	ByName    string
	ByPicture string
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
	User    auth.UserID
	Name    string
	Picture string // the name of a file, empty for none
	Role    Role
}

// Attachment is what a message has beside its content. Nil is not there. Files are named
// as they are stored (see package media); Name, MIME and Bytes are what the server knows of
// one, and all else is text that clients agree about.
type Attachment struct {
	Picture   *string `json:"picture,omitempty"` // a file that can be shown at once: an image, a video's poster
	File      *string `json:"file,omitempty"`    // what is played or downloaded
	Thumb     *string `json:"thumb,omitempty"`   // a small picture that stands for Picture
	Name      *string `json:"name,omitempty"`    // what its sender called the file
	MIME      *string `json:"mime,omitempty"`
	Bytes     int64   `json:"bytes,omitempty"`
	Size      *string `json:"size,omitempty"`
	Duration  *string `json:"duration,omitempty"`
	Width     *string `json:"width,omitempty"`
	Height    *string `json:"height,omitempty"`
	Latitude  *string `json:"latitude,omitempty"`
	Longitude *string `json:"longitude,omitempty"`
	LinkTitle *string `json:"link_title,omitempty"`
	LinkText  *string `json:"link_text,omitempty"`
	LinkURL   *string `json:"link_url,omitempty"`
}

// MessageSent is a message of a person in its place.
type MessageSent struct {
	Place
	Type       Type
	Content    string
	Attachment *Attachment
	ClientID   string // the sender's own name for it, or empty
}

// RoomCreated tells of a personal room or a group that is new. Members holds its
// first members in their order, the creator (Place.By) among them.
type RoomCreated struct {
	Place
	Name        string // of the group; empty in a personal room
	Description string
	Picture     string // of the group; empty for none
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
	Name    string // of the group
	Picture string // of the group; empty for none
	Member  Member
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

// RoleChanged tells that By made Member an admin, or an ordinary member again.
type RoleChanged struct {
	Place
	Member Member // with the role as it is now
}

// GroupChanged tells that By changed what the group is called or looks like.
type GroupChanged struct {
	Place
	Name        string
	Description string
	Picture     string // the name of a file, empty for none
}

// BlockChanged tells that By has blocked the personal room, or lifted their block. It is
// no entry: Place.Seq is the room's newest one.
type BlockChanged struct {
	Place
	Blocked bool
}

// MuteChanged tells that By wants to be notified of the room no more, or again. It is By's
// own affair, and no entry.
type MuteChanged struct {
	Place
	Muted bool
}

// Typing tells what By is about to say. It is nothing that is kept: Place.Seq is 0.
type Typing struct {
	Place
	Status TypingStatus
}

// TypingStatus is what somebody is doing.
type TypingStatus string

// What somebody may be doing.
const (
	Stopped   TypingStatus = "stop"
	Writing   TypingStatus = "typing"
	Recording TypingStatus = "recording"
)

// PresenceChanged tells that a user came online with their first connection of all doors
// and devices, or has none any more.
type PresenceChanged struct {
	User   auth.UserID
	Name   string
	Online bool
}

// Key orders the events of a user.
func (e PresenceChanged) Key() string { return string(e.User) }

// NameChanged tells what a user is called and looks like now, one of which has changed, and
// where that is shown.
type NameChanged struct {
	User    auth.UserID
	Name    string
	Picture string      // the name of a file, empty for none
	Rooms   []NamedRoom // the personal rooms and groups that the user is in
}

// NamedRoom is a room in which somebody's name is shown.
type NamedRoom struct {
	Room RoomID
	Kind Kind
}

// Key orders the events of a user.
func (e NameChanged) Key() string { return string(e.User) }

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
