// Package limits counts tries of what can be guessed or flooded. All doors count together:
// who is turned away at one is so at the others.
package limits

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A Quota is how often something may be tried: a burst, and then once an interval.
type Quota struct {
	burst int
	every time.Duration
}

// Quotas of what can be guessed or flooded, per address that it is tried for and per
// address that it comes from.
var (
	PerAccount = Quota{burst: 10, every: 6 * time.Second}
	PerMailbox = Quota{burst: 5, every: time.Minute} // each costs somebody a mail
	PerClient  = Quota{burst: 60, every: time.Second}
)

// Bounds of the memory of the limits. Past maxBuckets, those that are full again are
// forgotten, which changes nothing. Keys are what clients make of them: those that begin
// with the same maxKey bytes, more than any address has, share a bucket.
const (
	maxBuckets = 100_000
	maxKey     = 300
)

// Limits counts tries. It lives in memory: a restart forgets.
type Limits struct {
	on bool

	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

// New makes Limits that count, or let everything pass.
func New(on bool) *Limits {
	return &Limits{on: on, buckets: map[string]*rate.Limiter{}}
}

// Spend takes one try of key's quota, and tells how long to wait if there is none.
func (l *Limits) Spend(q Quota, key string) (wait time.Duration) {
	if !l.on || key == "" {
		return 0
	}
	key = key[:min(len(key), maxKey)]
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[key]
	if b == nil {
		l.tidy()
		b = rate.NewLimiter(rate.Every(q.every), q.burst)
		l.buckets[strings.Clone(key)] = b // the rest of a long one is not kept
	}
	if b.Allow() {
		return 0
	}
	missing := 1 - b.Tokens()
	return max(time.Duration(missing*float64(q.every)), time.Second)
}

func (l *Limits) tidy() {
	if len(l.buckets) < maxBuckets {
		return
	}
	for key, b := range l.buckets {
		if b.Tokens() >= float64(b.Burst()) {
			delete(l.buckets, key)
		}
	}
	if len(l.buckets) >= maxBuckets { // a flood of made-up keys: start over
		clear(l.buckets)
	}
}

// Client names the network that a request comes from, an IPv6 one by its /64. This
// machine's own address is the operator's: where there is a proxy on it, the server has
// put the client's address in its place.
func Client(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	a := peer.Addr().Unmap().WithZone("")
	switch {
	case a == netip.IPv6Loopback(), a == netip.AddrFrom4([4]byte{127, 0, 0, 1}):
		return ""
	case a.Is4():
		return a.String()
	}
	network := netip.PrefixFrom(a, 64).Masked()
	return network.String()
}
