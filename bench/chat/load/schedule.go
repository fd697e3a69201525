package load

import "time"

// schedule says when each message of an open loop is due, however late others were.
type schedule struct {
	begin time.Time
	rate  float64 // a second
	done  int     // how many were handed out
}

func newSchedule(begin time.Time, rate float64) *schedule {
	return &schedule{begin: begin, rate: rate}
}

// due is when the i-th message has to be sent.
func (s *schedule) due(i int) time.Time {
	return s.begin.Add(time.Duration(float64(i) / s.rate * float64(time.Second)))
}

// until hands out the messages that are due at a moment and were not handed out before:
// those from from on, without to.
func (s *schedule) until(now time.Time) (from, to int) {
	from, to = s.done, s.done
	for !s.due(to).After(now) {
		to++
	}
	s.done = to
	return from, to
}
