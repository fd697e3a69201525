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
	then  func()       // called once, when the next one has read the row
}

func (s *sessions) before(first func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.first = first
}

func (s *sessions) after(then func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.then = then
}

// LiveSession implements auth.Store.
func (s *sessions) LiveSession(ctx context.Context, id auth.SessionID, now time.Time) (auth.Session, auth.User, error) {
	s.mu.Lock()
	first, then := s.first, s.then
	s.then = nil
	s.mu.Unlock()
	if first != nil {
		if err := first(); err != nil {
			return auth.Session{}, auth.User{}, err
		}
	}
	found, u, err := s.Store.LiveSession(ctx, id, now)
	if then != nil {
		then()
	}
	return found, u, err
}
