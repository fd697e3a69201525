package auth

import (
	"context"
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
// with a valid refresh token of the same live session. Everything else is
// ErrUnauthenticated. It never rotates anything.
func (s *Service) Authenticate(ctx context.Context, p Pair) (Identity, error) {
	access, expired, err := s.tokens.readAccess(p.Access)
	if err != nil {
		return Identity{}, err
	}
	if expired {
		refresh, tooOld, err := s.tokens.readRefresh(p.Refresh)
		if err != nil {
			return Identity{}, err
		}
		if tooOld || refresh.Session != access.Session || refresh.user() != access.user() {
			return Identity{}, ErrUnauthenticated
		}
	}
	_, user, err := s.live(ctx, access, PairSession)
	if err != nil {
		return Identity{}, err
	}
	id := Identity{User: user, Session: access.Session}
	if expired {
		id.Renewed, err = s.tokens.access(user.ID, access.Session)
	}
	return id, err
}

// StillLive asks again whether a session may be used: a connection does so once those
// who end sessions can see it, because the session may have ended before they could. It
// is the same for sessions of both kinds. The error is ErrUnauthenticated.
func (s *Service) StillLive(ctx context.Context, id SessionID) error {
	_, _, err := s.store.LiveSession(ctx, id, s.now())
	if err != nil {
		return fmt.Errorf("look up session: %w", err)
	}
	return nil
}

// Renew turns a fresh access token, which a socket was given, and the refresh token of
// the same session into a pair whose lifetime starts now. The error is
// ErrUnauthenticated.
func (s *Service) Renew(ctx context.Context, p Pair) (Pair, error) {
	access, stale, err := s.tokens.readAccess(p.Access)
	if err != nil {
		return Pair{}, err
	}
	refresh, old, err := s.tokens.readRefresh(p.Refresh)
	if err != nil {
		return Pair{}, err
	}
	if stale || old || access.Session != refresh.Session || access.user() != refresh.user() {
		return Pair{}, ErrUnauthenticated
	}
	session, _, err := s.live(ctx, access, PairSession)
	if err != nil {
		return Pair{}, err
	}
	session.ExpiresAt = s.now().Add(s.tokens.refreshTTL)
	if err := s.store.ExtendSession(ctx, session.ID, s.now(), session.ExpiresAt); err != nil {
		return Pair{}, fmt.Errorf("extend session: %w", err)
	}
	renewed, err := s.tokens.pair(session)
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
	revoked, err := s.store.RevokeSession(ctx, user, id, s.now())
	if err != nil {
		return fmt.Errorf("revoke session: %w", err)
	}
	if revoked {
		s.announcer.SessionRevoked(user, id)
	}
	return nil
}

// live returns the session that a token names, and its user. The error is
// ErrUnauthenticated if it is not live, or not of that kind, or not the token's user's.
func (s *Service) live(ctx context.Context, c *claims, kind SessionKind) (Session, User, error) {
	session, user, err := s.store.LiveSession(ctx, c.Session, s.now())
	if err != nil {
		return Session{}, User{}, fmt.Errorf("look up session: %w", err)
	}
	if session.Kind != kind || user.ID != c.user() {
		return Session{}, User{}, ErrUnauthenticated
	}
	return session, user, nil
}
