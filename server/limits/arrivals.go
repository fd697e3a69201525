package limits

import (
	"net/http"
	"sync"
	"time"
)

// New connections of one network, IPv6 by its /64. An office whose people share one address
// comes back at once after a restart, each of them with some tabs: that passes. Whoever only
// opens connections is slowed down to arrivalRate, and without showing who they are they hold
// maxStrangers at a time, each for the 10 s that an engine gives them.
const (
	arrivalRate  = 50
	arrivalBurst = 600
	maxStrangers = 1000
)

// strangerPause is when to come back for those who find maxStrangers before them.
const strangerPause = 2 * time.Second

// Arrivals counts connections that begin, by where they come from. It lives in memory, and
// knows a network for as long as that matters.
type Arrivals struct {
	paced bool
	began time.Time

	mu       sync.Mutex
	networks map[string]*network
}

type network struct {
	meter     meter
	strangers int // who have not shown who they are
}

// NewArrivals makes Arrivals. Not paced, it bounds strangers only.
func NewArrivals(paced bool) *Arrivals {
	return &Arrivals{paced: paced, began: time.Now(), networks: map[string]*network{}}
}

// Admit counts the connection that a request would begin. It returns how long to wait before
// it may, or else what has to be called once: when its client has shown who they are, or it
// has ended. This machine itself may come as it likes.
func (a *Arrivals) Admit(r *http.Request) (settled func(), wait time.Duration) {
	from := Client(r)
	if from == "" {
		return nil, 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	n := a.networks[from]
	if n == nil {
		a.tidy()
		n = &network{}
		a.networks[from] = n
	}
	if n.strangers >= maxStrangers {
		return nil, strangerPause
	}
	if a.paced {
		const cost = int64(time.Second / arrivalRate)
		if wait := n.meter.takeOf(a.now(), cost, arrivalBurst*cost); wait > 0 {
			return nil, wait
		}
	}
	n.strangers++
	return func() { a.settle(n) }, 0
}

func (a *Arrivals) settle(n *network) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n.strangers--
}

// tidy forgets networks of which there is nothing to remember, once they are many. All that
// are left then have a stranger here, or had somebody come a moment ago. mu is held.
func (a *Arrivals) tidy() {
	if len(a.networks) < maxBuckets {
		return
	}
	now := a.now()
	for from, n := range a.networks {
		if n.strangers == 0 && n.meter.at.Load() <= now {
			delete(a.networks, from)
		}
	}
}

func (a *Arrivals) now() int64 { return int64(time.Since(a.began)) }
