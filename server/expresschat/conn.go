package expresschat

import (
	"sync"
	"sync/atomic"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/server/limits"
	"expresschat/socketio"
)

// conn is one open connection of somebody who has shown who they are.
type conn struct {
	id      auth.ConnID
	user    auth.User // as they were when the connection began; called has the name of now
	session auth.SessionID
	socket  socketio.Socket
	// renewed is a new access token that the client has to be told first, or empty.
	renewed string
	// html is whether the client may insert text as HTML.
	html bool
	// undecided is set where nobody could say who this is, because the database did not
	// answer: the client is sent back for another try.
	undecided bool
	// counted is the connection as one of its user's; nil before it has begun.
	counted *limits.Socket
	// leave ends the connection's part in the user's presence; nil before it has begun.
	leave func()
	// greeted is set when the connection has all that it needs to begin, and away when it
	// was sent away: its events are handled after the one and before the other.
	greeted, away atomic.Bool
	// live tells by part of the bus whether the connection hears from it directly. Each
	// place belongs to the part's hand-off.
	live []bool
	// name is what the user is called. It begins as begunAs.
	name     atomic.Pointer[string]
	begunAs  *string
	watching watching
	searches searches
}

func (c *conn) actor() auth.Actor { return auth.Actor{User: c.user.ID, Conn: c.id} }

// isHere tells whether the connection may have its events handled.
func (c *conn) isHere() bool { return c.greeted.Load() && !c.away.Load() }

// admits tells whether an event may be handled that weighs so much: nil, or why not.
func (c *conn) admits(weight int) error {
	if !c.isHere() {
		return auth.ErrUnauthenticated
	}
	return c.counted.Spend(weight)
}

// self is the room of the user's self chat.
func (c *conn) self() bus.RoomID { return bus.RoomID(c.user.ID) }

// sendAway tells a client why it can't stay, and that it need not come back.
func (c *conn) sendAway() {
	c.away.Store(true)
	c.emit(authFailed.Event, authFailed.Arg)
	c.socket.Disconnect()
}

// conns are the open connections by user.
type conns struct {
	mu     sync.RWMutex
	byUser map[auth.UserID]map[*conn]struct{}
}

func newConns() *conns {
	return &conns{byUser: map[auth.UserID]map[*conn]struct{}{}}
}

func (cs *conns) add(c *conn) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.byUser[c.user.ID] == nil {
		cs.byUser[c.user.ID] = map[*conn]struct{}{}
	}
	cs.byUser[c.user.ID][c] = struct{}{}
}

func (cs *conns) remove(c *conn) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	delete(cs.byUser[c.user.ID], c)
	if len(cs.byUser[c.user.ID]) == 0 {
		delete(cs.byUser, c.user.ID)
	}
}

// of returns the connections of a user at this moment.
func (cs *conns) of(u auth.UserID) []*conn {
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	if len(cs.byUser[u]) == 0 {
		return nil
	}
	list := make([]*conn, 0, len(cs.byUser[u]))
	for c := range cs.byUser[u] {
		list = append(list, c)
	}
	return list
}
