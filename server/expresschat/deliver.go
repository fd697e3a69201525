package expresschat

import (
	"slices"
	"strconv"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/socketio"
)

// delivery is one wire event and who gets it. Its argument is encoded once for all.
type delivery struct {
	to    audience
	event string
	arg   any
}

// audience is some of the connections that an event of a room concerns. At most one of
// conn, user and room is set; with none of them it is nobody.
type audience struct {
	conn auth.ConnID // this connection
	user auth.UserID // every connection of this user
	room bool        // every connection of every member

	notUser auth.UserID // but none of this user's
	notConn auth.ConnID // but not this one
}

// has is what emit's rooms say, for a connection that is not in them: one that is held.
func (a audience) has(c *conn) bool {
	switch {
	case c.id == a.notConn || c.user.ID == a.notUser:
		return false
	case a.conn != "":
		return c.id == a.conn
	case a.user != "":
		return c.user.ID == a.user
	default:
		return a.room
	}
}

// The rooms of the namespace. A user's connections sit in a room for every part of the
// bus, so that each hand-off alone decides when a connection begins to hear from it.
func chatRoom(id bus.RoomID) string { return "r:" + string(id) }

func userRoom(id auth.UserID, part int) string {
	return "u:" + string(id) + ":" + strconv.Itoa(part)
}

// Deliver implements bus.Door.
func (d *Door) Deliver(e bus.Event) {
	switch e := e.(type) {
	case bus.MuteChanged:
		// Nothing that a client here is told, nor anything that a hold has to keep.
	case bus.Typing:
		d.tellTyping(e)
	case bus.PresenceChanged:
		d.tellPresence(e)
	case bus.NameChanged:
		d.tellName(e)
	case bus.Placed:
		d.deliverPlaced(e)
	case bus.SessionRevoked:
		d.endSession(e)
	}
}

// deliverPlaced runs in the hand-off of the event's room, as does whatever joins a
// connection to that room or ends a hold on it: so these three never cross, and a
// connection gets an event either here or from its hold, once.
func (d *Door) deliverPlaced(e bus.Placed) {
	at := e.Where()
	part := d.bus.Part(string(at.Room))
	held := d.holds.take(e, part)
	d.seat(e, part)
	for _, dl := range render(e) {
		d.emit(dl, at.Room, part, held)
	}
	d.meetAll(e, part)
	d.unseat(e, part)
}

// seat joins the connections of those who come into a room, and parts those of one who
// goes, before anybody is told.
func (d *Door) seat(e bus.Placed, part int) {
	switch e := e.(type) {
	case bus.RoomCreated:
		for _, m := range e.Members {
			d.join(m.User, e.Room, part)
		}
	case bus.MemberAdded:
		d.join(e.Member.User, e.Room, part)
	case bus.MemberRemoved:
		d.part(e.Member.User, e.Room, part)
	}
}

// unseat parts everybody, after they were told.
func (d *Door) unseat(e bus.Placed, part int) {
	if e, ok := e.(bus.RoomDeleted); ok {
		for _, m := range e.Members {
			d.part(m.User, e.Room, part)
		}
	}
}

func (d *Door) join(u auth.UserID, room bus.RoomID, part int) {
	for _, c := range d.conns.of(u) {
		if c.live[part] {
			c.socket.Join(c.in(chatRoom(room)))
		}
	}
}

func (d *Door) part(u auth.UserID, room bus.RoomID, part int) {
	for _, c := range d.conns.of(u) {
		if c.live[part] {
			c.socket.Leave(c.in(chatRoom(room)))
		}
	}
}

// emit sends one delivery to all that it is for, except to those that are held: they get
// it when their hold ends.
func (d *Door) emit(dl delivery, room bus.RoomID, part int, held []*conn) {
	var to socketio.Audience
	switch a := dl.to; {
	case a.conn != "":
		to.Rooms = []string{string(a.conn)}
	case a.user != "":
		to.Rooms = []string{userRoom(a.user, part)}
	case a.room:
		to.Rooms = []string{chatRoom(room)}
	default:
		return // for the connection that asked, and none did
	}
	if dl.to.notUser != "" {
		to.Except = append(to.Except, userRoom(dl.to.notUser, part))
	}
	if dl.to.notConn != "" {
		to.Except = append(to.Except, string(dl.to.notConn))
	}
	for _, c := range held {
		to.Except = append(to.Except, string(c.id))
	}
	d.broadcast(to, dl.event, dl.arg)
}

// endSession sends away the connections of a session that was revoked.
func (d *Door) endSession(e bus.SessionRevoked) {
	for _, c := range d.conns.of(e.User) {
		if c.session == e.Session {
			c.sendAway()
		}
	}
}

// adds and removes tell what an event does to one user's being in its room.
func adds(e bus.Placed, u auth.UserID) bool {
	switch e := e.(type) {
	case bus.RoomCreated:
		return slices.ContainsFunc(e.Members, func(m bus.Member) bool { return m.User == u })
	case bus.MemberAdded:
		return e.Member.User == u
	}
	return false
}

func removes(e bus.Placed, u auth.UserID) bool {
	switch e := e.(type) {
	case bus.RoomDeleted:
		return true
	case bus.MemberRemoved:
		return e.Member.User == u
	}
	return false
}
