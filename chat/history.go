package chat

import (
	"time"

	"expresschat/auth"
	"expresschat/bus"
)

// Bounds of a page: as many messages, or as many bytes of content and attachments,
// whichever is less. One message always fits.
const (
	MaxPage      = 200
	MaxPageBytes = 512 << 10
)

// Page names a stretch of a room's messages. Without Before and After it is the newest.
type Page struct {
	Limit  int   // 0 for MaxPage, which it can't exceed
	Before int64 // messages with a smaller Seq, the newest of them
	After  int64 // messages with a larger Seq, the oldest of them
	// FromStart makes an After of 0 mean the oldest messages.
	FromStart bool
	// BeforeID is Before by the message's name; one that is not in the room is before all.
	BeforeID bus.MessageID
	// System lets system messages in, too.
	System bool
}

// Check returns ErrPage unless the page is one that there can be.
func (p Page) Check() error {
	switch {
	case p.Limit < 0 || p.Before < 0 || p.After < 0:
		return ErrPage
	case p.Before > 0 && (p.Forward() || p.BeforeID != ""), p.BeforeID != "" && p.Forward():
		return ErrPage
	}
	return nil
}

func (p Page) bounded() (Page, error) {
	if err := p.Check(); err != nil {
		return Page{}, err
	}
	if p.Limit == 0 || p.Limit > MaxPage {
		p.Limit = MaxPage
	}
	return p, nil
}

// Forward reports whether the page leads from old to new.
func (p Page) Forward() bool { return p.After > 0 || p.FromStart }

// Message is an entry of a room in its place. Those of the system are shown only to who
// asks for them.
type Message struct {
	ID            bus.MessageID
	Seq           int64
	Type          bus.Type
	Sender        auth.UserID
	SenderName    string
	SenderPicture string
	Content       string
	Attachment    *bus.Attachment
	At            time.Time
}

// Member is somebody in a room, and how far they have read.
type Member struct {
	bus.Member
	Cursor int64
}

// Has reports whether the member has read m; everybody has read what they wrote.
func (m Member) Has(msg Message) bool {
	return m.User == msg.Sender || m.Cursor >= msg.Seq
}

// History is a page of a room, with the room as it was at that moment.
type History struct {
	Room        bus.RoomID
	Name        string // of a group
	Description string
	Picture     string    // of a group
	Seq         int64     // the newest entry; nothing in here is newer
	Members     []Member  // in the order in which they joined
	Messages    []Message // newest first
	HasMore     bool      // there are more in the page's direction
}

// Summary is a room as one of its members sees it in a list.
type Summary struct {
	Room    bus.RoomID
	Kind    bus.Kind
	Name    string // of a group
	Picture string // of a group
	Partner Person // in a personal chat
	LastAt  time.Time
	Seq     int64
	Unread  int64
}

// Person is a user as somebody else sees them: Email is empty for people who share no
// chat with that user.
type Person struct {
	ID      auth.UserID
	Name    string
	Email   string
	Picture string // the name of a file, empty for none
	// When the account was made, and when its name, address or picture last changed. Known of
	// people who are listed, searched or found by an address or id; elsewhere both are zero.
	CreatedAt, UpdatedAt time.Time
}
