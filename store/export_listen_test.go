package store

import "time"

// PingEvery has a connection that listens asked more often whether it still could.
func (s *Store) PingEvery(d time.Duration) { s.listenPing = d }
