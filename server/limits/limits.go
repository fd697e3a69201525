// Package limits counts tries of what can be guessed or flooded. All doors, and all servers
// of one database, count together, and a restart forgets nothing: who is turned away at one
// is so at the others.
package limits

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"expresschat/auth"
)

// A Quota is how often something may be tried, at once and over a longer time.
type Quota struct{ fast, slow auth.Rate }

func quota(fast, slow auth.Rate) Quota { return Quota{fast, slow} }

// even is a quota that is the same over any time.
func even(r auth.Rate) Quota { return Quota{r, r} }

// Quotas of what can be guessed or flooded, per account or address that it is tried for and
// per network that it comes from.
//
// A password is guessed at by one try a minute and not by one in six seconds:
// people mistype a few times in a row, never fourteen thousand times a day. After a hundred
// failures in a row one an hour is left. NIST SP 800-63B-4 (section 3.2.2) wants an end there;
// OWASP's ASVS 5.0 (6.1.1) wants nobody to be kept out of their account by others' guesses. So
// some tries are left, too few to guess what is not common, and the owner gets all of them
// back by signing in once.
var (
	PerAccount = quota(auth.Rate{Burst: 10, Every: time.Minute}, auth.Rate{Burst: 100, Every: time.Hour})
	// A code dies of five wrong tries by itself, and comes by a mail. So this is for what a
	// try costs, and keeps nobody from a code of their own for long.
	PerCode = even(auth.Rate{Burst: 10, Every: 6 * time.Second})
	// Each costs somebody a mail, with a code in it to guess.
	PerMailbox = quota(auth.Rate{Burst: 5, Every: time.Minute}, auth.Rate{Burst: 20, Every: time.Hour})
	// Many people may share an address.
	PerClient = even(auth.Rate{Burst: 60, Every: time.Second})
)

// Store keeps the counts.
type Store interface {
	// SpendTries takes a try of each bucket that takes it, and tells what came of each.
	SpendTries(ctx context.Context, buckets []auth.Bucket) ([]auth.Spent, error)
	// ForgetTries gives all tries of a bucket back.
	ForgetTries(ctx context.Context, key []byte) error
}

// Bounds of what is remembered of refusals: how many, and for how long one is believed,
// because another server may have given the tries back.
const (
	maxRefused  = 100_000
	believedFor = 10 * time.Second
)

// Limits counts tries. The truth is in the store; what is here only saves asking it, so that
// a flood of tries that are refused does not cost a query for each.
type Limits struct {
	on    bool
	store Store
	key   []byte

	mu      sync.Mutex
	refused map[string]refusal // by the key of a bucket
}

// refusal is until when a bucket takes nothing, and until when that is believed.
type refusal struct{ until, believed time.Time }

// New makes Limits that count in a store, or let everything pass. secret is the server's: by
// it counts are known, so that nobody who sees them can tell what was counted.
func New(on bool, store Store, secret []byte) *Limits {
	return &Limits{on: on, store: store, key: sum(secret, "limits of tries"), refused: map[string]refusal{}}
}

func sum(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// Try is one try of a quota: of what, and for whom, an account or an address, or from where.
// Nobody's is not counted.
type Try struct {
	Quota Quota
	What  string
	Whose string
}

// From is a try that counts for the network that a request comes from.
func From(r *http.Request) Try { return Try{PerClient, "client", Client(r)} }

// Spend takes one of each, and tells how long to wait if any of them is used up. The others
// are spent even so, see the store; but as long as the refusal is remembered here, nothing
// more is: who has used a network's tries up can't use up an account's by going on.
func (l *Limits) Spend(ctx context.Context, tries ...Try) (wait time.Duration, err error) {
	spent, err := l.spend(ctx, tries)
	return spent.wait, err
}

// outcome is what came of several tries.
type outcome struct {
	wait time.Duration // 0 if all passed
	last bool          // the first of them was the last one, for now
}

func (l *Limits) spend(ctx context.Context, tries []Try) (outcome, error) {
	buckets := l.buckets(tries)
	if len(buckets) == 0 {
		return outcome{}, nil
	}
	if wait := l.refusedFor(buckets); wait > 0 {
		return outcome{wait: wait}, nil
	}
	spent, err := l.store.SpendTries(ctx, buckets)
	if err != nil {
		return outcome{}, fmt.Errorf("count tries: %w", err)
	}
	var o outcome
	for i, s := range spent {
		wait := waitFor(buckets[i], s)
		switch {
		case !s.Passed:
			wait = max(wait, time.Second)
			o.wait = max(o.wait, wait)
			l.remember(buckets[i].Key, wait)
		case i == 0:
			o.last = wait > 0
		}
	}
	return o, nil
}

// buckets are those of tries that count.
func (l *Limits) buckets(tries []Try) []auth.Bucket {
	var list []auth.Bucket
	for _, t := range tries {
		if l.on && t.Whose != "" {
			list = append(list, auth.Bucket{Key: l.keyOf(t), Fast: t.Quota.fast, Slow: t.Quota.slow})
		}
	}
	return list
}

func (l *Limits) keyOf(t Try) []byte { return sum(l.key, t.What+" "+t.Whose) }

// waitFor is how long it takes until a bucket takes a try.
func waitFor(b auth.Bucket, s auth.Spent) time.Duration {
	return max(0, s.Fast-time.Duration(b.Fast.Burst-1)*b.Fast.Every, s.Slow-time.Duration(b.Slow.Burst-1)*b.Slow.Every)
}

// refusedFor is how long one of the buckets is known to be used up still.
func (l *Limits) refusedFor(buckets []auth.Bucket) (wait time.Duration) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range buckets {
		if r := l.refused[string(b.Key)]; now.Before(r.believed) {
			wait = max(wait, r.until.Sub(now))
		}
	}
	return wait
}

func (l *Limits) remember(key []byte, wait time.Duration) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.refused) >= maxRefused { // a flood of made-up keys: start over
		clear(l.refused)
	}
	l.refused[string(key)] = refusal{until: now.Add(wait), believed: now.Add(min(wait, believedFor))}
}

// Forgive gives all tries of something back.
func (l *Limits) Forgive(ctx context.Context, what, whose string) error {
	if !l.on {
		return nil
	}
	key := l.keyOf(Try{What: what, Whose: whose})
	if err := l.store.ForgetTries(ctx, key); err != nil {
		return fmt.Errorf("give tries back: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.refused, string(key))
	return nil
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
