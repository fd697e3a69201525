package auth

import (
	"cmp"
	"context"
	"fmt"
)

// Admission says who may register.
type Admission string

// Admissions.
const (
	AdmitAnybody  Admission = "open"     // at once, under any id that is free
	AdmitVerified Admission = "verified" // who verifies an address
	AdmitNobody   Admission = "off"
)

func (a Admission) known() bool {
	switch a {
	case AdmitAnybody, AdmitVerified, AdmitNobody, "":
		return true
	}
	return false
}

// Registration is what somebody fills in to have an account at once.
type Registration struct {
	// User is who they are going to be, so that something may be theirs already; empty for an
	// id that nobody knows of yet.
	User UserID
	Name string
	// ID is what they will sign in with: an address, a phone number, anything that nobody
	// else has, up to MaxEmail bytes and compared like addresses.
	ID string
	// Password may be what a client made of one, so it is taken as it is, up to
	// MaxOpaquePassword bytes.
	Password string
	// Picture is the name of a stored file, empty for none. It is taken with AdmitAnybody
	// only: a sign-up that waits for a mail to be answered keeps none.
	Picture string
}

// Register makes an account that nobody verified, and starts a session whose one token
// lasts long. If Config.Admission is AdmitVerified, the ID has to be an address: it keeps
// a sign-up, sends a link there, and the error is ErrNotVerified; once the link was
// followed, SignInLong takes the password. Other errors are ErrNotAdmitted, ErrBadName,
// ErrBadLogin or ErrBadEmail, ErrPasswordSize, and ErrEmailTaken: for AdmitAnybody if any
// account has the ID, for AdmitVerified if a verified one has.
func (s *Service) Register(ctx context.Context, r Registration) (User, string, error) {
	if err := s.Admits(); err != nil {
		return User{}, "", err
	}
	name, err := CleanName(r.Name)
	if err != nil {
		return User{}, "", err
	}
	clean := cleanLogin
	if s.admission == AdmitVerified {
		clean = cleanEmail
	}
	login, err := clean(r.ID)
	if err != nil {
		return User{}, "", err
	}
	if err := checkOpaquePassword(r.Password); err != nil {
		return User{}, "", err
	}
	if s.admission == AdmitVerified {
		if err := s.keepSignUp(ctx, SignUp{ID: NewUserID(), Email: login, Name: name}, r.Password, FromWeb); err != nil {
			return User{}, "", err
		}
		return User{}, "", ErrNotVerified
	}
	return s.begin(ctx, User{ID: cmp.Or(r.User, NewUserID()), Name: name, Email: login, Picture: r.Picture}, r.Password)
}

// Admits is the error of every Register, whatever it says: ErrNotAdmitted, or nil.
func (s *Service) Admits() error {
	if s.admission != AdmitAnybody && s.admission != AdmitVerified {
		return ErrNotAdmitted
	}
	return nil
}

// begin starts an account that nobody verified, and its first session.
func (s *Service) begin(ctx context.Context, u User, password string) (User, string, error) {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return User{}, "", err
	}
	session := s.longSession(u.ID)
	u, err = s.store.Register(ctx, Account{User: u, PasswordHash: hash}, session)
	if err != nil {
		return User{}, "", fmt.Errorf("register account: %w", err)
	}
	token, err := s.tokens.long(session)
	return u, token, err
}

// Rename gives a user another name, and has the doors told of it. The error is ErrBadName or ErrNoUser.
func (s *Service) Rename(ctx context.Context, user UserID, name string) (User, error) {
	name, err := CleanName(name)
	if err != nil {
		return User{}, err
	}
	u, err := s.store.Rename(ctx, user, name)
	if err != nil {
		return User{}, fmt.Errorf("rename user: %w", err)
	}
	s.announcer.NameChanged(ctx, user)
	return u, nil
}

// SetPicture gives a user another picture, by the name of a stored file, none if that is
// empty, and has the doors told of it as of a name. The error is ErrNoUser.
func (s *Service) SetPicture(ctx context.Context, user UserID, name string) (User, error) {
	u, err := s.store.SetPicture(ctx, user, name)
	if err != nil {
		return User{}, fmt.Errorf("set picture: %w", err)
	}
	s.announcer.NameChanged(ctx, user)
	return u, nil
}
