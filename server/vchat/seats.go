package vchat

import (
	"sync"

	"expresschat/auth"
	"expresschat/bus"
)

// seats tells which connections hear of which rooms, and of whose coming and going: those
// of the other one in a personal room. A connection takes and leaves its seat in a room in
// the room's hand-off, so that there it is known who hears of an event.
type seats struct {
	mu    sync.RWMutex
	rooms map[bus.RoomID]map[*conn]struct{}
	peers map[auth.UserID]map[seat]struct{}
}

// seat is a connection's part in a room.
type seat struct {
	conn *conn
	room bus.RoomID
}

// seated is what a connection itself knows of its seats. Guarded by seats.mu.
type seated struct {
	in map[bus.RoomID]auth.UserID // the other one of a personal room, else empty; nil before it enters
	// changes are the rooms whose events said, since the connection entered, whether its
	// user is in them: they know better than the list that it is to sit down by.
	changes map[bus.RoomID]bool
	gone    bool
}

func newSeats() *seats {
	return &seats{rooms: map[bus.RoomID]map[*conn]struct{}{}, peers: map[auth.UserID]map[seat]struct{}{}}
}

// enter has c take the seats that events give it. It is false if c has left for good.
func (s *seats) enter(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.seated.gone {
		return false
	}
	c.seated.in, c.seated.changes = map[bus.RoomID]auth.UserID{}, map[bus.RoomID]bool{}
	return true
}

// arrived ends what enter began.
func (s *seats) arrived(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.seated.changes = nil
}

// come and goes are an event's word on whether c's user is in a room.
func (s *seats) come(c *conn, room bus.RoomID, peer auth.UserID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.seated.note(room, true)
	s.sit(c, room, peer)
}

func (s *seats) goes(c *conn, room bus.RoomID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.seated.note(room, false)
	s.rise(c, room)
}

func (st *seated) note(room bus.RoomID, in bool) {
	if st.changes != nil {
		st.changes[room] = in
	}
}

// listed is the word of a list that was read after c entered.
func (s *seats) listed(c *conn, room bus.RoomID, peer auth.UserID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := c.seated.changes[room]; !known {
		s.sit(c, room, peer)
	}
}

// sit is called with mu held.
func (s *seats) sit(c *conn, room bus.RoomID, peer auth.UserID) {
	if c.seated.gone || c.seated.in == nil {
		return
	}
	c.seated.in[room] = peer
	if s.rooms[room] == nil {
		s.rooms[room] = map[*conn]struct{}{}
	}
	s.rooms[room][c] = struct{}{}
	if peer == "" {
		return
	}
	if s.peers[peer] == nil {
		s.peers[peer] = map[seat]struct{}{}
	}
	s.peers[peer][seat{c, room}] = struct{}{}
}

// rise is called with mu held.
func (s *seats) rise(c *conn, room bus.RoomID) {
	peer, there := c.seated.in[room]
	if !there {
		return
	}
	delete(c.seated.in, room)
	delete(s.rooms[room], c)
	if len(s.rooms[room]) == 0 {
		delete(s.rooms, room)
	}
	delete(s.peers[peer], seat{c, room})
	if len(s.peers[peer]) == 0 {
		delete(s.peers, peer)
	}
}

// forget takes c out of all rooms, for good.
func (s *seats) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for room := range c.seated.in {
		s.rise(c, room)
	}
	c.seated.gone = true
}

// in returns who sits in a room.
func (s *seats) in(room bus.RoomID) []*conn {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return keysOf(s.rooms[room])
}

// across returns who sits in a personal room whose other one is u.
func (s *seats) across(u auth.UserID) []seat {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return keysOf(s.peers[u])
}

// has tells whether c sits in a room, and isHere whether it may sit at all.
func (s *seats) has(c *conn, room bus.RoomID) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, there := c.seated.in[room]
	return there
}

func (s *seats) isHere(c *conn) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return c.seated.in != nil && !c.seated.gone
}
