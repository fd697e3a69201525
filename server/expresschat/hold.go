package expresschat

import (
	"sync"

	"expresschat/bus"
	"expresschat/socketio"
)

// maxHeld bounds what may wait for a connection whose snapshot is being read. Past it
// the connection is dropped, and its client comes back for a fresh start.
const maxHeld = 10_000

// A hold keeps live events from a connection while a snapshot is read and sent. The
// hold begins before the snapshot is read, so every event is in the snapshot, in the
// hold, or both; what is in both is told by its seq. It ends in the hand-off of the
// rooms it covers, where nothing can come between its last event and the next one. An
// arriving connection sits in no room yet, so nothing reaches it past its hold; a fetch's
// hold begins in the hand-off, or an event that is half out would come after the page.
type hold struct {
	conn *conn
	// events, and of an arrival the names that changed, are owned by holds.mu.
	events []bus.Placed
	names  []bus.NameChanged
}

// holds are all holds there are: of connections that are arriving, which cover every
// room of the parts they are not live in yet, and of fetches, which cover one room.
type holds struct {
	mu       sync.Mutex
	arriving map[*hold]struct{}
	fetching map[bus.RoomID][]*hold
}

func newHolds() *holds {
	return &holds{arriving: map[*hold]struct{}{}, fetching: map[bus.RoomID][]*hold{}}
}

// take gives e to the holds that cover it and returns their connections. It is called in
// the hand-off of part, which owns the part's place in conn.live.
func (h *holds) take(e bus.Placed, part int) []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	var held []*conn
	for a := range h.arriving {
		if !a.conn.live[part] {
			a.add(e)
			held = append(held, a.conn)
		}
	}
	for _, f := range h.fetching[e.Where().Room] {
		f.add(e)
		held = append(held, f.conn)
	}
	return held
}

func (h *hold) add(e bus.Placed) {
	if len(h.events) == maxHeld {
		h.conn.socket.Drop(socketio.ReasonSlow)
		return
	}
	h.events = append(h.events, e)
}

func (h *holds) arrive(c *conn) *hold {
	a := &hold{conn: c}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.arriving[a] = struct{}{}
	return a
}

// part takes the events out of a that belong to one part.
func (h *holds) part(a *hold, mine func(bus.RoomID) bool) []bus.Placed {
	h.mu.Lock()
	defer h.mu.Unlock()
	var events, rest []bus.Placed
	for _, e := range a.events {
		if mine(e.Where().Room) {
			events = append(events, e)
		} else {
			rest = append(rest, e)
		}
	}
	a.events = rest
	return events
}

// renamed gives e to all arrivals and returns their connections.
func (h *holds) renamed(e bus.NameChanged) []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	var held []*conn
	for a := range h.arriving {
		if len(a.names) == maxHeld {
			a.conn.socket.Drop(socketio.ReasonSlow)
			continue
		}
		a.names = append(a.names, e)
		held = append(held, a.conn)
	}
	return held
}

// arrived ends an arrival, unless there are names that it has to tell first.
func (h *holds) arrived(a *hold) []bus.NameChanged {
	h.mu.Lock()
	defer h.mu.Unlock()
	names := a.names
	a.names = nil
	if len(names) == 0 {
		delete(h.arriving, a)
	}
	return names
}

func (h *holds) fetch(c *conn, room bus.RoomID) *hold {
	f := &hold{conn: c}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fetching[room] = append(h.fetching[room], f)
	return f
}

// fetched ends a fetch's hold and returns what it kept.
func (h *holds) fetched(f *hold, room bus.RoomID) []bus.Placed {
	h.mu.Lock()
	defer h.mu.Unlock()
	left := make([]*hold, 0, len(h.fetching[room]))
	for _, other := range h.fetching[room] {
		if other != f {
			left = append(left, other)
		}
	}
	if len(left) == 0 {
		delete(h.fetching, room)
	} else {
		h.fetching[room] = left
	}
	return f.events
}

// replay sends a connection what its hold kept and its snapshot lacks, in order. in tells
// whether the user was in the room when the snapshot of seq was taken, and the result
// whether they are now.
//
// What is no entry is sent even if the snapshot may have it: to hear twice that somebody has
// read, or has blocked a chat, changes nothing.
func (c *conn) replay(events []bus.Placed, in bool, seq int64) bool {
	for _, e := range events {
		if e.Where().Seq <= seq && isEntry(e) && (in || seq > 0) {
			continue
		}
		if adds(e, c.user.ID) {
			in = true
		}
		if in {
			c.tell(e)
		}
		if removes(e, c.user.ID) {
			in = false
		}
	}
	return in
}

// resume sends a connection what the hold of a fetch kept and the page lacks, in order.
// in tells whether the user was in the room when the page up to seq was read; of a fetch
// that was refused there is no page, and seq is 0.
//
// A page puts nothing into a client's list of chats and takes nothing out of it: that the
// user themself came or went is sent even if the page knows it already.
func (c *conn) resume(events []bus.Placed, in bool, seq int64) {
	in = c.wasIn(events, in)
	for _, e := range events {
		comes, goes := adds(e, c.user.ID), removes(e, c.user.ID)
		in = in || comes
		if in && (e.Where().Seq > seq || !isEntry(e) || comes || goes) {
			c.tell(e)
		}
		in = in && !goes
	}
}

// isEntry tells whether an event has a place of its own. What happens without one has the
// place of the room's newest entry.
func isEntry(e bus.Placed) bool {
	switch e.(type) {
	case bus.ReadMoved, bus.BlockChanged, bus.MuteChanged, bus.Typing:
		return false
	}
	return true
}

// wasIn tells whether the user was in the room before events, if they are afterwards or not:
// the first event that changes it says what it was.
func (c *conn) wasIn(events []bus.Placed, afterwards bool) bool {
	for _, e := range events {
		switch {
		case adds(e, c.user.ID):
			return false
		case removes(e, c.user.ID):
			return true
		}
	}
	return afterwards
}

// tell sends a connection its share of one event.
func (c *conn) tell(e bus.Placed) {
	for _, dl := range render(e) {
		if dl.to.has(c) {
			c.emit(dl.event, dl.arg)
		}
	}
}
