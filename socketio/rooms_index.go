package socketio

// fewPlaces is in how many rooms a member is found by looking through its list, which is
// faster than an index, and smaller. Few are in more.
const fewPlaces = 128

// index finds a room in a member's list of them by the room's number: a hash table with
// linear probing, of places in that list. It costs about 8 bytes a room, a third of what a
// map would.
type index struct {
	slots []int32 // the place and one, 0 for none; at most half of them are taken
	taken int
}

// slot is where a room's search begins. Numbers rise one by one, so they spread by
// themselves; the factor keeps those of one kind apart (Knuth's multiplicative hash).
func (x *index) slot(number uint64) int {
	return int((number * 0x9E3779B97F4A7C15) >> 32 & uint64(len(x.slots)-1))
}

// rebuild makes the table anew, with room for as many places again.
func (x *index) rebuild(places int, number func(place int) uint64) {
	size := 4 * fewPlaces
	for size < 2*places+2 {
		size *= 2
	}
	x.slots, x.taken = make([]int32, size), 0
	for i := range places {
		x.put(number(i), i)
	}
}

// put notes the place of a room that is not there. There has to be room.
func (x *index) put(number uint64, place int) {
	at := x.slot(number)
	for x.slots[at] != 0 {
		at = (at + 1) & (len(x.slots) - 1)
	}
	x.slots[at] = int32(place + 1)
	x.taken++
}

func (x *index) full() bool { return 2*(x.taken+1) > len(x.slots) }

// find returns the slot of a room, -1 if it is not there. is tells whether a place is its.
func (x *index) find(number uint64, is func(place int) bool) int {
	for at := x.slot(number); x.slots[at] != 0; at = (at + 1) & (len(x.slots) - 1) {
		if is(int(x.slots[at] - 1)) {
			return at
		}
	}
	return -1
}

// remove empties a slot, and closes the gap: whoever was put behind it because it was
// taken moves up. number tells a place's room.
func (x *index) remove(gap int, number func(place int) uint64) {
	mask := len(x.slots) - 1
	for at := (gap + 1) & mask; x.slots[at] != 0; at = (at + 1) & mask {
		home := x.slot(number(int(x.slots[at] - 1)))
		if (at-home)&mask >= (at-gap)&mask {
			x.slots[gap] = x.slots[at]
			gap = at
		}
	}
	x.slots[gap] = 0
	x.taken--
}
