package expresschat

import (
	"context"
	"slices"

	"expresschat/bus"
	"expresschat/socketio"
)

func (d *Door) changeName(ctx context.Context, c *conn, in nameInput) (any, error) {
	u, err := d.auth.Rename(ctx, c.user.ID, in.Name)
	if err != nil {
		return nil, err
	}
	return nameAck{ack{true}, u.Name}, nil
}

// tellName runs in the hand-off of the user, and not of the rooms in which the name is
// shown: so connections that are arriving, which sit in some of their rooms only, get it
// from their hold.
func (d *Door) tellName(e bus.NameChanged) {
	d.online.Rename(e.User, e.Name)
	for _, c := range d.conns.of(e.User) {
		c.name.Store(&e.Name)
	}
	to := socketio.Audience{Rooms: []string{userRoom(e.User, d.bus.Part(e.Key()))}}
	for _, r := range e.Rooms {
		to.Rooms = append(to.Rooms, chatRoom(r.Room))
	}
	for _, c := range d.holds.renamed(e) {
		to.Except = append(to.Except, string(c.id))
	}
	d.broadcast(to, "name-changed", nameNewsOf(e))
}

func nameNewsOf(e bus.NameChanged) nameNews {
	return nameNews{User: e.User, Name: e.Name, Picture: pictureURL(e.Picture)}
}

// endArrival tells a connection the names that changed while it arrived, of people whom it
// was told of in the lists, and ends its hold: when there is no name left, so that the next
// one, which it gets like everybody, comes behind all of them.
func (d *Door) endArrival(h *hold, listed map[bus.RoomID]int64) {
	for names := d.holds.arrived(h); len(names) > 0; names = d.holds.arrived(h) {
		for _, e := range names {
			if h.conn.knows(e, listed) {
				h.conn.emit("name-changed", nameNewsOf(e))
			}
		}
	}
}

// knows tells whether somebody's name is shown to the connection.
func (c *conn) knows(e bus.NameChanged, listed map[bus.RoomID]int64) bool {
	return e.User == c.user.ID || slices.ContainsFunc(e.Rooms, func(r bus.NamedRoom) bool {
		_, known := listed[r.Room]
		return known
	})
}

// called is what the user is called now.
func (c *conn) called() string { return *c.name.Load() }

// listedAs sets what a list says that the user is called, unless an event has said it since
// the connection began: what that says is as new, or newer.
func (c *conn) listedAs(name string) { c.name.CompareAndSwap(c.begunAs, &name) }
