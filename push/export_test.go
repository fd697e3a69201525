package push

// Wake has what waits for devices of a kind looked at.
func (s *Service) Wake(kind Kind) { s.workers[kind].Wake() }
