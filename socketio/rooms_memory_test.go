package socketio_test

import (
	"fmt"
	"runtime"
	"testing"

	"expresschat/socketio"
)

// crowd is who is where when memory is measured: every member is in some of the rooms.
type crowd struct {
	name                   string
	members, rooms, inEach int // inEach is the members in each room
}

var crowds = []crowd{
	{"seats only, maps just grown", 8_000, 0, 0},
	{"seats only", 10_000, 0, 0},
	{"one large room", 10_000, 1, 10_000},
	{"small rooms, each member in one", 5_000, 1_000, 5},
	{"small rooms, each member in ten", 500, 1_000, 5},
	{"small rooms, each member in all", 5, 1_000, 5},
	{"small rooms, each member in all of many", 5, 20_000, 5},
}

// The most that a seat and a membership may cost, in bytes of heap, all in all.
const (
	seatLimit       = 144
	membershipLimit = 90
)

// measure returns the bytes of heap that a seat and a membership cost. The ids are the
// engine's, the rooms' names are counted.
func (c crowd) measure() (seat, membership float64) {
	ids := make([]string, c.members)
	for i := range ids {
		ids[i] = fmt.Sprintf("id-of-a-socket-%05d", i)
	}
	seats := make([]*socketio.Seat[*int], c.members)
	rooms := socketio.NewRooms[*int]()
	before := heap()
	for i, id := range ids {
		seats[i] = rooms.Enter(id, new(int))
	}
	entered := heap() // the members are 8 bytes each
	for i := range c.rooms * c.inEach {
		seats[i%c.members].Join(fmt.Sprintf("chat:0198c0de-0000-7000-8000-%012d", i/c.inEach))
	}
	joined := heap()
	runtime.KeepAlive(ids)
	runtime.KeepAlive(seats)
	runtime.KeepAlive(rooms)
	seat = float64(entered-before)/float64(c.members) - 8
	if c.rooms > 0 {
		membership = float64(joined-entered) / float64(c.rooms*c.inEach)
	}
	return seat, membership
}

// heap returns the bytes in use. The second collection frees what pools held.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// It runs alone, as it measures the process.
func TestRoomsMemory(t *testing.T) {
	for _, c := range crowds {
		seat, membership := c.measure()
		if c.members >= 5_000 && seat > seatLimit {
			t.Errorf("%s: a seat costs %.0f bytes", c.name, seat)
		}
		if membership > membershipLimit {
			t.Errorf("%s: a membership costs %.0f bytes", c.name, membership)
		}
	}
}

// A room that most have left gives memory back.
func TestRoomsMemoryAfterCrowd(t *testing.T) {
	const members, stay = 10_000, 20
	rooms := socketio.NewRooms[int]()
	seats := make([]*socketio.Seat[int], members)
	for i := range seats {
		seats[i] = rooms.Enter(fmt.Sprint(i), i)
		seats[i].Join("hall")
	}
	before := heap()
	for _, s := range seats[stay:] {
		s.Leave("hall")
	}
	if freed := before - heap(); freed < 8*members*9/10 {
		t.Errorf("%d bytes were freed", freed)
	}
	if got := rooms.Reach(socketio.Audience{Rooms: []string{"hall"}}, nil); len(got) != stay {
		t.Errorf("reached %d members", len(got))
	}
	runtime.KeepAlive(seats)
}

func BenchmarkRoomsMemory(b *testing.B) {
	for _, c := range crowds {
		b.Run(c.name, func(b *testing.B) {
			var seat, membership float64
			for b.Loop() {
				seat, membership = c.measure()
			}
			b.ReportMetric(seat, "B/seat")
			b.ReportMetric(membership, "B/membership")
		})
	}
}
