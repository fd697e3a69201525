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

// tableRoom is where those who sit at a table are, in the namespace.
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
	d.noteDue(r)
	d.tables.forget(r)
	r.counted.Leave()
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
	d.noteRead(r, chat.Reading{Room: room, Kind: kind, UpTo: h.Seq}, func() {})
	d.chores.add(reading, string(room))
	return "Joined", nil
}

// leaveTable has r rise, between two events of the room that it leaves.
func (d *Door) leaveTable(r *reader) {
	d.noteDue(r)
	room := d.tables.rise(r)
	if room != "" {
		d.inHandOff(room, func() { r.socket.Leave(tableRoom(room)) })
	}
}

// serveLate runs in the room's hand-off.
func (d *Door) serveLate(r *reader, room bus.RoomID, kind bus.Kind, seq int64) {
	late, ok, lost := d.tables.sit(r, kind, seq)
	if lost {
		r.socket.Drop(socketio.ReasonSlow)
		return
	}
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
		d.noteRead(r, chat.Reading{Room: room, Kind: kind, UpTo: upTo}, all.Done)
	}
	all.Wait()
}

// noteRead has it noted what a reader has read, and calls done then.
func (d *Door) noteRead(r *reader, what chat.Reading, done func()) {
	d.chat.Read(r.actor(), what, func(_ chat.Cursor, err error) {
		defer done()
		switch {
		case err == nil:
			d.tables.noted(what.Room, r.user.ID, what.UpTo)
		case !errors.Is(err, chat.ErrNotMember):
			d.report.Warn("reading not noted", "error", err)
		}
	})
}

// noteDue has it noted, before a reader rises, what it was shown and has not been noted yet.
func (d *Door) noteDue(r *reader) {
	if due, ok := d.tables.due(r); ok {
		d.noteRead(r, due, func() {})
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
