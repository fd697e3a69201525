package push

import "time"

// Wake has what waits for devices of a kind looked at.
func (s *Service) Wake(kind Kind) { s.workers[kind].Wake() }

// EndHolds has all push services be told again, as if the time were over.
func (s *Service) EndHolds() {
	s.holds.mu.Lock()
	defer s.holds.mu.Unlock()
	for service := range s.holds.until {
		s.holds.until[service] = time.Now()
	}
}
