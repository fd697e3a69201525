package auth

import (
	"context"
	"errors"
	"fmt"
)

// ErrBadSignIn is the ErrWrongPassword of a server that hides who has an account: of whatever
// a sign-in fails for.
var ErrBadSignIn = fmt.Errorf("no such user, or: %w", ErrWrongPassword)

// SignIn checks a password and starts a session. The error is ErrNoUser,
// ErrWrongPassword, or ErrNotVerified if the password is right but the address is not
// verified yet; with Config.HideAccounts ErrBadSignIn for all of these; or ErrBusy.
func (s *Service) SignIn(ctx context.Context, email, password string) (User, Pair, error) {
	u, session, err := s.signIn(ctx, email, password, manner{
		find:     s.store.Account,
		takes:    func(a Account) bool { return a.Verified },
		starting: s.pairSession,
	})
	if err != nil {
		return User{}, Pair{}, err
	}
	pair, err := s.tokens.pair(session)
	return u, pair, err
}

// manner is how one of the doors signs people in.
type manner struct {
	find     func(ctx context.Context, key string) (Account, error)
	takes    func(a Account) bool
	starting func(user UserID) Session
}

// signIn computes exactly one hash, whatever it comes to: who measures it learns nothing. Only
// who has signed in, with a hash that costs less than one of today, waits for another one,
// which takes its place.
func (s *Service) signIn(ctx context.Context, login, password string, m manner) (User, Session, error) {
	key, err := lookupKey(login)
	if err != nil {
		return User{}, Session{}, s.refuse(ctx, ErrNoUser, s.hasher.decoy, password)
	}
	account, err := m.find(ctx, key)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return User{}, Session{}, fmt.Errorf("look up account: %w", err)
	}
	if err != nil || !m.takes(account) {
		return User{}, Session{}, s.refuseUnverified(ctx, key, account.PasswordHash, password)
	}
	if err := s.alsoLookUp(ctx, key); err != nil {
		return User{}, Session{}, err
	}
	if err := s.checkAccount(ctx, account, password); err != nil {
		return User{}, Session{}, s.hidden(err)
	}
	session := m.starting(account.ID)
	err = s.store.StartSession(ctx, session, account.PasswordHash)
	if errors.Is(err, ErrWrongPassword) && isWeak(account.PasswordHash) {
		// Somebody else has just signed in, and their sign-in raised the hash: that is not to
		// be taken for another password. What is found now is not weak, so this ends.
		return s.signIn(ctx, login, password, m)
	}
	if err != nil {
		return User{}, Session{}, fmt.Errorf("start session: %w", s.hidden(err))
	}
	s.raise(ctx, account, password)
	return account.User, session, nil
}

// raise puts a hash of today's cost in the place of a weaker one. It comes after the session,
// which does not wait for it: if it fails, the next sign-in does it.
func (s *Service) raise(ctx context.Context, a Account, password string) {
	if !isWeak(a.PasswordHash) {
		return
	}
	if hash, err := s.hasher.hash(ctx, password); err == nil {
		_ = s.store.RaiseHash(ctx, a.ID, a.PasswordHash, hash)
	}
}

// checkAccount returns ErrWrongPassword unless password is the account's.
func (s *Service) checkAccount(ctx context.Context, a Account, password string) error {
	ok, err := s.hasher.matches(ctx, a.PasswordHash, password)
	if err != nil {
		return err
	}
	if !ok {
		return ErrWrongPassword
	}
	return nil
}

// refuseUnverified answers for an address that nobody has verified, where hash is of the
// account that has it nevertheless, empty if there is none. It always fails, after the
// same one hash computation.
//
// If there is an attempt to sign up too, its password counts, the newest one's: what
// follows ErrNotVerified is a code for that attempt, and the account beside it may be
// somebody else's.
func (s *Service) refuseUnverified(ctx context.Context, key, hash, password string) error {
	su, err := s.store.PendingSignUp(ctx, key)
	switch {
	case err == nil:
		// Empty if it was verified since the account was looked for.
		hash = su.PasswordHash
	case !errors.Is(err, ErrNoUser):
		return fmt.Errorf("look up sign-up: %w", err)
	}
	if hash == "" {
		return s.refuse(ctx, ErrNoUser, s.hasher.decoy, password)
	}
	return s.refuse(ctx, ErrNotVerified, hash, password)
}

// refuse fails: with outcome, unless hash is an account's and password is not its own.
func (s *Service) refuse(ctx context.Context, outcome error, hash, password string) error {
	ok, err := s.hasher.matches(ctx, hash, password)
	switch {
	case err != nil:
		return s.hidden(err)
	case !ok && outcome == ErrNotVerified:
		outcome = ErrWrongPassword
	}
	return s.hidden(outcome)
}
