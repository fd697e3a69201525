package vchat

import (
	"context"
	"maps"
	"slices"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/socketio"
)

// Deliver implements bus.Door. It does at once what has its place between two events, and
// leaves all that asks the database to the chores.
func (d *Door) Deliver(e bus.Event) {
	switch e := e.(type) {
	case bus.SessionRevoked:
		d.endSession(e)
	case bus.PresenceChanged:
		d.chores.add(watching, string(e.User))
	case bus.Typing:
		d.tellTyping(e)
	case bus.NameChanged:
		d.tellName(e)
	case bus.Placed:
		if e.Where().Kind == bus.Self {
			return // not shown here
		}
		d.seat(e)
		d.serve(e)
		d.tellChanged(e)
	}
}

// seat has those who come into a room sit down, and those who go rise, before anybody is
// told.
func (d *Door) seat(e bus.Placed) {
	switch e := e.(type) {
	case bus.RoomCreated:
		for _, m := range e.Members {
			d.welcome(m.User, e.Room, other(e, m.User))
		}
	case bus.MemberAdded:
		d.welcome(e.Member.User, e.Room, "")
	case bus.MemberRemoved:
		d.dismiss(e.Member.User, e.Room, !e.Left())
	case bus.RoomDeleted:
		for _, m := range e.Members {
			d.dismiss(m.User, e.Room, m.User != e.By.User)
		}
	}
}

// other is the other one of a personal room.
func other(e bus.RoomCreated, u auth.UserID) auth.UserID {
	if e.Kind != bus.Personal {
		return ""
	}
	i := slices.IndexFunc(e.Members, func(m bus.Member) bool { return m.User != u })
	if i < 0 {
		return ""
	}
	return e.Members[i].User
}

func (d *Door) welcome(u auth.UserID, room bus.RoomID, peer auth.UserID) {
	for _, c := range d.conns.of(u) {
		d.seats.come(c, room, peer)
	}
}

// dismiss takes a user out of a room. kicked is whether somebody else wanted that. A list is
// the only way for a client to forget a room.
func (d *Door) dismiss(u auth.UserID, room bus.RoomID, kicked bool) {
	var told []string
	for _, c := range d.conns.of(u) {
		if d.seats.isHere(c) {
			told = append(told, c.socket.ID())
		}
		d.seats.goes(c, room)
	}
	for _, r := range d.readers.of(u) {
		d.removeFrom(room, r)
	}
	if kicked {
		d.emit(told, "kick_from_group", room)
	}
	if len(told) > 0 {
		d.chores.add(listing, string(u))
	}
}

// tellChanged has those told how the room looks now to whom it looks different.
func (d *Door) tellChanged(e bus.Placed) {
	at := e.Where()
	switch e := e.(type) {
	case bus.RoomDeleted:
	case bus.MuteChanged:
		d.chores.add(updating, string(at.Room), at.By.User)
	case bus.ReadMoved:
		if e.Kind == bus.Group { // there nobody else sees who has read
			d.chores.add(updating, string(at.Room), at.By.User)
			return
		}
		d.chores.add(updating, string(at.Room))
	default:
		d.chores.add(updating, string(at.Room))
	}
}

// tellName has those told whose personal room with a user is titled by the user's name. A
// group shows it only beside what the user said last in it, and that with its next update.
func (d *Door) tellName(e bus.NameChanged) {
	for _, at := range d.seats.across(e.User) {
		d.chores.add(updating, string(at.room), at.conn.user.ID)
	}
}

func (d *Door) tellTyping(e bus.Typing) {
	var others []*conn
	for _, c := range d.seats.in(e.Room) {
		if c.user.ID != e.By.User {
			others = append(others, c)
		}
	}
	d.emit(ids(others), "user_typing_changed", typingChanged{Status: e.Status, Name: e.ByName, RoomID: e.Room})
}

// emit sends one event to some connections of the main namespace, encoded once.
func (d *Door) emit(to []string, event string, arg any) {
	if len(to) == 0 {
		return
	}
	if err := d.out.Emit(socketio.Audience{Rooms: to}, event, arg); err != nil {
		d.log.Debug("emit failed", "event", event, "error", err)
	}
}

// update tells those who sit in a room how it looks to them now. One question is asked for
// all of them, and what comes of it is sent in the room's hand-off, to those who still sit
// there: who was removed meanwhile gets nothing older.
func (d *Door) update(ctx context.Context, about string, who audience) {
	room := bus.RoomID(about)
	users := map[auth.UserID]struct{}{}
	lists := map[*conn]int{} // sent before the room was read
	for _, c := range d.seats.in(room) {
		if who.has(c.user.ID) {
			users[c.user.ID] = struct{}{}
			lists[c] = c.listsShown()
		}
	}
	if len(users) == 0 {
		return
	}
	views, err := d.views.ViewsOf(ctx, room, slices.Collect(maps.Keys(users)))
	if err != nil {
		d.giveUp(ctx, err, room, users)
		return
	}
	for some := range slices.Chunk(slices.Collect(maps.Keys(views)), shownAtOnce) {
		d.inHandOff(room, func() { d.show(room, some, views, lists) })
	}
}

// shownAtOnce is to how many users a room is shown before other events of the hand-off have
// their turn: each takes an encoding and a write.
const shownAtOnce = 32

// show runs in the room's hand-off. lists is how many lists had been sent to each connection when
// the room was read: what may be older than a list that was sent since is read anew.
func (d *Door) show(room bus.RoomID, users []auth.UserID, views map[auth.UserID]chat.View, lists map[*conn]int) {
	for _, u := range users {
		var hearing []*conn
		for _, c := range d.conns.of(u) {
			switch {
			case !d.seats.has(c, room) || !c.mayHear(room):
			case c.listsBegun() > lists[c]:
				d.chores.add(updating, string(room), u)
			default:
				hearing = append(hearing, c)
			}
		}
		if len(hearing) > 0 {
			d.emit(ids(hearing), "update_one_room", d.roomOf(views[u], u))
		}
	}
}

// giveUp drops those who could not be told: what they missed, they see when they are back.
func (d *Door) giveUp(ctx context.Context, err error, room bus.RoomID, users map[auth.UserID]struct{}) {
	if ctx.Err() == nil {
		d.report.Warn("room not shown", "error", err)
	}
	for _, c := range d.seats.in(room) {
		if _, concerned := users[c.user.ID]; concerned {
			c.socket.Drop("no view")
		}
	}
}

// watch tells who shares a personal room with a user whether they are online. It looks in the
// room's hand-off, as updates of the room do: what is sent last was seen last.
func (d *Door) watch(_ context.Context, about string, _ audience) {
	u := auth.UserID(about)
	for _, at := range d.seats.across(u) {
		d.bus.Do(d.bus.Part(string(at.room)), func() {
			if !d.seats.has(at.conn, at.room) {
				return
			}
			at.conn.mayHear(at.room) // or else the room is read anew, after the list
			text := inText(onlineChanged{Status: bit(d.online.Online(u)), RoomID: at.room})
			d.emit(ids([]*conn{at.conn}), "user_online_changed", text)
		})
	}
}

// list tells a user which rooms they have, after one has gone.
func (d *Door) list(ctx context.Context, about string, _ audience) {
	u := auth.UserID(about)
	var conns []*conn
	for _, c := range d.conns.of(u) {
		if d.seats.isHere(c) {
			conns = append(conns, c)
		}
	}
	if len(conns) == 0 {
		return
	}
	for _, c := range conns {
		c.beginList()
		defer d.endList(c)
	}
	d.betweenAll()
	views, err := d.views.Views(ctx, u, 0, roomsShown)
	if err != nil {
		for _, c := range conns {
			c.socket.Drop("no list")
		}
		return
	}
	d.emit(ids(conns), "all_rooms", d.roomsOf(views, u))
}

// endList has told anew what a connection did not hear while a list was read for it.
func (d *Door) endList(c *conn) {
	missed, crossed := c.endList()
	for _, room := range missed {
		d.chores.add(updating, string(room), c.user.ID)
	}
	if crossed {
		d.chores.add(listing, string(c.user.ID))
	}
}
