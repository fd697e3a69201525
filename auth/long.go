package auth

import (
	"context"
	"fmt"
	"time"
)

// LongTTL is how long a session with one token lives after it was last used. Its clients
// can't renew a token and ask for the password again when one fails, so that a device has
// to be left alone for a year before that happens.
const LongTTL = 365 * 24 * time.Hour

// longStep is by how much a long session's end, or what is known of any session's last use,
// has to lag behind before it is moved: a client shows its token with every request, and a
// write for each would be a waste.
const longStep = 24 * time.Hour

// SignInLong checks a password and starts a session whose one token lasts long. login is
// what the account was registered with, or a user's id; whether anybody has verified the
// account does not matter. The error is ErrNoUser, ErrWrongPassword, or ErrNotVerified if
// the password is right but there will only be an account once the address is verified;
// with Config.HideAccounts ErrBadSignIn for all of these; or ErrBusy.
func (s *Service) SignInLong(ctx context.Context, login, password string) (User, string, error) {
	u, session, err := s.signIn(ctx, login, password, manner{
		find:     s.lookUp,
		takes:    func(Account) bool { return true },
		starting: s.longSession,
	})
	if err != nil {
		return User{}, "", err
	}
	token, err := s.tokens.long(session)
	return u, token, err
}

// lookUp finds an account by its id or by its address. Nobody else can have an id for an
// address, see cleanLogin.
func (s *Service) lookUp(ctx context.Context, key string) (Account, error) {
	if id, err := ParseUserID(key); err == nil {
		return s.store.AccountOf(ctx, id)
	}
	return s.store.Account(ctx, key)
}

func (s *Service) longSession(user UserID) Session {
	return Session{ID: NewSessionID(), Kind: LongSession, User: user, ExpiresAt: s.now().Add(LongTTL)}
}

// AuthenticateLong accepts the token of a live long session, which then lives for LongTTL
// from now on, or from some moment of the last day. Everything else is
// ErrUnauthenticated.
func (s *Service) AuthenticateLong(ctx context.Context, token string) (Identity, error) {
	c, err := s.tokens.readLong(token)
	if err != nil {
		return Identity{}, err
	}
	session, user, err := s.live(ctx, c, LongSession)
	if err != nil {
		return Identity{}, err
	}
	return Identity{User: user, Session: session.ID}, s.prolong(ctx, session)
}

// prolong moves the end of a long session, once a day. If somebody else did, or ended the
// session meanwhile, the next check finds out which.
func (s *Service) prolong(ctx context.Context, session Session) error {
	now := s.now()
	until := now.Add(LongTTL)
	due := until.Add(-longStep)
	if session.ExpiresAt.After(due) || !s.kept.prolong(session.ID, due, until) {
		return nil
	}
	moved, err := s.store.ProlongSession(ctx, session.ID, now, due, until)
	if err != nil || !moved {
		s.kept.drop(session.ID)
	}
	if err != nil {
		return fmt.Errorf("prolong session: %w", err)
	}
	return nil
}
