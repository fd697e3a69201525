package auth

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Reset is a password that was forgotten, and what is kept of the code for a new one. A
// user has at most one: a newer one takes the place of an older, and kills its code.
type Reset struct {
	User User
	Code CodeState
}

// Forgot sends the owner of a verified account what Reset asks for. Nobody learns from it
// whether there is such an account: it is no error if there is none, and the same is done.
func (s *Service) Forgot(ctx context.Context, email string, source Source) error {
	key, err := lookupKey(email)
	if err != nil {
		return nil
	}
	account, err := s.store.Account(ctx, key)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return fmt.Errorf("look up account: %w", err)
	}
	if !account.Verified {
		account = Account{User: User{ID: NewUserID()}} // to be found nowhere
	}
	r, letter, err := s.issueReset(account.User, source)
	if err != nil {
		return err
	}
	if err := s.store.SaveReset(ctx, r, letter); err != nil {
		return fmt.Errorf("save reset: %w", err)
	}
	s.postman.Wake()
	return nil
}

// issueReset makes a code, and writes the letter that brings it.
func (s *Service) issueReset(u User, source Source) (Reset, Letter, error) {
	code, kept, err := s.resets.issue(u.ID, source, s.now())
	if err != nil {
		return Reset{}, Letter{}, err
	}
	var letter Letter
	if source == FromApp {
		letter, err = s.letters.ResetCode(u.Email, u.Name, code)
	} else {
		letter, err = s.letters.ResetLink(u.Email, u.Name, s.link("reset", u.Email, code))
	}
	if err != nil {
		return Reset{}, Letter{}, fmt.Errorf("write letter: %w", err)
	}
	return Reset{User: u, Code: kept}, letter, nil
}

// Reset gives the account of an address another password, for a code that Forgot has sent,
// and ends all its sessions. The error is ErrBadPassword or ErrCommonPassword, which
// use nothing up, ErrBusy, or ErrBadCode; the fifth wrong code kills the right one.
//
// The code is looked at twice, because hashing takes long and is not for those who guess.
// First, under the lock of its row, which every guess waits for, so that each is judged with
// those before it counted. A right one stays there, and is what has to be found, and is
// removed, together with the change: of two who have it, one finds it.
func (s *Service) Reset(ctx context.Context, email, code, password string) error {
	if err := checkPassword(password, email); err != nil {
		return err
	}
	key, err := lookupKey(email)
	if err != nil {
		return ErrBadCode
	}
	r, verdict, err := s.store.TryReset(ctx, key, func(r Reset) Verdict {
		return s.resets.judge(r.User.ID, r.Code, code, s.now())
	})
	if err != nil {
		return fmt.Errorf("try reset: %w", err)
	}
	if verdict != Granted {
		return ErrBadCode
	}
	if err := checkPassword(password, r.User.Name); err != nil {
		return err
	}
	change, err := s.newPassword(ctx, r.User, password)
	if err != nil {
		return err
	}
	ended, err := s.store.ResetPassword(ctx, change, r.Code.Hash)
	if err != nil {
		return fmt.Errorf("reset password: %w", err)
	}
	s.passwordChanged(r.User.ID, ended)
	return nil
}

// PasswordChange is another password for a user, and what comes with it.
type PasswordChange struct {
	User   UserID
	Hash   string
	Notice Letter // to its owner; to nobody if the account has no verified address
	At     time.Time
}

// newPassword hashes a password, which was checked, and writes the notice of it.
func (s *Service) newPassword(ctx context.Context, u User, password string) (PasswordChange, error) {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return PasswordChange{}, err
	}
	notice, err := s.letters.PasswordChanged(u.Email, u.Name)
	if err != nil {
		return PasswordChange{}, fmt.Errorf("write letter: %w", err)
	}
	return PasswordChange{User: u.ID, Hash: hash, Notice: notice, At: s.now()}, nil
}

// passwordChanged tells of a change that is made.
func (s *Service) passwordChanged(user UserID, ended []SessionID) {
	for _, id := range ended {
		s.announcer.SessionRevoked(user, id)
	}
	s.postman.Wake()
}
