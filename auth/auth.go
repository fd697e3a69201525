// Package auth knows who you are: accounts and the codes that verify them,
// passwords, and the sessions that both tokens of a sign-in name. It promises that a
// token is worth nothing once its session is revoked, and that no password, code or
// token leaves it in a form that can be read back. It knows nothing of HTTP, mail
// servers or Postgres.
package auth

import (
	"context"
	"errors"
	"time"
)

// What a caller may act on.
var (
	ErrBadEmail        = errors.New("not an email address")
	ErrBadName         = errors.New("a name has 1 to 64 characters, none of them a control character")
	ErrBadPassword     = errors.New("a password has 8 to 256 characters")
	ErrCommonPassword  = errors.New("a password is none of those that are tried first")
	ErrBadLogin        = errors.New("what one signs in with has 1 to 254 bytes of text, and is no user's id")
	ErrPasswordSize    = errors.New("a password has 1 to 1024 bytes")
	ErrNotAdmitted     = errors.New("nobody may register")
	ErrEmailTaken      = errors.New("an account has this email")
	ErrNoUser          = errors.New("no such user")
	ErrWrongPassword   = errors.New("wrong password")
	ErrNotVerified     = errors.New("email not verified")
	ErrAlreadyVerified = errors.New("already verified")
	ErrBadCode         = errors.New("wrong or expired code")
	ErrUnauthenticated = errors.New("authentication failed")
	ErrNoSession       = errors.New("no such session")
)

// User is somebody who has an account.
type User struct {
	ID   UserID
	Name string
	// Email is what they sign in with. Only of a verified account it is sure to be an
	// address, and theirs.
	Email     string
	Picture   string // the name of a file, empty where there is none
	CreatedAt time.Time
	UpdatedAt time.Time // when anything above was last changed
}

// Account is a user, and what has to be known to sign them in.
type Account struct {
	User
	PasswordHash string
	// Verified is whether somebody has shown that the address is theirs.
	Verified bool
}

// Source is the kind of client that a sign-up came from.
type Source string

// Sources of a sign-up: apps get a six-digit code, everyone else a link.
const (
	FromWeb Source = "web"
	FromApp Source = "app"
)

// SignUp is an account that nobody has verified yet. An address has at most one: a
// newer attempt takes the place of an older one, and kills its code.
type SignUp struct {
	ID           UserID // becomes the account's
	Email        string
	Name         string
	PasswordHash string
	Code         CodeState
	UsedAt       time.Time // zero while the code waits
}

// CodeState is what is kept of a code that was sent to somebody.
type CodeState struct {
	Source    Source
	Hash      []byte
	Tries     int // wrong ones so far
	ExpiresAt time.Time
}

// SessionKind is what the tokens of a session are. A session of one kind does not
// authenticate who shows a token of the other.
type SessionKind string

// Kinds of sessions.
const (
	PairSession SessionKind = "pair" // an access token, and a refresh token to renew it with
	LongSession SessionKind = "long" // one token, as good as the session
)

// Session is one sign-in on one device.
type Session struct {
	ID        SessionID
	Kind      SessionKind
	User      UserID
	ExpiresAt time.Time
	// EndsAt is the latest moment that ExpiresAt can be moved to. It is zero of a long
	// session, and of one that nobody renewed since sessions have it.
	EndsAt time.Time
	// Refresh is the first refresh token of a new session of a pair.
	Refresh RefreshToken
	// CreatedAt and UsedAt are of a session that is stored. It may have been used since, for
	// a day at most.
	CreatedAt, UsedAt time.Time
}

// Verdict is what Service decides about a code that somebody presented.
type Verdict int

// Verdicts on a code.
const (
	Refused Verdict = iota // nothing changes
	Missed                 // a wrong try, which counts
	Granted                // the account begins
	Seen                   // a used link again: true, but it grants nothing
)

// Store keeps accounts and sessions. Emails are given in the form of EmailKey where
// they are looked up.
type Store interface {
	// SaveSignUp keeps s in place of any earlier attempt of its address, and puts l
	// into the outgoing mail, in one transaction. The error is ErrEmailTaken if a
	// verified account has the address.
	SaveSignUp(ctx context.Context, s SignUp, l Letter) error
	// RenewCode gives the address's attempt a new code and puts l into the outgoing
	// mail, in one transaction. The error is ErrNoUser if the attempt is no longer id's.
	RenewCode(ctx context.Context, id UserID, c CodeState, l Letter) error
	// PendingSignUp returns the attempt of an address. The error is ErrNoUser.
	PendingSignUp(ctx context.Context, emailKey string) (SignUp, error)
	// Redeem locks the address's attempt, asks judge about it and carries its verdict
	// out in one transaction; on Granted the account, its self room and s, whose User
	// is filled in, begin. An account that nobody verified yields the address to it, and
	// has its own id for one from then on. The error is ErrNoUser when there is no
	// attempt, and ErrEmailTaken if a verified account has the address.
	Redeem(ctx context.Context, emailKey string, s Session, judge func(SignUp) Verdict) (SignUp, Verdict, error)
	// Register begins an account that nobody verified, its self room and s, and returns
	// its user. The error is ErrEmailTaken if any account has the address.
	Register(ctx context.Context, a Account, s Session) (User, error)
	// Account returns the account of an address, verified or not. The error is ErrNoUser.
	Account(ctx context.Context, emailKey string) (Account, error)
	// AccountOf returns the account of a user. The error is ErrNoUser.
	AccountOf(ctx context.Context, id UserID) (Account, error)
	// Rename gives a user another name, and returns them. The error is ErrNoUser.
	Rename(ctx context.Context, id UserID, name string) (User, error)
	// SetPicture gives a user another picture, none if name is empty, and returns them. The
	// error is ErrNoUser.
	SetPicture(ctx context.Context, id UserID, name string) (User, error)
	// StartSession keeps s, of a user who has just shown the password with that hash. The
	// error is ErrWrongPassword if that is not the account's any more.
	StartSession(ctx context.Context, s Session, passwordHash string) error
	// RaiseHash puts one hash of a password in the place of another one of the same, if
	// that is still the account's.
	RaiseHash(ctx context.Context, user UserID, old, hash string) error
	// PostRarely puts l into the outgoing mail, unless it was told so with the same key
	// within the time of every. If l is to nobody it posts nothing, and costs the same.
	PostRarely(ctx context.Context, key []byte, every time.Duration, l Letter) error
	// ChangePassword puts one hash in the place of another, revokes all sessions of the
	// user's but keep, and puts the notice into the outgoing mail, in one transaction, and
	// returns which sessions. The error is ErrWrongPassword if old is not the account's any
	// more.
	ChangePassword(ctx context.Context, c PasswordChange, old string, keep SessionID) ([]SessionID, error)
	// SaveReset keeps r in place of any earlier one of its user, and puts l into the
	// outgoing mail, in one transaction. Where there is no such user, or not a verified one,
	// it does neither; it takes as long, and is no error.
	SaveReset(ctx context.Context, r Reset, l Letter) error
	// TryReset locks the reset of an address, asks judge about it, and counts the try if it
	// is not Granted, in one transaction. It is Missed where there is none, and takes as
	// long. On Granted nothing is changed.
	TryReset(ctx context.Context, emailKey string, judge func(Reset) Verdict) (Reset, Verdict, error)
	// ResetPassword is ChangePassword for who has shown the code with that hash instead, and
	// revokes all sessions. The code is used up. The error is ErrBadCode if it is gone.
	ResetPassword(ctx context.Context, c PasswordChange, code []byte) ([]SessionID, error)
	// DeleteAccount makes a tombstone of the account that has this hash, in one transaction:
	// its sessions, codes and mail go, its address is free, and it is found by nobody. It
	// returns the sessions that were live. The error is ErrNoUser, or ErrWrongPassword if the
	// hash is not the account's any more.
	DeleteAccount(ctx context.Context, user UserID, hash string, now time.Time) ([]SessionID, error)
	// LiveSession returns a session that is neither revoked nor expired, and its user.
	// The error is ErrUnauthenticated.
	LiveSession(ctx context.Context, id SessionID, now time.Time) (Session, User, error)
	// DeadSessions returns which of some sessions are not live.
	DeadSessions(ctx context.Context, ids []SessionID, now time.Time) ([]SessionID, error)
	// SessionShown is LiveSession for who shows a refresh token too, by its name's hash. The
	// error is ErrUnauthenticated as well if that is not the newest of the session, unless it
	// was used after since; or if none is kept of the session, any will do.
	SessionShown(ctx context.Context, id SessionID, hash []byte, now, since time.Time) (Session, User, error)
	// Rotate locks a live session of a pair of user's, asks decide about it, and carries out
	// what it says, in one transaction. decide is told when the session ends, as EndsAt, and
	// what is kept of its refresh tokens, the older first. The error is ErrUnauthenticated
	// if there is no such session.
	Rotate(ctx context.Context, user UserID, id SessionID, now time.Time, decide func(ends time.Time, kept []RefreshToken) Rotation) (Rotation, error)
	// ProlongSession moves the end of a live session that ends by due, and reports whether
	// this call did: of those who call at once, one does.
	ProlongSession(ctx context.Context, id SessionID, now, due, until time.Time) (bool, error)
	// TouchSession says that a session is used now, if that was not said since due.
	TouchSession(ctx context.Context, id SessionID, now, due time.Time) error
	// Sessions returns a user's sessions that are neither revoked nor expired, those that
	// were used last first, and no more than limit.
	Sessions(ctx context.Context, user UserID, now time.Time, limit int) ([]Session, error)
	// RevokeSession ends a session of user's and reports whether this call was what ended it.
	RevokeSession(ctx context.Context, user UserID, id SessionID, now time.Time) (bool, error)
}

// Announcer tells the doors what they have to act on.
type Announcer interface {
	SessionRevoked(user UserID, session SessionID)
	// NameChanged is called after a change of a user's name or picture is committed. It
	// returns once the doors are going to act on it, before anything that the user does next.
	NameChanged(ctx context.Context, user UserID)
	// AccountDeleted is called after the deletion is committed: the user has to leave all
	// rooms.
	AccountDeleted(user UserID)
}

// Postman is woken when there is mail to send.
type Postman interface {
	Wake()
}
