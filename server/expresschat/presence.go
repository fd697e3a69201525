package expresschat

import (
	"slices"
	"sync"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// watchers tells which connections hear of somebody's coming and going: those of the other
// one in a personal chat, each by that chat.
//
// What a connection hears last has to be true, although three may speak to it at once: its
// own arrival, the beginning of a chat, and the hand-off of whoever comes or goes. So a
// connection is listed here before anybody looks at what it is told; and who tells it what
// they saw, and not what happened, looks again behind that, until what they told is how it
// is (catchUp). A change is known to chat.Presence before its event is published. So the
// last change is either before that last look, which sees it, or its event comes after the
// look and finds the connection listed. Of one user events come in order.
//
// Most people have few who watch them: a list is a fraction of what a map would take, for
// every chat of every connection.
type watchers struct {
	mu     sync.RWMutex
	byUser map[auth.UserID][]watcher
}

// watching is whom a connection hears of. Guarded by watchers.mu.
type watching struct {
	users []auth.UserID
	over  bool
}

// watcher is one who hears of somebody, and the chat of the two.
type watcher struct {
	conn *conn
	room bus.RoomID
}

func newWatchers() *watchers { return &watchers{byUser: map[auth.UserID][]watcher{}} }

// add lists c. One that has ended is not listed any more.
func (w *watchers) add(c *conn, user auth.UserID, room bus.RoomID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.watching.over {
		return
	}
	if !slices.ContainsFunc(w.byUser[user], c.is) {
		w.byUser[user] = append(w.byUser[user], watcher{c, room})
		c.watching.users = append(c.watching.users, user)
	}
}

// forget takes c out, for good.
func (w *watchers) forget(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, u := range c.watching.users {
		w.byUser[u] = slices.DeleteFunc(w.byUser[u], c.is)
		if len(w.byUser[u]) == 0 {
			delete(w.byUser, u)
		}
	}
	c.watching = watching{over: true}
}

// of returns who hears of a user at this moment.
func (w *watchers) of(user auth.UserID) []watcher {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return slices.Clone(w.byUser[user])
}

func (c *conn) is(w watcher) bool { return w.conn == c }

// greet tells an arriving connection which of its partners are online, after lists that
// said it of those in said. The lists and the event each say who is, not who is not.
func (d *Door) greet(c *conn, chats []chat.Listed, said map[auth.UserID]bool) {
	for _, l := range chats {
		if l.Kind == bus.Personal {
			d.watchers.add(c, l.Partner.ID, l.Room)
		}
	}
	online := presence{Users: []auth.UserID{}}
	for _, l := range chats {
		if l.Kind == bus.Personal && d.online.Online(l.Partner.ID) {
			online.Users = append(online.Users, l.Partner.ID)
			said[l.Partner.ID] = true
		}
	}
	c.emit("presence", online)
	for _, l := range chats {
		if l.Kind == bus.Personal {
			d.catchUp(watcher{c, l.Room}, l.Partner.ID, said[l.Partner.ID])
		}
	}
}

// catchUp goes on telling what is until that is what was said.
func (d *Door) catchUp(w watcher, user auth.UserID, said bool) {
	for now := d.online.Online(user); now != said; now = d.online.Online(user) {
		w.tell(user, now)
		said = now
	}
}

func (w watcher) tell(user auth.UserID, online bool) {
	w.conn.emit("presence-changed", presenceNews{User: user, ChatID: w.room, Online: online})
}

// meet has one of the two in a new personal chat hear of the other from now on.
func (d *Door) meet(c *conn, e bus.RoomCreated) {
	for _, m := range e.Members {
		if m.User == c.user.ID {
			continue
		}
		w := watcher{c, e.Room}
		d.watchers.add(c, m.User, e.Room)
		now := d.online.Online(m.User)
		w.tell(m.User, now)
		d.catchUp(w, m.User, now)
	}
}

// meetAll is meet for all who hear from the room's part directly.
func (d *Door) meetAll(e bus.Placed, part int) {
	made, ok := e.(bus.RoomCreated)
	if !ok || made.Kind != bus.Personal {
		return
	}
	for _, m := range made.Members {
		for _, c := range d.conns.of(m.User) {
			if c.live[part] {
				d.meet(c, made)
			}
		}
	}
}

// meetHeld is meet for a chat that began while the connection arrived.
func (d *Door) meetHeld(c *conn, events []bus.Placed) {
	for _, e := range events {
		if made, ok := e.(bus.RoomCreated); ok && made.Kind == bus.Personal {
			d.meet(c, made)
		}
	}
}

// tellPresence tells those who share a personal chat with a user. It does so one by one,
// as each knows the user by another chat.
func (d *Door) tellPresence(e bus.PresenceChanged) {
	for _, w := range d.watchers.of(e.User) {
		w.tell(e.User, e.Online)
	}
}
