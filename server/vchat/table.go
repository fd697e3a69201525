package vchat

import (
	"context"
	"errors"
	"sync"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/socketio"
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
	next    bus.RoomID // whose page is being read, else empty
	waiting []waiting
	removed bool // from next, since
}

// waiting is a message that waits until a page is sent.
type waiting struct {
	seq  int64
	text string
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
	r.at.next, r.at.waiting, r.at.removed = room, nil, false
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
// any more.
func (t *tables) sit(r *reader, kind bus.Kind, shown int64) (late []waiting, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	room, removed := r.at.next, r.at.removed
	late, r.at.waiting, r.at.next = r.at.waiting, nil, ""
	if room == "" || removed {
		t.tidy(r, room)
		return late, false
	}
	r.at.room, r.at.kind = room, kind
	table := t.at(room)
	table.shown = max(table.shown, shown)
	return late, true
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
			r.at.waiting = append(r.at.waiting, waiting{seq, text})
		}
		seen = seen || r.at.room == room
	}
	at.shown = max(at.shown, seq)
	return seen
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

// readers' rooms of the namespace.
func tableRoom(id bus.RoomID) string { return "m:" + string(id) }

func (d *Door) authoriseReader(ctx context.Context, h socketio.Handshake) (any, error) {
	v, err := d.admit(ctx, h)
	if err != nil {
		return nil, err
	}
	return &reader{visitor: v}, nil
}

func (d *Door) readerConnected(ctx context.Context, s socketio.Socket) {
	r := s.Identity().(*reader)
	if r.undecided {
		s.Drop("undecided")
		return
	}
	r.socket = s
	d.readers.add(r.user.ID, r)
	d.greet(ctx, r.visitor, s)
}

func (d *Door) readerDisconnected(s socketio.Socket, _ string) {
	r := s.Identity().(*reader)
	if r.undecided {
		return
	}
	d.readers.remove(r.user.ID, r)
	d.tables.forget(r)
}

// sitDown shows a reader the newest messages of a room and then all that come, and notes
// that they are read. Strangers get nothing.
func (d *Door) sitDown(ctx context.Context, r *reader, in string) (any, error) {
	room, err := bus.ParseRoomID(in)
	if err != nil {
		return nil, chat.ErrNotMember
	}
	d.inHandOff(room, func() { d.tables.expect(r, room) })
	h, kind, err := d.history(ctx, r.user.ID, room, chat.Page{Limit: messagesShown, System: true})
	if err != nil {
		d.tables.stop(r)
		return nil, err
	}
	d.leaveTable(r)
	_ = r.socket.Emit("all_messages", inText(messagesOf(h))) // fails only when the socket is gone
	if err := d.chat.Settle(ctx, room); err != nil {
		d.tables.stop(r)
		r.socket.Drop("no snapshot") // what it missed, it gets when it is back
		return nil, err
	}
	d.inHandOff(room, func() { d.serveLate(r, room, kind, h.Seq) })
	d.chat.Read(r.actor(), chat.Reading{Room: room, Kind: kind, UpTo: h.Seq}, d.noteRead)
	d.chores.add(reading, string(room))
	return "Joined", nil
}

// leaveTable has r rise, between two events of the room that it leaves.
func (d *Door) leaveTable(r *reader) {
	room := d.tables.rise(r)
	if room != "" {
		d.inHandOff(room, func() { r.socket.Leave(tableRoom(room)) })
	}
}

// serveLate runs in the room's hand-off.
func (d *Door) serveLate(r *reader, room bus.RoomID, kind bus.Kind, seq int64) {
	late, ok := d.tables.sit(r, kind, seq)
	for _, m := range late {
		if m.seq > seq {
			_ = r.socket.Emit("new_message", m.text)
		}
	}
	if ok {
		r.socket.Join(tableRoom(room))
	}
}

// removeFrom runs in the room's hand-off, when r's user is no longer in the room.
func (d *Door) removeFrom(room bus.RoomID, r *reader) {
	if d.tables.remove(r, room) {
		r.socket.Leave(tableRoom(room))
	}
}

// serve shows an entry to those who read the room. It is rendered and encoded once.
func (d *Door) serve(e bus.Placed) {
	at := e.Where()
	m, ok := entry(e)
	if !ok || d.tables.isEmpty(at.Room) {
		return
	}
	text := inText(m)
	seen := d.tables.show(at.Room, at.Seq, text)
	if !seen {
		return
	}
	if err := d.messages.Emit(socketio.Audience{Rooms: []string{tableRoom(at.Room)}}, "new_message", text); err != nil {
		d.log.Debug("emit failed", "event", "new_message", "error", err)
	}
	d.chores.add(reading, string(at.Room))
}

// read notes that those at a room's table have read what was shown there. Many messages are
// one reading each.
func (d *Door) read(_ context.Context, about string, _ audience) {
	room := bus.RoomID(about)
	readers, kind, upTo := d.tables.seen(room)
	var all sync.WaitGroup
	for _, r := range readers {
		all.Add(1)
		d.chat.Read(r.actor(), chat.Reading{Room: room, Kind: kind, UpTo: upTo}, func(c chat.Cursor, err error) {
			d.noteRead(c, err)
			all.Done()
		})
	}
	all.Wait()
}

func (d *Door) noteRead(_ chat.Cursor, err error) {
	if err != nil && !errors.Is(err, chat.ErrNotMember) {
		d.report.Warn("reading not noted", "error", err)
	}
}

// history returns a page of a room of either kind that is shown here.
func (d *Door) history(ctx context.Context, u auth.UserID, room bus.RoomID, p chat.Page) (chat.History, bus.Kind, error) {
	h, err := d.chat.History(ctx, u, room, bus.Personal, p)
	if !errors.Is(err, chat.ErrOtherKind) {
		return h, bus.Personal, err
	}
	h, err = d.chat.History(ctx, u, room, bus.Group, p)
	return h, bus.Group, err
}
