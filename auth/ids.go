package auth

import (
	"errors"

	"github.com/google/uuid"
)

// ErrBadID is the error of an id that this server can't have given out.
var ErrBadID = errors.New("not an id")

// UserID names a user, and the user's self chat: a UUIDv7 in its canonical text form.
type UserID string

// SessionID names one sign-in on one device: a UUIDv7 in its canonical text form.
type SessionID string

// ConnID names one open connection, as the door that holds it calls it. Only that
// door can make sense of it.
type ConnID string

// Actor is who asks: a user and the connection they came by, so that a door can
// tell the asker's socket from the asker's other sockets. Conn is empty where there
// is none.
type Actor struct {
	User UserID
	Conn ConnID
}

// NewUserID makes an id that sorts after all those made before it.
func NewUserID() UserID { return UserID(NewID()) }

// NewSessionID makes an id that sorts after all those made before it.
func NewSessionID() SessionID { return SessionID(NewID()) }

// NewID is the text of a new UUIDv7 (RFC 9562), rising within this process.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// ParseUserID accepts the canonical form only, because ids are compared as text.
// The error is ErrBadID.
func ParseUserID(s string) (UserID, error) {
	if err := CheckID(s); err != nil {
		return "", err
	}
	return UserID(s), nil
}

// CheckID returns ErrBadID unless s is the canonical text of a UUID.
func CheckID(s string) error {
	id, err := uuid.Parse(s)
	if err != nil || id.String() != s {
		return ErrBadID
	}
	return nil
}
