package auth

import (
	"context"
	"errors"
	"fmt"
)

// Profile is what is kept of somebody who is signed in, as they may see it. The error is
// ErrUnauthenticated if their account is deleted.
func (s *Service) Profile(ctx context.Context, who Identity) (Account, error) {
	account, err := s.store.AccountOf(ctx, who.User.ID)
	if errors.Is(err, ErrNoUser) {
		return Account{}, ErrUnauthenticated
	}
	if err != nil {
		return Account{}, fmt.Errorf("look up account: %w", err)
	}
	account.PasswordHash = ""
	return account, nil
}
