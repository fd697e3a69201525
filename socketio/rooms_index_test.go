package socketio_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"expresschat/socketio"
)

// One who is in many rooms, more and fewer by turns, is where a plain map says.
func TestRoomsOfOneInMany(t *testing.T) {
	t.Parallel()
	const names = 1500
	rooms := socketio.NewRooms[int]()
	seat, other := rooms.Enter("me", 1), rooms.Enter("other", 2)
	in := map[string]bool{}
	dice := rand.New(rand.NewPCG(1, 2))
	for round := range 12 {
		bias := 9 - 8*(round%2) // fill up, then empty
		for range 3 * names {
			name := fmt.Sprint(dice.IntN(names))
			if dice.IntN(10) < bias {
				seat.Join(name)
				in[name] = true
			} else {
				seat.Leave(name)
				delete(in, name)
			}
			if dice.IntN(10) == 0 {
				other.Join(name)
			} else {
				other.Leave(name)
			}
		}
		for i := range names {
			name := fmt.Sprint(i)
			got := rooms.Reach(socketio.Audience{Rooms: []string{name}, Except: []string{"other"}}, nil)
			if (len(got) == 1) != in[name] || len(got) > 1 {
				t.Fatalf("round %d: %v in %s, want %v", round, got, name, in[name])
			}
		}
	}
	seat.Close()
	other.Close()
	if seats, rooms := rooms.Held(); seats != 0 || rooms != 0 {
		t.Errorf("%d seats and %d rooms are left", seats, rooms)
	}
}
