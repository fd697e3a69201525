package socketio_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"expresschat/socketio"
)

// stormNames are the rooms of TestRoomsModel. The first ones are members' ids as well.
var stormNames = [...]string{"m0", "m1", "m2", "m3", "m4", "m5", "red", "green", "blue"}

const stormMembers = 6

// What a count in a model says, modulo 4. A call that begins and ends with the same
// count saw that state all the time.
const (
	out = iota
	joining
	in
	leaving
)

// model counts, by member and name, the changes of whether the one is in the other.
// A member's owner alone changes its counts: before the call that does it, and after.
type model [stormMembers][len(stormNames)]atomic.Uint32

type counts [stormMembers][len(stormNames)]uint32

func (m *model) read() (c counts) {
	for i := range m {
		for j := range m[i] {
			c[i][j] = m[i][j].Load()
		}
	}
	return c
}

// life is a member from Enter to Close.
type life struct{ member, number int }

// owner is a goroutine that moves one member.
type owner struct {
	t     *testing.T
	rooms *socketio.Rooms[life]
	model *model
	me    int
	seat  *socketio.Seat[life]
	rnd   *rand.Rand
	list  []life
}

func (o *owner) run(rounds int) {
	for number := range rounds {
		o.change([]int{o.me}, out, func([]string) {
			o.seat = o.rooms.Enter(stormNames[o.me], life{o.me, number})
		})
		for range o.rnd.IntN(12) {
			names := o.some(4)
			if o.rnd.IntN(2) == 0 {
				o.change(names, out, func(all []string) { o.seat.Join(all...) })
			} else {
				names = slices.DeleteFunc(names, func(j int) bool { return j == o.me })
				o.change(names, in, func(all []string) { o.seat.Leave(append(all, stormNames[o.me])...) })
			}
			o.reach()
		}
		all := make([]int, len(stormNames))
		for j := range all {
			all[j] = j
		}
		o.change(all, in, func([]string) { o.seat.Close() })
		o.seat.Join(stormNames[:]...)
		o.reach()
	}
}

// some returns up to n names, in any order and perhaps one of them twice.
func (o *owner) some(n int) []int {
	names := make([]int, o.rnd.IntN(n+1))
	for i := range names {
		names[i] = o.rnd.IntN(len(stormNames))
	}
	return names
}

// change has do move the member, which the model then knows to be under way between
// from and the other for those of the names where it is from.
func (o *owner) change(names []int, from uint32, do func([]string)) {
	var moved []int
	texts := make([]string, len(names))
	for i, j := range names {
		texts[i] = stormNames[j]
		if o.model[o.me][j].Load()%4 == from {
			o.model[o.me][j].Add(1)
			moved = append(moved, j)
		}
	}
	do(texts)
	for _, j := range moved {
		o.model[o.me][j].Add(1)
	}
}

func (o *owner) reach() {
	names, except := o.some(3), o.some(2)
	var to socketio.Audience
	for _, j := range names {
		to.Rooms = append(to.Rooms, stormNames[j])
	}
	for _, j := range except {
		to.Except = append(to.Except, stormNames[j])
	}
	before := o.model.read()
	o.list = o.rooms.Reach(to, o.list[:0])
	after := o.model.read()
	var found [stormMembers]int
	for i, l := range o.list {
		found[l.member]++
		if slices.Contains(o.list[:i], l) {
			o.t.Errorf("%+v was found twice in %+v", l, to)
		}
	}
	for m, n := range found {
		was := func(state uint32) func(int) bool {
			return func(j int) bool { return before[m][j] == after[m][j] && before[m][j]%4 == state }
		}
		var (
			must  = slices.ContainsFunc(names, was(in)) && every(except, was(out))
			never = slices.ContainsFunc(except, was(in)) || every(names, was(out))
		)
		if must && n != 1 || never && n != 0 {
			o.t.Errorf("member %d was found %d times in %+v (must be %t, must not %t)", m, n, to, must, never)
		}
	}
}

func every(names []int, is func(int) bool) bool {
	return !slices.ContainsFunc(names, func(j int) bool { return !is(j) })
}

// Many goroutines move their members about while all of them look who is where.
func TestRoomsModel(t *testing.T) {
	t.Parallel()
	const rounds = 300
	rooms := socketio.NewRooms[life]()
	var (
		m     model
		storm sync.WaitGroup
	)
	for me := range stormMembers {
		o := &owner{t: t, rooms: rooms, model: &m, me: me, rnd: rand.New(rand.NewPCG(1, uint64(me)))}
		storm.Go(func() { o.run(rounds) })
	}
	storm.Wait()
	if seats, names := rooms.Held(); seats+names > 0 {
		t.Errorf("%d seats and %d rooms are left", seats, names)
	}
}
