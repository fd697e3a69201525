package expresschat_test

import (
	"context"
	"sync"
	"time"

	"expresschat/auth"
)

// sessions is a store whose look-ups of a session a test can hold up, and make fail.
type sessions struct {
	auth.Store

	mu    sync.Mutex
	first func() error // called before each look-up, if set: what it fails of
}

func (s *sessions) before(first func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.first = first
}

// LiveSession implements auth.Store.
func (s *sessions) LiveSession(ctx context.Context, id auth.SessionID, now time.Time) (auth.Session, auth.User, error) {
	s.mu.Lock()
	first := s.first
	s.mu.Unlock()
	if first != nil {
		if err := first(); err != nil {
			return auth.Session{}, auth.User{}, err
		}
	}
	return s.Store.LiveSession(ctx, id, now)
}
