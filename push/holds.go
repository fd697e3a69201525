package push

import (
	"sync"
	"time"
)

// holds are the push services that asked to be left alone, and until when. An attempt looks
// here right before it begins, and one that is refused enters its service before that is
// noted: so no attempt begins behind such an answer, and those under way then, at most parallel,
// are the last. What is held was claimed like what is sent, and goes back by its lease if we are
// killed: it is neither lost nor told twice (TestAPushServiceThatAsksToBeLeftAlone). Each process
// finds out for itself, by a refusal of its own.
type holds struct {
	mu    sync.Mutex
	until map[string]time.Time
}

func newHolds() *holds { return &holds{until: map[string]time.Time{}} }

// add holds a service for so long, or as long as it is held already. Those whose time is over
// are forgotten, as a client says where its push service is.
func (h *holds) add(service string, d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	for other, until := range h.until {
		if !until.After(now) {
			delete(h.until, other)
		}
	}
	if until := now.Add(d); until.After(h.until[service]) {
		h.until[service] = until
	}
}

// left is how long a service is to be left alone still, 0 for not at all.
func (h *holds) left(service string) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return max(0, time.Until(h.until[service]))
}
