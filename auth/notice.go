package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"
)

// noticeEvery is how often one account gets the same notice at most. Whoever wants to can
// bring them about.
const noticeEvery = 24 * time.Hour

// Notices writes the mails that tell owners of accounts what others tried.
type Notices interface {
	// Locked tells the owner of an account that its sign-in is locked for a while, since at,
	// by wrong passwords, and where to reset the password.
	Locked(to, name string, at time.Time, forgot string) (Letter, error)
	// AlreadyThere tells the owner of an account that somebody wanted to sign up with its
	// address, where to sign in, and where to reset the password.
	AlreadyThere(to, name, signIn, forgot string) (Letter, error)
}

// TellLocked tells the owner of an account by mail, once a day, that wrong passwords have used
// up its tries to sign in. Their sessions go on. Nobody hears of it where there is no such
// account, or no verified address: empty is nobody's, and the same is done.
func (s *Service) TellLocked(ctx context.Context, user UserID) error {
	if user == "" {
		user = NewUserID()
	}
	account, err := s.store.AccountOf(ctx, user)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return fmt.Errorf("look up account: %w", err)
	}
	letter, err := s.letters.Locked(account.Email, account.Name, s.now(), s.forgotLink())
	if err != nil {
		return fmt.Errorf("write letter: %w", err)
	}
	if !account.Verified {
		letter = Letter{}
	}
	return s.postRarely(ctx, "locked "+string(user), letter)
}

// postRarely sends a notice, unless it was sent lately, or is to nobody.
func (s *Service) postRarely(ctx context.Context, what string, l Letter) error {
	m := hmac.New(sha256.New, s.noticeKey)
	m.Write([]byte(what))
	if err := s.store.PostRarely(ctx, m.Sum(nil), noticeEvery, l); err != nil {
		return fmt.Errorf("post notice: %w", err)
	}
	s.postman.Wake()
	return nil
}

// forgotLink is where a password that was forgotten is reset.
func (s *Service) forgotLink() string {
	u := s.publicURL.JoinPath("auth")
	u.Fragment = "forgot"
	return u.String()
}
