//go:build !race

// The race detector has pools lose what they are given.

package socketio_test

import (
	"fmt"
	"testing"

	"expresschat/socketio"
)

// It runs alone, as it counts the allocations of the process.
func TestRoomsReachAllocatesNothing(t *testing.T) {
	rooms := socketio.NewRooms[*int]()
	for i := range 1000 {
		seat := rooms.Enter(fmt.Sprint(i), new(int))
		seat.Join("hall")
		if i%2 == 0 {
			seat.Join("half")
		}
	}
	for _, to := range []socketio.Audience{
		{Rooms: []string{"7"}},
		{Rooms: []string{"hall"}},
		{Rooms: []string{"hall"}, Except: []string{"7"}},
		{Rooms: []string{"hall"}, Except: []string{"7", "8", "half"}},
		{Rooms: []string{"half", "hall"}},
	} {
		list := rooms.Reach(to, nil)
		if n := testing.AllocsPerRun(100, func() { list = rooms.Reach(to, list[:0]) }); n > 0 {
			t.Errorf("%v: %v allocations", to, n)
		}
	}
}
