package auth

import (
	"context"
	"errors"
	"fmt"
)

// Identity is somebody who has shown who they are.
type Identity struct {
	User    User
	Session SessionID
	// Renewed is a new access token where the one that was shown had expired, else
	// empty.
	Renewed string
}

// Authenticate accepts a valid access token, or a genuine one that has expired together
// with a valid refresh token of the same live session, which is its newest, or within Grace
// the one before. Everything else is ErrUnauthenticated. It never rotates anything, and
// takes no token for used again.
func (s *Service) Authenticate(ctx context.Context, p Pair) (Identity, error) {
	access, expired, err := s.tokens.readAccess(p.Access)
	if err != nil {
		return Identity{}, err
	}
	if expired {
		return s.authenticateExpired(ctx, access, p.Refresh)
	}
	session, user, err := s.live(ctx, access, PairSession)
	if err != nil {
		return Identity{}, err
	}
	return Identity{User: user, Session: access.Session}, s.touch(ctx, session)
}

// authenticateExpired is Authenticate for an access token that was good once.
func (s *Service) authenticateExpired(ctx context.Context, access *claims, token string) (Identity, error) {
	refresh, err := s.refreshOf(access, token)
	if err != nil {
		return Identity{}, err
	}
	now, mark := s.now(), s.kept.at()
	session, user, err := s.store.SessionShown(ctx, access.Session, hashName(refresh.ID), now, now.Add(-Grace))
	if err != nil {
		return Identity{}, fmt.Errorf("look up session: %w", err)
	}
	s.kept.put(mark, session, user)
	if !access.name(session, user, PairSession) {
		return Identity{}, ErrUnauthenticated
	}
	if err := s.touch(ctx, session); err != nil {
		return Identity{}, err
	}
	renewed, err := s.tokens.access(user.ID, access.Session)
	return Identity{User: user, Session: access.Session, Renewed: renewed}, err
}

// refreshOf reads a refresh token that has to be of the session of an access token.
func (s *Service) refreshOf(access *claims, token string) (*claims, error) {
	refresh, old, err := s.tokens.readRefresh(token)
	if err != nil {
		return nil, err
	}
	if old || refresh.Session != access.Session || refresh.user() != access.user() {
		return nil, ErrUnauthenticated
	}
	return refresh, nil
}

// StillLive asks again whether a session may be used: a connection does so once those
// who end sessions can see it, because the session may have ended before they could. It
// is the same for sessions of both kinds. The error is ErrUnauthenticated.
func (s *Service) StillLive(ctx context.Context, id SessionID) error {
	_, _, err := s.lookUpSession(ctx, id)
	return err
}

// Renew turns a fresh access token, which a socket was given, and the refresh token of
// the same session into a pair of that access token and a new refresh token, as Refresh
// does. The error is ErrUnauthenticated, and a *ReuseError if that is why.
func (s *Service) Renew(ctx context.Context, p Pair) (Pair, error) {
	access, stale, err := s.tokens.readAccess(p.Access)
	if err != nil {
		return Pair{}, err
	}
	refresh, err := s.refreshOf(access, p.Refresh)
	if err != nil {
		return Pair{}, err
	}
	if stale {
		return Pair{}, ErrUnauthenticated
	}
	renewed, err := s.rotate(ctx, refresh)
	if err != nil {
		return Pair{}, err
	}
	renewed.Access = p.Access
	return renewed, nil
}

// SignOut revokes the session that either token names, expired or not, and announces
// it. Tokens that name none are nothing to sign out of, and no error.
func (s *Service) SignOut(ctx context.Context, p Pair) error {
	c, _, err := s.tokens.readAccess(p.Access)
	if err != nil {
		c, _, err = s.tokens.readRefresh(p.Refresh)
	}
	if err != nil {
		return nil
	}
	return s.EndSession(ctx, c.user(), c.Session)
}

// EndSession revokes a session of user's, of either kind, and announces it. It is no error
// if there is no such session any more.
func (s *Service) EndSession(ctx context.Context, user UserID, id SessionID) error {
	if err := s.CloseSession(ctx, user, id); !errors.Is(err, ErrNoSession) {
		return err
	}
	return nil
}

// live returns the session that a token names, and its user. The error is
// ErrUnauthenticated if it is not live, or not of that kind, or not the token's user's.
func (s *Service) live(ctx context.Context, c *claims, kind SessionKind) (Session, User, error) {
	session, user, err := s.lookUpSession(ctx, c.Session)
	if err != nil {
		return Session{}, User{}, err
	}
	if !c.name(session, user, kind) {
		return Session{}, User{}, ErrUnauthenticated
	}
	return session, user, nil
}

// lookUpSession returns a session that is live, and its user: as it is kept, or else from
// the database, and then it is kept.
func (s *Service) lookUpSession(ctx context.Context, id SessionID) (Session, User, error) {
	now := s.now()
	if session, user, ok := s.kept.find(id, now); ok {
		return session, user, nil
	}
	mark := s.kept.at()
	session, user, err := s.store.LiveSession(ctx, id, now)
	if err != nil {
		return Session{}, User{}, fmt.Errorf("look up session: %w", err)
	}
	s.kept.put(mark, session, user)
	return session, user, nil
}

// name is whether a token says what its session is, and whose.
func (c *claims) name(s Session, u User, kind SessionKind) bool {
	return s.Kind == kind && u.ID == c.user()
}
