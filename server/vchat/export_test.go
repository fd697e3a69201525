package vchat

import (
	"runtime"
	"time"

	"expresschat/bus"
)

// Workers is how many chores go on at once.
const Workers = workers

// Quiet returns when the door has nothing to do beside its clients.
func (d *Door) Quiet() {
	for d.chores.some() {
		runtime.Gosched()
	}
}

func (c *chores) some() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.state) > 0
}

// Waits replaces the clock: what is to happen later happens when a test says so. Call it
// before the first connection.
func (d *Door) Waits() (fire func()) {
	waiting := make(chan func(), 100)
	d.after = func(_ time.Duration, f func()) func() bool {
		waiting <- f
		return func() bool { return false } // it is fired nevertheless, at the end
	}
	return func() {
		for len(waiting) > 0 {
			(<-waiting)()
		}
	}
}

// Held counts what the door keeps of its clients.
func (d *Door) Held() int {
	d.seats.mu.Lock()
	defer d.seats.mu.Unlock()
	d.tables.mu.Lock()
	defer d.tables.mu.Unlock()
	return len(d.seats.rooms) + len(d.seats.peers) + len(d.tables.rooms) + len(d.conns.byUser) + len(d.readers.byUser)
}

// Deserted returns when nobody reads a room any more.
func (d *Door) Deserted(room string) {
	for !d.tables.isEmpty(bus.RoomID(room)) {
		runtime.Gosched()
	}
}
