package vchat

import (
	"sync"
	"sync/atomic"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/server/limits"
	"expresschat/socketio"
)

// visitor is somebody who has shown who they are, with a socket.
type visitor struct {
	user    auth.User
	session auth.SessionID
	socket  socketio.Socket
	// undecided is set where nobody could say who this is, because the database did not
	// answer: the client is sent back for another try.
	undecided bool
	counted   *limits.Socket // as one of the user's; nil before it is greeted
	engine    string         // the id of the Engine.IO session
	legacy    bool           // of Engine.IO 3
	// here is set once its events may be handled, and away once they may not any more: those
	// that had arrived when it was found that it may not stay.
	here, away atomic.Bool
}

func (v *visitor) isHere() bool { return v.here.Load() && !v.away.Load() }

// admits tells whether an event may be handled that weighs so much: nil, or why not.
func (v *visitor) admits(weight int) error {
	if !v.isHere() {
		return auth.ErrUnauthenticated
	}
	return v.counted.Spend(weight)
}

// sendAway ends a socket whose session is over.
func (v *visitor) sendAway() {
	v.away.Store(true)
	v.socket.Disconnect()
}

// actor names no connection: no event here is for the one that asked.
func (v *visitor) actor() auth.Actor { return auth.Actor{User: v.user.ID} }

// conn is a connection to the main namespace.
//
// What a join shows and what comes live must not contradict. An update may have been read
// before a list that is being read, and be on its way after it. So while a list is read for
// a connection its updates are not sent but noted, and once the list is sent the noted
// rooms are read anew: what is sent last was read last. That begins between the events of
// all rooms, so no update is half out; two lists at a time are followed by a third. An update
// whose reading began before a list was sent, and that would be sent after it, is read anew too.
type conn struct {
	*visitor
	awake  sync.Once // begins what the connection hears and counts for
	seated seated

	mu    sync.Mutex
	still func() bool // ends the wait until it is known whether it was opened unasked
	leave func()      // ends its part in the user's presence
	over  bool
	lists lists
}

// lists is what a conn knows of the lists that are read for it.
type lists struct {
	begun   int // ever
	reading int
	crossed bool // two were read at a time
	missed  map[bus.RoomID]struct{}
}

// beginList notes that a list is going to be read.
func (c *conn) beginList() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lists.begun++
	c.lists.reading++
	c.lists.crossed = c.lists.crossed || c.lists.reading > 1
}

// endList tells what has to be read anew, now that a list was sent.
func (c *conn) endList() (missed []bus.RoomID, crossed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lists.reading--
	if c.lists.reading > 0 {
		return nil, false
	}
	for room := range c.lists.missed {
		missed = append(missed, room)
	}
	crossed = c.lists.crossed
	c.lists = lists{begun: c.lists.begun}
	return missed, crossed
}

// listsShown is how many lists have been sent so far, of those that were begun.
func (c *conn) listsShown() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lists.begun - c.lists.reading
}

// listsBegun is how many lists have been begun so far.
func (c *conn) listsBegun() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lists.begun
}

// mayHear tells whether an update of a room may be sent now, and notes the room if not.
func (c *conn) mayHear(room bus.RoomID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lists.reading == 0 {
		return true
	}
	if c.lists.missed == nil {
		c.lists.missed = map[bus.RoomID]struct{}{}
	}
	c.lists.missed[room] = struct{}{}
	return false
}

// reader is a connection to /message.
type reader struct {
	*visitor
	at place // guarded by tables.mu
}

// ids are the rooms of the namespace that these connections alone are in.
func ids(conns []*conn) []string {
	list := make([]string, len(conns))
	for i, c := range conns {
		list[i] = c.socket.ID()
	}
	return list
}
