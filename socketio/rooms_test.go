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
	dan := rooms.Enter("d", "dan")
	dan.Join("a", "d") // a room named as somebody's id, and the own one
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
		"a room named as an id":   {rooms: []string{"a"}, want: []string{"ana", "dan"}},
		"such a room, except one": {rooms: []string{"a"}, except: []string{"d"}, want: []string{"ana"}},
		"except such a room":      {rooms: []string{"red", "blue", "d"}, except: []string{"a"}, want: []string{"ben", "cat"}},
		"several exceptions":      {rooms: []string{"blue"}, except: []string{"c", "a", "c"}, want: []string{"ben"}},
		"nobody":                  {rooms: []string{"green"}},
		"no room":                 {},
		"no room, some exception": {except: []string{"red"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := rooms.Reach(socketio.Audience{Rooms: test.rooms, Except: test.except}, nil)
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
	if got := rooms.Reach(socketio.Audience{Rooms: []string{"a", "red", "blue"}}, nil); len(got) > 0 {
		t.Errorf("reached %v", got)
	}
	rooms.Enter("a", "another ana")
	seat.Close()
	if got := rooms.Reach(socketio.Audience{Rooms: []string{"a"}}, nil); !slices.Equal(got, []string{"another ana"}) {
		t.Errorf("reached %v", got)
	}
}

// Sets of seats are kept differently when they are large.
func TestRoomsReachMany(t *testing.T) {
	t.Parallel()
	const size = 1000
	rooms := socketio.NewRooms[int]()
	for i := range size {
		seat := rooms.Enter(fmt.Sprint(i), i)
		seat.Join("hall", "twin")
		if i%3 == 0 {
			seat.Join("third")
		}
	}
	for _, names := range [][]string{{"hall"}, {"hall", "hall"}, {"hall", "twin", "third", "7"}} {
		for _, except := range []string{"third", "nobody", "third"} { // what is kept from call to call is empty
			got := rooms.Reach(socketio.Audience{Rooms: names, Except: []string{except}}, []int{-1})
			slices.Sort(got)
			want := []int{-1}
			for i := range size {
				if except != "third" || i%3 != 0 {
					want = append(want, i)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%v except %s: got %d members, want %d", names, except, len(got), len(want))
			}
		}
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
				if !slices.Contains(rooms.Reach(to, nil), m) {
					t.Errorf("member %d was lost", m)
				}
				if round%2 == 0 {
					seat.Leave("hall")
					if slices.Contains(rooms.Reach(to, nil), m) {
						t.Errorf("member %d was reached after it left", m)
					}
				}
				seat.Close()
			}
		})
	}
	storm.Go(func() {
		for range rounds {
			got := rooms.Reach(socketio.Audience{Rooms: []string{"hall", "attic"}}, nil)
			slices.Sort(got)
			if len(slices.Compact(slices.Clone(got))) > members {
				t.Errorf("reached %v", got)
			}
		}
	})
	storm.Wait()
	if got := rooms.Reach(socketio.Audience{Rooms: []string{"hall", "attic"}}, nil); len(got) > 0 {
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
		race.Go(func() { seat.Join("attic", "hall") })
		race.Go(func() { seat.Leave("hall") })
		race.Go(seat.Close)
		race.Go(seat.Close)
		race.Wait()
		if got := rooms.Reach(socketio.Audience{Rooms: []string{"hall", "x"}}, nil); len(got) > 0 {
			t.Fatalf("left over: %v", got)
		}
	}
	if seats, names := rooms.Held(); seats+names > 0 {
		t.Errorf("%d seats and %d rooms are left", seats, names)
	}
}
