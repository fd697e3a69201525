package socketio

import (
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
)

const (
	// shardCount spreads rooms over locks. Joins and broadcasts of different rooms
	// rarely meet at 64; more would only cost memory.
	shardCount = 64

	// roomyRoom is the capacity below which a room that has emptied keeps its memory.
	roomyRoom = 64
)

// Rooms knows which members are in which rooms, for an engine. All methods may be
// called from any goroutine, and no lock is held once they return, so that writing
// to the members that Reach finds can be slow without anyone noticing.
//
// It is made for many members in a few rooms each: a seat is one small object and a
// membership none at all, only an entry in each of two lists. Who is in many rooms has an
// index of them as well. What they cost is bounded by TestRoomsMemory and printed by
// BenchmarkRoomsMemory.
//
// Two kinds of locks guard it. A shard's mu may be held while a seating lock is taken,
// of the same shard or another; while a seating lock is held, no lock is taken. Nobody
// holds two of a kind.
type Rooms[M any] struct {
	shards  [shardCount]shard[M]
	seed    maphash.Seed
	spare   sync.Pool // of *seen[M], empty ones
	numbers atomic.Uint64
}

// shard holds some of the rooms and, by their ids, some of the seats. A room exists
// while somebody is in it. It changes, comes and goes under the one lock, so that
// nobody is lost in between.
type shard[M any] struct {
	index *Rooms[M]

	mu    sync.RWMutex
	seats map[string]*Seat[M]
	rooms map[string]*room[M]

	// seating guards what says so in the seats of this shard. A mutex in each seat
	// would make seats larger.
	seating sync.Mutex

	_ [72]byte // fills two cache lines, so that cores in different shards share none
}

// room is the list of who is in it, apart from the seat whose id is its name.
type room[M any] struct {
	shard  *shard[M] // whose mu guards seats
	name   string
	number uint64 // another one for every room of the index
	seats  []*Seat[M]
}

// Seat is one member's presence in rooms, its own among them.
type Seat[M any] struct {
	home   *shard[M] // of its id
	id     string
	member M

	// The rooms, apart from its own. Guarded by home.seating.
	in     []place[M]
	index  *index // of in, once they are more than fewPlaces
	closed bool
}

// place is where in a room's list a seat is.
type place[M any] struct {
	room *room[M]
	at   int // changes only while the room's lock is held, too
}

// NewRooms returns an index without members.
func NewRooms[M any]() *Rooms[M] {
	r := &Rooms[M]{seed: maphash.MakeSeed()}
	r.spare.New = func() any { return newSeen[M]() }
	for i := range r.shards {
		sh := &r.shards[i]
		sh.index, sh.seats, sh.rooms = r, map[string]*Seat[M]{}, map[string]*room[M]{}
	}
	return r
}

// Enter gives m a seat in the room that bears its id. It stays in that one until the
// seat is closed. No two seats may have the same id at the same time; for others it
// is a room like any, which they may join and leave.
func (r *Rooms[M]) Enter(id string, m M) *Seat[M] {
	sh := r.shard(id)
	s := &Seat[M]{home: sh, id: id, member: m}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.seats[id] = s
	return s
}

// Join puts the member into rooms. It does nothing once the seat is closed.
func (s *Seat[M]) Join(rooms ...string) {
	for _, name := range rooms {
		if name != s.id {
			s.home.index.shard(name).join(name, s)
		}
	}
}

// Leave takes the member out of rooms, but never out of its own.
func (s *Seat[M]) Leave(rooms ...string) {
	for _, name := range rooms {
		s.home.index.shard(name).leave(name, s)
	}
}

// Close takes the member out of all rooms, for good.
func (s *Seat[M]) Close() {
	s.home.seating.Lock()
	s.closed = true
	s.home.seating.Unlock()
	s.home.mu.Lock()
	if s.home.seats[s.id] == s { // and not somebody's who came after the first Close
		delete(s.home.seats, s.id)
	}
	s.home.mu.Unlock()
	for rm := s.next(); rm != nil; rm = s.next() {
		rm.shard.leave(rm.name, s)
	}
}

func (r *Rooms[M]) shard(name string) *shard[M] {
	return &r.shards[maphash.String(r.seed, name)%shardCount]
}

func (sh *shard[M]) join(name string, s *Seat[M]) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	rm := sh.rooms[name]
	if rm == nil {
		rm = &room[M]{shard: sh, name: name, number: sh.index.numbers.Add(1)}
	}
	if s.enter(rm) {
		rm.seats = append(rm.seats, s)
		sh.rooms[name] = rm
	}
}

func (sh *shard[M]) leave(name string, s *Seat[M]) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	rm := sh.rooms[name]
	if rm == nil {
		return
	}
	at, ok := s.exit(rm)
	if !ok {
		return
	}
	rm.remove(at)
	if len(rm.seats) == 0 {
		delete(sh.rooms, name)
	}
}

// remove puts the last seat where one is removed.
func (rm *room[M]) remove(at int) {
	last := len(rm.seats) - 1
	if at != last {
		rm.seats[at] = rm.seats[last]
		rm.seats[at].move(rm, at)
	}
	rm.seats[last] = nil
	rm.seats = rm.seats[:last]
	if c := cap(rm.seats); c > roomyRoom && last < c/4 {
		rm.seats = append(make([]*Seat[M], 0, c/2), rm.seats...)
	}
}

// enter notes that the seat comes last in rm. It is false when the seat is closed or
// in rm already.
func (s *Seat[M]) enter(rm *room[M]) bool {
	s.home.seating.Lock()
	defer s.home.seating.Unlock()
	if s.closed || s.find(rm) >= 0 {
		return false
	}
	s.in = append(s.in, place[M]{rm, len(rm.seats)})
	switch n := len(s.in); {
	case s.index != nil && !s.index.full():
		s.index.put(rm.number, n-1)
	case s.index != nil || n > fewPlaces:
		s.index = &index{}
		s.index.rebuild(n, s.number)
	}
	return true
}

// number is that of the room at a place.
func (s *Seat[M]) number(i int) uint64 { return s.in[i].room.number }

// exit forgets rm and tells where in rm the seat was. It is false when it was not.
func (s *Seat[M]) exit(rm *room[M]) (at int, ok bool) {
	s.home.seating.Lock()
	defer s.home.seating.Unlock()
	i := s.find(rm)
	if i < 0 {
		return 0, false
	}
	at = s.in[i].at
	last := len(s.in) - 1
	if s.index != nil {
		s.index.remove(s.slot(rm), s.number)
		if i != last {
			s.index.slots[s.slot(s.in[last].room)] = int32(i + 1)
		}
	}
	s.in[i] = s.in[last]
	s.in[last] = place[M]{}
	s.in = s.in[:last]
	if last == fewPlaces/2 {
		s.index = nil
	}
	return at, true
}

// move notes where in rm the seat is now.
func (s *Seat[M]) move(rm *room[M], at int) {
	s.home.seating.Lock()
	defer s.home.seating.Unlock()
	s.in[s.find(rm)].at = at
}

// next returns a room that the closed seat is still in, nil when there is none.
func (s *Seat[M]) next() *room[M] {
	s.home.seating.Lock()
	defer s.home.seating.Unlock()
	if len(s.in) == 0 {
		s.in, s.index = nil, nil
		return nil
	}
	return s.in[len(s.in)-1].room
}

// find returns where in in a room is, -1 if it is not there.
func (s *Seat[M]) find(rm *room[M]) int {
	if s.index == nil {
		return slices.IndexFunc(s.in, func(p place[M]) bool { return p.room == rm })
	}
	if at := s.slot(rm); at >= 0 {
		return int(s.index.slots[at] - 1)
	}
	return -1
}

// slot is where in index a room is, -1 if it is not there.
func (s *Seat[M]) slot(rm *room[M]) int {
	return s.index.find(rm.number, func(i int) bool { return s.in[i].room == rm })
}
