package push

import (
	"sync"

	"expresschat/bus"
)

// maxMarks bounds the rooms that wait to be looked at.
const maxMarks = 8192

// marks are what was said and not looked at yet, by room, so that a burst in a room is one.
//
// Where more rooms wait than may, or a server has just started, some were missed: then none
// is added that is not there already, until forgive says that those are about to be looked
// up. So nothing behind a missed message is looked at before that message is.
type marks struct {
	wake chan struct{} // has an entry when there may be something to do

	mu     sync.Mutex
	rooms  map[bus.RoomID]Mark
	missed bool
}

func newMarks() *marks {
	return &marks{wake: make(chan struct{}, 1), rooms: map[bus.RoomID]Mark{}, missed: true}
}

// add never waits.
func (m *marks) add(k Mark) {
	m.mu.Lock()
	waits, there := m.rooms[k.Room]
	switch {
	case there:
		m.rooms[k.Room] = union(waits, k)
	case m.missed || len(m.rooms) >= maxMarks:
		m.missed = true
	default:
		m.rooms[k.Room] = k
	}
	m.mu.Unlock()
	if !there { // or else who comes for the room is on the way
		m.call()
	}
}

// call has whoever waits for wake look.
func (m *marks) call() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// union is one mark of a room in place of two.
func union(a, b Mark) Mark {
	u := Mark{Room: a.Room, From: min(a.From, b.From), To: max(a.To, b.To)}
	if a.By == b.By {
		u.By = a.By
	}
	return u
}

// miss notes that something was said that is not here.
func (m *marks) miss() {
	m.mu.Lock()
	m.missed = true
	m.mu.Unlock()
	m.call()
}

// forgive reports whether any were missed. It is for who looks them up then: what comes from
// now on is added again.
func (m *marks) forgive() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	missed := m.missed
	m.missed = false
	return missed
}

// take removes some and returns them.
func (m *marks) take(most int) []Mark {
	m.mu.Lock()
	defer m.mu.Unlock()
	var taken []Mark
	for room, k := range m.rooms {
		if len(taken) == most {
			break
		}
		taken = append(taken, k)
		delete(m.rooms, room)
	}
	return taken
}

// absorb extends each of some by what waits of its room, which it removes.
func (m *marks) absorb(some []Mark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, k := range some {
		if waits, there := m.rooms[k.Room]; there {
			some[i] = union(k, waits)
			delete(m.rooms, k.Room)
		}
	}
}
