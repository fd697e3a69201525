package vchat

import (
	"maps"
	"slices"
	"sync"

	"expresschat/auth"
)

// crowd is the open connections to a namespace, by user.
type crowd[C comparable] struct {
	mu     sync.RWMutex
	byUser map[auth.UserID]map[C]struct{}
}

func newCrowd[C comparable]() *crowd[C] {
	return &crowd[C]{byUser: map[auth.UserID]map[C]struct{}{}}
}

func (cr *crowd[C]) add(u auth.UserID, c C) {
	cr.mu.Lock()
	defer cr.mu.Unlock()
	if cr.byUser[u] == nil {
		cr.byUser[u] = map[C]struct{}{}
	}
	cr.byUser[u][c] = struct{}{}
}

func (cr *crowd[C]) remove(u auth.UserID, c C) {
	cr.mu.Lock()
	defer cr.mu.Unlock()
	delete(cr.byUser[u], c)
	if len(cr.byUser[u]) == 0 {
		delete(cr.byUser, u)
	}
}

// of returns the connections of a user at this moment.
func (cr *crowd[C]) of(u auth.UserID) []C {
	cr.mu.RLock()
	defer cr.mu.RUnlock()
	return keysOf(cr.byUser[u])
}

// each calls f for all. f must not add or remove any.
func (cr *crowd[C]) each(f func(u auth.UserID, c C)) {
	cr.mu.RLock()
	defer cr.mu.RUnlock()
	for u, conns := range cr.byUser {
		for c := range conns {
			f(u, c)
		}
	}
}

// OpenSessions implements auth.Door.
func (d *Door) OpenSessions() map[auth.SessionID]auth.UserID {
	open := map[auth.SessionID]auth.UserID{}
	d.conns.each(func(u auth.UserID, c *conn) { open[c.session] = u })
	d.readers.each(func(u auth.UserID, r *reader) { open[r.session] = u })
	return open
}

// keysOf lists what is in a set.
func keysOf[K comparable](of map[K]struct{}) []K {
	return slices.AppendSeq(make([]K, 0, len(of)), maps.Keys(of))
}
