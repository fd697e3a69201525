package expresschat_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"expresschat/auth"
)

// noErrors is a logger for a server that has nothing to report to its operator: the test
// fails of every error in the log, once the server has stopped.
func noErrors(t *testing.T) *slog.Logger {
	w := &witness{}
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, line := range w.seen {
			t.Errorf("the server logged an error: %s", line)
		}
	})
	return slog.New(w)
}

// witness is a handler of logs that keeps the errors.
type witness struct {
	mu   sync.Mutex
	seen []string
}

// Enabled implements slog.Handler.
func (w *witness) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

// Handle implements slog.Handler.
func (w *witness) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, line)
	return nil
}

// WithAttrs implements slog.Handler.
func (w *witness) WithAttrs([]slog.Attr) slog.Handler { return w }

// WithGroup implements slog.Handler.
func (w *witness) WithGroup(string) slog.Handler { return w }

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
