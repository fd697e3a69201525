package auth

import (
	"context"
	"errors"
	"fmt"
)

// ChangePassword gives somebody who is signed in another password, and ends all their
// sessions but this one: whoever knew the old password may have begun them. Who signs in
// with the old one meanwhile is refused, or signed out again. A mail tells the owner. The
// error is ErrBadPassword, ErrCommonPassword, ErrBusy, or ErrWrongPassword if current is not
// theirs.
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
	change, err := s.newPassword(ctx, account.User, password)
	if err != nil {
		return err
	}
	if !account.Verified {
		change.Notice = Letter{}
	}
	ended, err := s.store.ChangePassword(ctx, change, account.PasswordHash, who.Session)
	if errors.Is(err, ErrWrongPassword) && isWeak(account.PasswordHash) { // see signIn
		return s.ChangePassword(ctx, who, current, password)
	}
	if err != nil {
		return fmt.Errorf("change password: %w", err)
	}
	s.passwordChanged(account.ID, ended)
	return nil
}
