package socketio

import (
	"hash/maphash"
	"sync"
)

// shardCount spreads rooms over locks. Joins and broadcasts of different rooms
// rarely meet at 64; more would only cost memory.
const shardCount = 64

// Rooms knows which members are in which rooms, for an engine. All methods may be
// called from any goroutine, and no lock is held once they return, so that writing
// to the members that Reach finds can be slow without anyone noticing.
type Rooms[M any] struct {
	seed   maphash.Seed
	shards [shardCount]shard[M]
}

// shard holds some of the rooms. A room is its list of places; it exists while it
// has any, and both happen under the one lock, so none is lost in between.
type shard[M any] struct {
	mu    sync.RWMutex
	rooms map[string][]*place[M]
}

// place is one seat in one room.
type place[M any] struct {
	seat *Seat[M]
	at   int // its index in the room's list; guarded by the shard's mu
}

// Seat is one member's presence in rooms, its own among them.
type Seat[M any] struct {
	rooms  *Rooms[M]
	id     string
	member M

	// mu is taken before a shard's lock, never after it.
	mu     sync.Mutex
	in     map[string]*place[M]
	closed bool
}

// NewRooms returns an index without members.
func NewRooms[M any]() *Rooms[M] {
	r := &Rooms[M]{seed: maphash.MakeSeed()}
	for i := range r.shards {
		r.shards[i].rooms = map[string][]*place[M]{}
	}
	return r
}

// Enter gives m a seat in the room that bears its id. It stays in that one until the
// seat is closed.
func (r *Rooms[M]) Enter(id string, m M) *Seat[M] {
	s := &Seat[M]{rooms: r, id: id, member: m, in: make(map[string]*place[M], 1)}
	s.in[id] = r.add(id, s)
	return s
}

// Join puts the member into rooms. It does nothing once the seat is closed.
func (s *Seat[M]) Join(rooms ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	for _, room := range rooms {
		if _, ok := s.in[room]; !ok {
			s.in[room] = s.rooms.add(room, s)
		}
	}
}

// Leave takes the member out of rooms, but never out of its own.
func (s *Seat[M]) Leave(rooms ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, room := range rooms {
		if p, ok := s.in[room]; ok && room != s.id {
			s.rooms.remove(room, p)
			delete(s.in, room)
		}
	}
}

// Close takes the member out of all rooms, for good.
func (s *Seat[M]) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for room, p := range s.in {
		s.rooms.remove(room, p)
	}
	s.in = nil
}

// Reach returns the members that to names, each once.
func (r *Rooms[M]) Reach(to Audience) []M {
	if len(to.Rooms) == 1 && len(to.Except) == 0 {
		return r.members(to.Rooms[0])
	}
	// Who is excepted, and with several rooms also who has been found already.
	done := map[*Seat[M]]struct{}{}
	for _, room := range to.Except {
		r.each(room, func(s *Seat[M]) { done[s] = struct{}{} })
	}
	var members []M
	for _, room := range to.Rooms {
		r.each(room, func(s *Seat[M]) {
			if _, ok := done[s]; ok {
				return
			}
			if len(to.Rooms) > 1 {
				done[s] = struct{}{}
			}
			members = append(members, s.member)
		})
	}
	return members
}

func (r *Rooms[M]) members(room string) []M {
	sh := r.shard(room)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	places := sh.rooms[room]
	if len(places) == 0 {
		return nil
	}
	members := make([]M, len(places))
	for i, p := range places {
		members[i] = p.seat.member
	}
	return members
}

func (r *Rooms[M]) each(room string, visit func(*Seat[M])) {
	sh := r.shard(room)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	for _, p := range sh.rooms[room] {
		visit(p.seat)
	}
}

func (r *Rooms[M]) add(room string, s *Seat[M]) *place[M] {
	sh := r.shard(room)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	p := &place[M]{seat: s, at: len(sh.rooms[room])}
	sh.rooms[room] = append(sh.rooms[room], p)
	return p
}

func (r *Rooms[M]) remove(room string, p *place[M]) {
	sh := r.shard(room)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	places := sh.rooms[room]
	last := len(places) - 1
	if last == 0 {
		delete(sh.rooms, room)
		return
	}
	places[p.at] = places[last]
	places[p.at].at = p.at
	places[last] = nil
	sh.rooms[room] = places[:last]
}

func (r *Rooms[M]) shard(room string) *shard[M] {
	return &r.shards[maphash.String(r.seed, room)%shardCount]
}
