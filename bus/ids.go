package bus

import "expresschat/auth"

// RoomID names a room of any kind: a UUIDv7 in its canonical text form. A self
// room's id is its user's id.
type RoomID string

// MessageID names a message. Ids of one room sort, as text, in the order of Seq.
type MessageID string

// ParseRoomID accepts the canonical form only. The error is auth.ErrBadID.
func ParseRoomID(s string) (RoomID, error) {
	if err := auth.CheckID(s); err != nil {
		return "", err
	}
	return RoomID(s), nil
}

// NewRoomID makes an id that sorts after all those made before it.
func NewRoomID() RoomID { return RoomID(auth.NewID()) }

// NewMessageID makes an id that sorts after all those made before it.
func NewMessageID() MessageID { return MessageID(auth.NewID()) }

// Kind tells what sort of room it is.
type Kind string

// The kinds of rooms.
const (
	Self     Kind = "self"     // one person's notes
	Personal Kind = "personal" // two people, once per pair
	Group    Kind = "group"
)

// Role is what a member may do in a group.
type Role string

// The roles of a group. Everyone in a self or personal room is a Plain member.
const (
	Owner Role = "owner"  // one per group; passes ownership on, deletes
	Admin Role = "admin"  // adds and removes
	Plain Role = "member" // talks
	None  Role = ""       // not in the room
)

// Type is what a message is.
type Type string

// Types of messages that people send. What they mean is for clients to agree about.
const (
	Text       Type = "text"
	Voice      Type = "voice"
	Image      Type = "image"
	Video      Type = "video"
	File       Type = "file"
	Reply      Type = "reply"
	AllDeleted Type = "allDeleted"
	Location   Type = "location"
	Forward    Type = "forward"
)

// Types of system messages: the server's own words. They take a place in the room's order,
// never count as unread, and a door may leave them out.
const (
	Create    Type = "create"    // the sender created the group
	Add       Type = "add"       // Content names who was added
	Kick      Type = "kick"      // Content names who was removed
	Leave     Type = "leave"     // Content names who left
	Upgrade   Type = "upgrade"   // Content names who became owner or admin
	Downgrade Type = "downgrade" // Content names who is an ordinary member again
	Info      Type = "info"      // the sender changed the group's name or picture
	Delete    Type = "delete"    // the owner deleted the group
)

// SaidByPeople reports whether people send messages of this type.
func (t Type) SaidByPeople() bool {
	switch t {
	case Text, Voice, Image, Video, File, Reply, AllDeleted, Location, Forward:
		return true
	}
	return false
}
