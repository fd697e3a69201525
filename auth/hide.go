package auth

import (
	"context"
	"errors"
	"fmt"
)

// hidden is what a sign-in fails with: of a server that hides who has an account always the
// same. That a stored hash is odd is the operator's to know even so.
func (s *Service) hidden(err error) error {
	switch {
	case !s.hideAccounts:
		return err
	case errors.Is(err, ErrOddHash):
		return fmt.Errorf("%w: %w", ErrBadSignIn, err)
	case errors.Is(err, ErrNoUser), errors.Is(err, ErrWrongPassword), errors.Is(err, ErrNotVerified):
		return ErrBadSignIn
	}
	return err
}

// alsoLookUp asks, for a verified address, what is asked for all others, if it may matter how
// long that takes.
func (s *Service) alsoLookUp(ctx context.Context, key string) error {
	if !s.hideAccounts {
		return nil
	}
	if _, err := s.store.PendingSignUp(ctx, key); err != nil && !errors.Is(err, ErrNoUser) {
		return fmt.Errorf("look up sign-up: %w", err)
	}
	return nil
}

// answerQuietly takes the place of the mail that can't be sent to an address, because there
// is an account or nothing to verify. It writes as that would have. The owner of an account
// learns that somebody tried.
func (s *Service) answerQuietly(ctx context.Context, emailKey string, a Account) error {
	var letter Letter
	if a.Verified {
		var err error
		signIn := s.publicURL.JoinPath("auth").String()
		if letter, err = s.letters.AlreadyThere(a.Email, a.Name, signIn, s.forgotLink()); err != nil {
			return fmt.Errorf("write letter: %w", err)
		}
	}
	return s.postRarely(ctx, "already there "+emailKey, letter)
}
