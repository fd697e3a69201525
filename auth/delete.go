package auth

import (
	"context"
	"errors"
	"fmt"
)

// DeletedName is what a user is called who deleted their account.
const DeletedName = "Deleted user"

// DeleteAccount ends the account of somebody who is signed in, and all their sessions. What
// they said to others stays, from a deleted user; the address is free again. The error is
// ErrWrongPassword, or ErrUnauthenticated if the account is deleted already.
func (s *Service) DeleteAccount(ctx context.Context, who Identity, password string) error {
	err := s.deleteAccount(ctx, who.User.ID, password)
	if errors.Is(err, ErrNoUser) {
		return ErrUnauthenticated
	}
	return err
}

func (s *Service) deleteAccount(ctx context.Context, user UserID, password string) error {
	account, err := s.store.AccountOf(ctx, user)
	if err != nil {
		return fmt.Errorf("look up account: %w", err)
	}
	if err := s.checkAccount(ctx, account, password); err != nil {
		return err
	}
	ended, err := s.store.DeleteAccount(ctx, user, account.PasswordHash, s.now())
	if err != nil {
		return fmt.Errorf("delete account: %w", err)
	}
	for _, id := range ended {
		s.announcer.SessionRevoked(user, id)
	}
	s.announcer.AccountDeleted(user)
	return nil
}
