// Package push tells those who are away that something was said. It promises that a message
// costs nothing here while nobody has a device to be told on, that a crash forgets no
// message of the last hour, and that what is sent was true a moment before: not read, not
// muted, not somebody else's by then. It is sent until it is taken, moot, or a day old. The
// package knows nothing of HTTP, of push services' formats, or of Postgres.
package push

import (
	"context"
	"errors"
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/outbox"
)

// Kind is by which way a device is reached.
type Kind string

// The ways to a device.
const (
	FCM Kind = "fcm" // an app, by Firebase Cloud Messaging
	Web Kind = "web" // a browser, by its own push service (RFC 8030)
)

// DeviceID names a device: a UUIDv7 in its canonical text form.
type DeviceID string

// Device is where somebody is told, for as long as Session lasts.
type Device struct {
	ID       DeviceID
	User     auth.UserID
	Session  auth.SessionID
	Kind     Kind
	Token    string // FCM's name of it, or the endpoint at a browser's push service
	Platform string // as it calls itself, in lower case; may be empty
	// Keys of a browser (RFC 8291, section 3): an uncompressed point of P-256, 65 bytes, and
	// a secret of 16 bytes.
	P256dh, Auth []byte
}

// Bounds of what a device may be called, in bytes.
const (
	MaxToken    = 2048
	maxPlatform = 32
)

const (
	// MaxDevices is how many a user has. Of more, those go that were heard of least lately.
	MaxDevices = 20
	// MaxWaiting is how many messages wait for a device. Of more, the oldest go.
	MaxWaiting = 100
	// Lookback is how old a message is at most that somebody is told of after a crash.
	Lookback = time.Hour
	// TTL is for how long a notification is tried, by us and by push services.
	TTL = 24 * time.Hour
)

// Message is what somebody is told of, as it is when it is sent.
type Message struct {
	ID            bus.MessageID
	Room          bus.RoomID
	Kind          bus.Kind
	Seq           int64
	Type          bus.Type
	Content       string
	Attachment    *bus.Attachment
	At            time.Time
	Sender        auth.UserID
	SenderName    string
	SenderPicture string
	Group         string // what the group is called; empty in a personal chat
}

// Tells reports whether people are told of messages of that type.
func Tells(t bus.Type) bool { return t.SaidByPeople() && t != bus.AllDeleted }

// Notification is what a device is told.
type Notification struct {
	Title, Body string // Body is empty where no content may be sent
	Message     Message
	Until       time.Time // after which it is not worth telling
}

// What a Sender's error may be. All other errors, and DelayError, mean that a later attempt
// may do.
var (
	// ErrGone means that the device can't be reached any more, by anything.
	ErrGone = errors.New("the device is gone")
	// ErrRefused means that this notification will never be taken. Another may be.
	ErrRefused = errors.New("the notification is refused")
)

// ErrSubscription is the error of a subscription that can't be one of a browser.
var ErrSubscription = errors.New("not a subscription to a push service")

// Sender hands a notification to a push service. Its errors are logged, so they must name
// neither the device nor anything that was said.
type Sender interface {
	Send(ctx context.Context, d Device, n Notification) error
	// Service names the push service that a device is told by, among those of its kind.
	Service(d Device) string
}

// Mark is messages of a room about which it has not been looked at yet who is to be told.
type Mark struct {
	Room     bus.RoomID
	From, To int64       // the seqs of the first and the last of them
	By       auth.UserID // who sent all of them; empty where several did, or nobody knows
}

// Candidate is a device of somebody who is to be told of a mark, if they are away.
type Candidate struct {
	Mark   int // which one
	Device DeviceID
	User   auth.UserID
	Kind   Kind
}

// Due is what waits to be sent.
type Due struct {
	Device    Device
	Message   Message // Room and Seq, and all else unless it is moot
	Moot      bool    // there is nothing to tell any more, or it is too late
	Failures  int     // of attempts at its device, in a row
	CreatedAt time.Time
}

// Store keeps devices, and what waits for them.
type Store interface {
	// AddDevice keeps a device of a live session, of any other none. A device that is known
	// is the newest session's from then on, and an app's is its session's only one. Past
	// most, those of the user go that were heard of least lately.
	AddDevice(ctx context.Context, d Device, most int) error
	// RemoveDevice forgets a device of a session, without a token all of a kind. One that is
	// not there is no error.
	RemoveDevice(ctx context.Context, session auth.SessionID, kind Kind, token string) error
	// HasDevices tells whether anybody has a device of one of these kinds.
	HasDevices(ctx context.Context, kinds []Kind) (bool, error)
	// Candidates are the devices, on live sessions, of members who have neither muted the
	// room nor read as far as a mark goes, and did not send all of it themselves.
	Candidates(ctx context.Context, marks []Mark, kinds []Kind) ([]Candidate, error)
	// Enqueue has the devices told of what is in their marks, and keeps, in the same
	// transaction, that all of these marks were looked at. Past most, what has waited for a
	// device longest goes.
	Enqueue(ctx context.Context, marks []Mark, told []Candidate, most int) error
	// Behind are the marks in rooms of some users with devices, those after a user in the
	// order of their ids, that nobody has looked at and that were said no longer ago than
	// age. last is the last of those users, empty if there were none.
	Behind(ctx context.Context, after auth.UserID, kinds []Kind, age time.Duration) (marks []Mark, last auth.UserID, err error)
	// Waiting is what waits to be sent to devices of a kind.
	Waiting(kind Kind) outbox.Box[Due]
	// Done removes what was sent, or never will be, and ends the lease. What is gone is no
	// error.
	Done(ctx context.Context, d Due) error
	// Delay ends the lease, counts a failure, and has all that waits for the device wait
	// until then.
	Delay(ctx context.Context, d Due, until time.Time) error
	// Postpone is Delay for so long, by the database's clock, of what was not tried: it counts
	// no failure.
	Postpone(ctx context.Context, d Due, rest time.Duration) error
	// Gone removes a device, and what waits for it.
	Gone(ctx context.Context, id DeviceID) error
}
