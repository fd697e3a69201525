// Package chat holds the rules of conversation: who may post, in which order
// messages are kept, and what the others in the room are told. It knows nothing
// of HTTP, Socket.IO or Postgres.
package chat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"expresschat/auth"
	"expresschat/bus"
)

// What a caller may act on.
var (
	ErrContentSize = errors.New("a message has 1 byte to 16 KiB of content")
	ErrContentText = errors.New("a message is valid UTF-8 without NUL")
	ErrClientID    = errors.New("a client's id for a message has at most 64 characters")
	ErrPage        = errors.New("a page has a positive limit, and either a before or an after")
	ErrSeq         = errors.New("a place in a chat is not negative")
	// ErrNotMember is the answer to a stranger as well as for a room that does not
	// exist, so that the two can't be told apart.
	ErrNotMember = errors.New("no such chat")
	// ErrOtherKind is the ErrNotMember of somebody who is in the room, but asked for one
	// of another kind. They hear no other answer; who keeps live events for them must know.
	ErrOtherKind = fmt.Errorf("of another kind: %w", ErrNotMember)
	ErrNoUser    = errors.New("no such user")
	ErrOneself   = errors.New("that is you: your own chat is the self chat")
	// ErrUnavailable means that the store can't be reached, or can't do it now. Asking
	// again with the same stamp is safe.
	ErrUnavailable = errors.New("the database does not answer")
	// ErrInDoubt is the ErrUnavailable of a write that may have taken effect, or may still.
	ErrInDoubt = fmt.Errorf("%w, and what it did is not known", ErrUnavailable)
	// ErrFull is the ErrUnavailable of a write that changed nothing, because the store has
	// no room for it, or can't write at all. Somebody has to see to that first.
	ErrFull = fmt.Errorf("%w to writes", ErrUnavailable)
	// ErrBlocked is the answer to whoever writes in a personal chat that either of the two
	// has blocked.
	ErrBlocked    = errors.New("the chat is blocked")
	ErrType       = errors.New("that is not what people send")
	ErrAttachment = errors.New("an attachment has at most 8 KiB of valid UTF-8 in all")
	// ErrBusy means that a write found no place in its room's lane. Nothing was begun.
	ErrBusy = errors.New("too much is going on, try again")
	// ErrHeld is the ErrBusy of a write that changed nothing, because somebody else holds
	// a room of it, on another machine perhaps, and does not let go.
	ErrHeld = fmt.Errorf("a chat is held by somebody else: %w", ErrBusy)
)

// Receipt is what the sender of a message is told.
type Receipt struct {
	ID  bus.MessageID
	Seq int64
	At  time.Time
}

// Reading is a wish to have read a room up to a place.
type Reading struct {
	Room bus.RoomID
	Kind bus.Kind
	UpTo int64 // 0 for the newest entry
}

// Cursor is how far somebody has read.
type Cursor struct {
	Seq    int64
	Unread int64
}

// Opened is the one personal chat of two people.
type Opened struct {
	Room    bus.RoomID
	Partner Person
	// Existed is false if this call made it.
	Existed bool
}

// Log keeps what is said in a room in one order. It tells the doors by itself, because
// only the log knows the order.
type Log interface {
	// Append gives d its place and returns; entries of a room that are appended one after
	// another are stored in that order. done is called once, with the receipt when d is
	// committed or with ErrNotMember, ErrBlocked, ErrBusy or ErrUnavailable, before Append
	// returns or within seconds. It must neither wait nor call the log.
	Append(by auth.Actor, d Draft, done func(Receipt, error))
	// MoveCursor never moves it back. done is as Append's.
	MoveCursor(by auth.Actor, r Reading, done func(Cursor, error))
	// OpenPersonal finds or makes the personal chat of two different people. The error
	// is ErrNoUser, ErrBusy, ErrUnavailable or ctx's.
	OpenPersonal(ctx context.Context, by auth.Actor, other auth.UserID) (Opened, error)
	// Settle returns once the events of all that was committed before the call, in the
	// given rooms or in all if none is given, have their place on the bus. The error is
	// ctx's.
	Settle(ctx context.Context, rooms ...bus.RoomID) error
}

// Archive answers what was said and who is there. It takes part in no order: a caller
// who shows live events too has to compare Seq.
type Archive interface {
	// Chats lists the personal chats and groups of a user, newest first.
	Chats(ctx context.Context, user auth.UserID) ([]Summary, error)
	// Lists returns all rooms of a user at one moment.
	Lists(ctx context.Context, user auth.UserID) (Lists, error)
	// Rooms is a page of the rooms of a user by id, behind after, empty for the first page.
	Rooms(ctx context.Context, user auth.UserID, after bus.RoomID, limit int) ([]Joined, error)
	// History returns a page of a room that user is a member of. The error is
	// ErrNotMember, or ErrOtherKind, which is one too.
	History(ctx context.Context, user auth.UserID, room bus.RoomID, kind bus.Kind, p Page) (History, error)
	// FindPersonal looks for the personal chat of two people: Room is empty when there
	// is none. The error is ErrNoUser.
	FindPersonal(ctx context.Context, user, other auth.UserID) (Opened, error)
	// Person returns a user as that user sees themself. The error is ErrNoUser.
	Person(ctx context.Context, user auth.UserID) (Person, error)
	// Search finds people whose name contains text, in any case: exact names first,
	// then beginnings, then the rest, people who share a chat with user before others.
	Search(ctx context.Context, user auth.UserID, text string, limit int) ([]Person, error)
}

// Service is what a door may ask of conversations.
type Service struct {
	log     Log
	archive Archive
}

// New makes a Service.
func New(log Log, archive Archive) *Service {
	return &Service{log: log, archive: archive}
}

// Send gives d its place among the sender's and all others' messages and returns. done is
// called once, when d is committed or has failed; telling the others is the log's part. The
// error is ErrContentSize, ErrContentText, ErrType, ErrAttachment, ErrClientID, ErrNotMember
// or ErrBlocked where the sender is at fault, or ErrBusy or ErrUnavailable. done may run before Send returns, or in a
// goroutine of the log's: it must neither wait nor ask this service for anything.
func (s *Service) Send(by auth.Actor, d Draft, done func(Receipt, error)) {
	if err := d.validate(); err != nil {
		done(Receipt{}, err)
		return
	}
	s.log.Append(by, d, done)
}

// Read moves the reader's cursor; the others are told only if it moved. The error is
// ErrSeq or ErrNotMember where the reader is at fault; all else is as with Send.
func (s *Service) Read(by auth.Actor, r Reading, done func(Cursor, error)) {
	if r.UpTo < 0 {
		done(Cursor{}, ErrSeq)
		return
	}
	s.log.MoveCursor(by, r, done)
}

// OpenPersonal finds or makes the personal chat with other. The error is ErrOneself or
// ErrNoUser where the caller is at fault.
func (s *Service) OpenPersonal(ctx context.Context, by auth.Actor, other auth.UserID) (Opened, error) {
	if by.User == other {
		return Opened{}, ErrOneself
	}
	o, err := s.log.OpenPersonal(ctx, by, other)
	if err != nil {
		return Opened{}, fmt.Errorf("open personal chat: %w", err)
	}
	return o, nil
}

// FindPersonal tells whether there is a personal chat with other. The error is
// ErrOneself or ErrNoUser.
func (s *Service) FindPersonal(ctx context.Context, user, other auth.UserID) (Opened, error) {
	if user == other {
		return Opened{}, ErrOneself
	}
	return s.archive.FindPersonal(ctx, user, other)
}

// Chats lists the personal chats and groups of a user, newest first.
func (s *Service) Chats(ctx context.Context, user auth.UserID) ([]Summary, error) {
	return s.archive.Chats(ctx, user)
}

// History returns a page of a room. The error is ErrPage, which Page.Check tells
// beforehand, ErrNotMember or ErrOtherKind.
func (s *Service) History(ctx context.Context, user auth.UserID, room bus.RoomID, kind bus.Kind, p Page) (History, error) {
	p, err := p.bounded()
	if err != nil {
		return History{}, err
	}
	return s.archive.History(ctx, user, room, kind, p)
}

// Settle closes the gap between a commit and its event: an entry that History or Chats
// showed before the call has its event's place on the bus when it returns, in the given
// rooms or in all if none is given. A door that shows snapshots and live events needs it
// to know which events a snapshot has.
func (s *Service) Settle(ctx context.Context, rooms ...bus.RoomID) error {
	return s.log.Settle(ctx, rooms...)
}

// Person returns a user as that user sees themself.
func (s *Service) Person(ctx context.Context, user auth.UserID) (Person, error) {
	return s.archive.Person(ctx, user)
}

// Search finds people by a part of their name.
func (s *Service) Search(ctx context.Context, user auth.UserID, text string, limit int) ([]Person, error) {
	return s.archive.Search(ctx, user, text, limit)
}
