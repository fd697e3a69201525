package auth

import (
	"context"
	"errors"
	"fmt"
)

// ChangePassword gives somebody who is signed in another password, and ends all their
// sessions but this one: whoever knew the old password may have begun them. Who signs in
// with the old one meanwhile is refused, or signed out again. The error is ErrBadPassword,
// ErrCommonPassword, ErrBusy, or ErrWrongPassword if current is not theirs.
func (s *Service) ChangePassword(ctx context.Context, who Identity, current, password string) error {
	account, err := s.store.AccountOf(ctx, who.User.ID)
	if err != nil {
		return fmt.Errorf("look up account: %w", err)
	}
	if err := checkPassword(password, account.Email, account.Name); err != nil {
		return err
	}
	if err := s.checkAccount(ctx, account, current); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	ended, err := s.store.ChangePassword(ctx, account.ID, account.PasswordHash, hash, who.Session, s.now())
	if errors.Is(err, ErrWrongPassword) && isWeak(account.PasswordHash) { // see signIn
		return s.ChangePassword(ctx, who, current, password)
	}
	if err != nil {
		return fmt.Errorf("change password: %w", err)
	}
	for _, id := range ended {
		s.announcer.SessionRevoked(account.ID, id)
	}
	return nil
}
