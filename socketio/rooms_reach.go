package socketio

import "slices"

// Reach appends to into the members that to names, each once, and returns the longer
// slice. A member that joined before the call is reached, one that left before is
// not. It allocates nothing but what into lacks; whoever keeps into for the next call
// clears it, so that it keeps no member alive.
func (r *Rooms[M]) Reach(to Audience, into []M) []M {
	if len(to.Rooms) == 1 && len(to.Except) == 0 {
		return r.everyone(to.Rooms[0], into)
	}
	// Who is excepted, and with several rooms also who has been found already.
	done := r.spare.Get().(*seen[M])
	for _, name := range to.Except {
		r.except(name, done)
	}
	for i, name := range to.Rooms {
		into = r.others(name, done, i < len(to.Rooms)-1, into)
	}
	done.clear()
	r.spare.Put(done)
	return into
}

// everyone appends the members in the room.
func (r *Rooms[M]) everyone(name string, into []M) []M {
	sh := r.shard(name)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	own, seats := sh.named(name)
	if own != nil {
		into = append(into, own.member)
	}
	into = slices.Grow(into, len(seats))
	for _, s := range seats {
		into = append(into, s.member)
	}
	return into
}

// except adds to done who is in the room.
func (r *Rooms[M]) except(name string, done *seen[M]) {
	sh := r.shard(name)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	own, seats := sh.named(name)
	if own != nil {
		done.add(own)
	}
	for _, s := range seats {
		done.add(s)
	}
}

// others appends the members in the room that are not done. With more rooms to come
// they are done then.
func (r *Rooms[M]) others(name string, done *seen[M], more bool, into []M) []M {
	sh := r.shard(name)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	own, seats := sh.named(name)
	if own != nil && !done.has(own) {
		into = append(into, own.member)
		if more {
			done.add(own)
		}
	}
	for _, s := range seats {
		if done.has(s) {
			continue
		}
		into = append(into, s.member)
		if more {
			done.add(s)
		}
	}
	return into
}

// named returns the seat with this id, or nil, and the seats in this room. The one is
// never among the others, as nobody joins its own id. The lock is held.
func (sh *shard[M]) named(name string) (own *Seat[M], seats []*Seat[M]) {
	if rm := sh.rooms[name]; rm != nil {
		seats = rm.seats
	}
	return sh.seats[name], seats
}

// fewSeen is how many seats are found faster in a list than in a map. Mostly they are
// the excepted ones: the sender, or one user's sockets.
const fewSeen = 16

// seen is a set of seats.
type seen[M any] struct {
	few  []*Seat[M]
	many map[*Seat[M]]struct{} // those beyond fewSeen
}

func newSeen[M any]() *seen[M] {
	return &seen[M]{few: make([]*Seat[M], 0, fewSeen), many: map[*Seat[M]]struct{}{}}
}

func (d *seen[M]) has(s *Seat[M]) bool {
	if slices.Contains(d.few, s) {
		return true
	}
	if len(d.many) == 0 {
		return false
	}
	_, ok := d.many[s]
	return ok
}

func (d *seen[M]) add(s *Seat[M]) {
	if len(d.few) < fewSeen {
		d.few = append(d.few, s)
	} else {
		d.many[s] = struct{}{}
	}
}

func (d *seen[M]) clear() {
	clear(d.few)
	d.few = d.few[:0]
	clear(d.many)
}
