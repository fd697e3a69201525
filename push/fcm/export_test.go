package fcm

import "time"

// Age has the sender be older.
func (s *Sender) Age(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since = s.since.Add(-d)
}
