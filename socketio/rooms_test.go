package socketio_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"expresschat/socketio"
)

func TestRoomsReach(t *testing.T) {
	t.Parallel()
	rooms := socketio.NewRooms[string]()
	ana, ben, cat := rooms.Enter("a", "ana"), rooms.Enter("b", "ben"), rooms.Enter("c", "cat")
	ana.Join("red", "blue", "red")
	ben.Join("blue")
	ben.Join("blue")
	cat.Join("blue", "b")
	cat.Leave("b", "c", "never")
	tests := map[string]struct {
		rooms, except []string
		want          []string
	}{
		"one room":                {rooms: []string{"blue"}, want: []string{"ana", "ben", "cat"}},
		"one room twice":          {rooms: []string{"red", "red"}, want: []string{"ana"}},
		"overlapping rooms":       {rooms: []string{"red", "blue"}, want: []string{"ana", "ben", "cat"}},
		"an id":                   {rooms: []string{"c"}, want: []string{"cat"}},
		"except an id":            {rooms: []string{"blue"}, except: []string{"b", "nobody"}, want: []string{"ana", "cat"}},
		"except a room":           {rooms: []string{"blue", "c"}, except: []string{"red"}, want: []string{"ben", "cat"}},
		"nobody":                  {rooms: []string{"green"}},
		"no room":                 {},
		"no room, some exception": {except: []string{"red"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := rooms.Reach(socketio.Audience{Rooms: test.rooms, Except: test.except})
			slices.Sort(got)
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestRoomsClosedSeatJoinsNothing(t *testing.T) {
	t.Parallel()
	rooms := socketio.NewRooms[string]()
	seat := rooms.Enter("a", "ana")
	seat.Join("red")
	seat.Close()
	seat.Join("red", "blue")
	seat.Leave("red")
	seat.Close()
	if got := rooms.Reach(socketio.Audience{Rooms: []string{"a", "red", "blue"}}); len(got) > 0 {
		t.Errorf("reached %v", got)
	}
}

// A room that is emptied and joined at once keeps its members.
func TestRoomsStorm(t *testing.T) {
	t.Parallel()
	const members, rounds = 8, 500
	rooms := socketio.NewRooms[int]()
	to := socketio.Audience{Rooms: []string{"hall"}}
	var storm sync.WaitGroup
	for m := range members {
		storm.Go(func() {
			for round := range rounds {
				seat := rooms.Enter(fmt.Sprint(m), m)
				seat.Join("hall", "attic")
				if !slices.Contains(rooms.Reach(to), m) {
					t.Errorf("member %d was lost", m)
				}
				if round%2 == 0 {
					seat.Leave("hall")
					if slices.Contains(rooms.Reach(to), m) {
						t.Errorf("member %d was reached after it left", m)
					}
				}
				seat.Close()
			}
		})
	}
	storm.Go(func() {
		for range rounds {
			got := rooms.Reach(socketio.Audience{Rooms: []string{"hall", "attic"}})
			slices.Sort(got)
			if len(slices.Compact(slices.Clone(got))) > members {
				t.Errorf("reached %v", got)
			}
		}
	})
	storm.Wait()
	if got := rooms.Reach(socketio.Audience{Rooms: []string{"hall", "attic"}}); len(got) > 0 {
		t.Errorf("left over: %v", got)
	}
}

func TestRoomsJoinRacesClose(t *testing.T) {
	t.Parallel()
	rooms := socketio.NewRooms[int]()
	for i := range 500 {
		seat := rooms.Enter("x", i)
		var race sync.WaitGroup
		race.Go(func() { seat.Join("hall") })
		race.Go(seat.Close)
		race.Wait()
		if got := rooms.Reach(socketio.Audience{Rooms: []string{"hall", "x"}}); len(got) > 0 {
			t.Fatalf("left over: %v", got)
		}
	}
}

func BenchmarkRoomsReach(b *testing.B) {
	for _, size := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			rooms := socketio.NewRooms[*int]()
			for i := range size {
				rooms.Enter(fmt.Sprint(i), &i).Join("hall")
			}
			b.ReportAllocs()
			for b.Loop() {
				rooms.Reach(socketio.Audience{Rooms: []string{"hall"}})
			}
		})
	}
}
