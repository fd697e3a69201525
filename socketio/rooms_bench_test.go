package socketio_test

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"

	"expresschat/socketio"
)

// hall returns an index with a room in which are members 0 to size-1; two of them are
// also in "pair" and half of them in "half".
func hall(size int) *socketio.Rooms[*int] {
	rooms := socketio.NewRooms[*int]()
	for i := range size {
		seat := rooms.Enter(strconv.Itoa(i), new(int))
		seat.Join("hall")
		if i < 2 {
			seat.Join("pair")
		}
		if i%2 == 0 {
			seat.Join("half")
		}
	}
	return rooms
}

func BenchmarkRoomsReach(b *testing.B) {
	audiences := []struct {
		name string
		to   socketio.Audience
	}{
		{"all", socketio.Audience{Rooms: []string{"hall"}}},
		{"except one", socketio.Audience{Rooms: []string{"hall"}, Except: []string{"1"}}},
		{"except two rooms", socketio.Audience{Rooms: []string{"hall"}, Except: []string{"pair", "3"}}},
		{"except half", socketio.Audience{Rooms: []string{"hall"}, Except: []string{"half"}}},
		{"two rooms", socketio.Audience{Rooms: []string{"half", "hall"}}},
	}
	for _, size := range []int{5, 100, 1_000, 10_000} {
		rooms := hall(size)
		for _, a := range audiences {
			b.Run(fmt.Sprintf("%d/%s", size, a.name), func(b *testing.B) {
				var list []*int
				b.ReportAllocs()
				for b.Loop() {
					list = rooms.Reach(a.to, list[:0])
				}
			})
		}
	}
}

func BenchmarkRoomsReachID(b *testing.B) {
	rooms := hall(1_000)
	to := socketio.Audience{Rooms: []string{"77"}}
	var list []*int
	b.ReportAllocs()
	for b.Loop() {
		list = rooms.Reach(to, list[:0])
	}
}

// Every goroutine reaches a room of its own.
func BenchmarkRoomsReachParallel(b *testing.B) {
	rooms := socketio.NewRooms[*int]()
	for i := range 500 {
		rooms.Enter(strconv.Itoa(i), new(int)).Join("hall" + strconv.Itoa(i%100))
	}
	var next atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		to := socketio.Audience{Rooms: []string{"hall" + strconv.Itoa(int(next.Add(1)))}}
		var list []*int
		for pb.Next() {
			list = rooms.Reach(to, list[:0])
		}
	})
}

func BenchmarkRoomsJoinLeave(b *testing.B) {
	for _, size := range []int{0, 10_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			seat := hall(size).Enter("me", nil)
			b.ReportAllocs()
			for b.Loop() {
				seat.Join("hall")
				seat.Leave("hall")
			}
		})
	}
}

func BenchmarkRoomsEnterClose(b *testing.B) {
	rooms := hall(1_000)
	for _, names := range [][]string{{}, {"hall", "half", "pair", "new"}} {
		b.Run(fmt.Sprint(len(names)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				seat := rooms.Enter("me", nil)
				seat.Join(names...)
				seat.Close()
			}
		})
	}
}

// One who is in many rooms joins another one and leaves it, as the last and as any.
func BenchmarkRoomsJoinLeaveOfMany(b *testing.B) {
	for _, joined := range []int{10, 100, 5_000} {
		b.Run(fmt.Sprint(joined), func(b *testing.B) {
			rooms := socketio.NewRooms[*int]()
			seat := rooms.Enter("me", nil)
			names := make([]string, joined)
			for i := range names {
				names[i] = fmt.Sprint("room", i)
			}
			seat.Join(names...)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				seat.Leave(names[i%joined])
				seat.Join(names[i%joined])
			}
		})
	}
}
