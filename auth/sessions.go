package auth

import (
	"context"
	"fmt"
)

// MaxSessions bounds a list of sessions.
const MaxSessions = 100

// Sessions returns the live sessions of a user, those that were used last first, and
// MaxSessions at most.
func (s *Service) Sessions(ctx context.Context, user UserID) ([]Session, error) {
	list, err := s.store.Sessions(ctx, user, s.now(), MaxSessions)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return list, nil
}

// CloseSession revokes a session of user's, of either kind, and announces it. The error is
// ErrNoSession if there is no such session any more.
func (s *Service) CloseSession(ctx context.Context, user UserID, id SessionID) error {
	if CheckID(string(id)) != nil {
		return ErrNoSession
	}
	revoked, err := s.store.RevokeSession(ctx, user, id, s.now())
	if err != nil {
		return fmt.Errorf("revoke session: %w", err)
	}
	if !revoked {
		return ErrNoSession
	}
	s.announcer.SessionRevoked(user, id)
	return nil
}

// touch remembers that a session is used, once a day.
func (s *Service) touch(ctx context.Context, session Session) error {
	now := s.now()
	due := now.Add(-longStep)
	if session.UsedAt.After(due) || !s.kept.use(session.ID, now, due) {
		return nil
	}
	if err := s.store.TouchSession(ctx, session.ID, now, due); err != nil {
		s.kept.drop(session.ID)
		return fmt.Errorf("touch session: %w", err)
	}
	return nil
}
