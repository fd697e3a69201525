package vchat

import (
	"sync"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// messagesShown is how many messages a page has.
const messagesShown = 30

// tables tells who reads which room in /message. A reader sits down at a room's table in its
// hand-off, between two events, as do the events.
//
// While the page is read, messages wait for the reader: a message is in the page, waits, or
// both, and what is in both is told by its seq. The wait begins before the page is read and
// ends in the hand-off, where nothing comes between the last that waited and the next one.
type tables struct {
	mu    sync.Mutex
	rooms map[bus.RoomID]*table
}

// table is the readers of a room. It exists while there are any.
type table struct {
	readers map[*reader]struct{}
	shown   int64 // up to where they have seen everything
}

// place is where a reader sits, and where it is about to.
type place struct {
	room    bus.RoomID // empty: nowhere
	kind    bus.Kind
	read    int64      // up to where it is noted that room was read
	next    bus.RoomID // whose page is being read, else empty
	waiting []waiting
	removed bool // from next, since
	late    bool // more came than may wait
}

// maxWaiting bounds how many messages may wait for a reader. One who lost some is dropped, and
// comes back for a fresh start.
const maxWaiting = 1000

// waiting is a message that waits until a page is sent.
type waiting struct {
	seq  int64
	text string
}

func (p *place) wait(m waiting) {
	if len(p.waiting) == maxWaiting {
		p.late = true
		return
	}
	p.waiting = append(p.waiting, m)
}

func newTables() *tables { return &tables{rooms: map[bus.RoomID]*table{}} }

// has tells whether a user is at a room's table.
func (t *tables) has(room bus.RoomID, u auth.UserID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.rooms[room]
	if at == nil {
		return false
	}
	for r := range at.readers {
		if r.user.ID == u && r.at.room == room {
			return true
		}
	}
	return false
}

// expect has messages of a room wait for r. It sits where it sat until then.
func (t *tables) expect(r *reader, room bus.RoomID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r.at.next, r.at.waiting, r.at.removed, r.at.late = room, nil, false, false
	t.at(room).readers[r] = struct{}{}
}

// at is called with mu held.
func (t *tables) at(room bus.RoomID) *table {
	if t.rooms[room] == nil {
		t.rooms[room] = &table{readers: map[*reader]struct{}{}}
	}
	return t.rooms[room]
}

// sit ends a wait: r sits at the table now, and gets what waited. ok is false if it may not
// any more, and lost is whether there was more than that.
func (t *tables) sit(r *reader, kind bus.Kind, shown int64) (late []waiting, ok, lost bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	room, removed := r.at.next, r.at.removed
	late, r.at.waiting, r.at.next = r.at.waiting, nil, ""
	if room == "" || removed || r.at.late {
		t.tidy(r, room)
		return late, false, r.at.late
	}
	r.at.room, r.at.kind, r.at.read = room, kind, 0
	table := t.at(room)
	table.shown = max(table.shown, shown)
	return late, true, false
}

// stop ends a wait that leads nowhere.
func (t *tables) stop(r *reader) {
	t.mu.Lock()
	defer t.mu.Unlock()
	room := r.at.next
	r.at.next, r.at.waiting = "", nil
	t.tidy(r, room)
}

// rise takes r from the table where it sits, and returns which that was.
func (t *tables) rise(r *reader) bus.RoomID {
	t.mu.Lock()
	defer t.mu.Unlock()
	room := r.at.room
	r.at.room = ""
	t.tidy(r, room)
	return room
}

// tidy takes r off a room's list if it neither sits nor waits there. mu is held.
func (t *tables) tidy(r *reader, room bus.RoomID) {
	at := t.rooms[room]
	if at == nil || r.at.room == room || r.at.next == room {
		return
	}
	delete(at.readers, r)
	if len(at.readers) == 0 {
		delete(t.rooms, room)
	}
}

// forget takes r from all tables. None of its handlers runs any more.
func (t *tables) forget(r *reader) {
	t.stop(r)
	t.rise(r)
}

// remove has r be removed from a room: it sits there no more, or will not.
func (t *tables) remove(r *reader, room bus.RoomID) (sat bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.at.next == room {
		r.at.removed = true
	}
	if r.at.room != room {
		return false
	}
	r.at.room = ""
	t.tidy(r, room)
	return true
}

// isEmpty tells whether nobody sits or waits at a table.
func (t *tables) isEmpty(room bus.RoomID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.rooms[room] == nil
}

// show gives a message to those who wait, and tells whether anybody sits there to see it.
func (t *tables) show(room bus.RoomID, seq int64, text string) (seen bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.rooms[room]
	if at == nil {
		return false
	}
	for r := range at.readers {
		if r.at.next == room && !r.at.removed {
			r.at.wait(waiting{seq, text})
		}
		seen = seen || r.at.room == room
	}
	at.shown = max(at.shown, seq)
	return seen
}

// noted is told what of a room it is noted that u has read.
func (t *tables) noted(room bus.RoomID, u auth.UserID, upTo int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.rooms[room]
	if at == nil {
		return
	}
	for r := range at.readers {
		if r.user.ID == u && r.at.room == room {
			r.at.read = max(r.at.read, upTo)
		}
	}
}

// due returns what r has seen where it sits and is not noted yet. ok is false if there is
// nothing.
func (t *tables) due(r *reader) (due chat.Reading, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.rooms[r.at.room]
	if r.at.room == "" || at == nil || at.shown <= r.at.read {
		return chat.Reading{}, false
	}
	return chat.Reading{Room: r.at.room, Kind: r.at.kind, UpTo: at.shown}, true
}

// seen returns who sits at a table, a reader for each user, and up to where they have read.
func (t *tables) seen(room bus.RoomID) (readers []*reader, kind bus.Kind, upTo int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.rooms[room]
	if at == nil {
		return nil, "", 0
	}
	users := map[auth.UserID]bool{}
	for r := range at.readers {
		if r.at.room == room && !users[r.user.ID] {
			users[r.user.ID] = true
			readers, kind = append(readers, r), r.at.kind
		}
	}
	return readers, kind, at.shown
}
