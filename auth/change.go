package auth

import (
	"context"
	"fmt"
)

// ChangePassword gives somebody who is signed in another password, and ends all their
// sessions but this one: whoever knew the old password may have begun them. Who signs in
// with the old one meanwhile is refused, or signed out again. A mail tells the owner. The error is ErrBadPassword,
// or ErrWrongPassword if current is not theirs.
func (s *Service) ChangePassword(ctx context.Context, who Identity, current, password string) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	account, err := s.store.AccountOf(ctx, who.User.ID)
	if err != nil {
		return fmt.Errorf("look up account: %w", err)
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
	if err != nil {
		return fmt.Errorf("change password: %w", err)
	}
	s.passwordChanged(account.ID, ended)
	return nil
}
