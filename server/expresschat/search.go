package expresschat

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"expresschat/auth"
	"expresschat/server"
	"expresschat/server/limits"
	"expresschat/socketio"
)

// How many people a search shows: in the list of chats, and when members are added.
const (
	searchShown = 8
	addShown    = 3
)

// errSuperseded is the outcome of a search that a newer one has replaced, and superseded what
// an ack says of it.
var (
	errSuperseded = errors.New("a newer search has come")
	superseded    = reason{Code: "superseded", Message: "A newer search has replaced this one"}
)

// search is one that was asked for. Clients ask at each keystroke.
type search struct {
	in    searchInput
	reply socketio.Reply
}

// searches are those of one connection: one runs, or waits for its rate, and at most one more
// waits for that, the newest. So nobody types faster than the database answers, and what was
// typed last is always answered.
type searches struct {
	mu      sync.Mutex
	running bool
	next    *search
}

// put takes a search in. first is whether the caller has to run it.
func (ss *searches) put(s *search) (first bool, replaced *search) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if !ss.running {
		ss.running = true
		return true, nil
	}
	replaced, ss.next = ss.next, s
	return false, replaced
}

// newer takes the one out that waits, nil if none does.
func (ss *searches) newer() *search {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	s := ss.next
	ss.next = nil
	return s
}

// done takes the next one out. Without one nothing runs any more.
func (ss *searches) done() *search {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	s := ss.next
	ss.next, ss.running = nil, s != nil
	return s
}

func (d *Door) searchUser(ctx context.Context, c *conn, in searchInput, r socketio.Reply) {
	if in.Type != "Search" && in.Type != "Add" { // which is no search, and answered at once
		r.Done(nil, c.counted.Spend(limits.Light))
		return
	}
	s := &search{in, r}
	first, replaced := c.searches.put(s)
	if replaced != nil {
		replaced.reply.Done(nil, errSuperseded)
	}
	if first {
		go d.searchOn(ctx, c, s) // the engine waits for what has no outcome yet
	}
}

// searchOn runs searches of a connection until none is left.
func (d *Door) searchOn(ctx context.Context, c *conn, s *search) {
	for ; s != nil; s = c.searches.done() {
		s = c.awaitRate(ctx, s)
		s.reply.Done(nil, d.search(ctx, c, s.in))
	}
}

// awaitRate waits until a search is within its rate. A newer one that comes meanwhile takes
// its place.
func (c *conn) awaitRate(ctx context.Context, s *search) *search {
	for wait := c.counted.Wait(limits.Query); wait > 0 && c.isHere(); wait = c.counted.Wait(limits.Query) {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return s
		}
		if newer := c.searches.newer(); newer != nil {
			s.reply.Done(nil, errSuperseded)
			s = newer
		}
	}
	return s
}

// search runs beside the engine's own goroutines, so what panics here ends here.
func (d *Door) search(ctx context.Context, c *conn, in searchInput) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", socketio.ErrPanic, p)
		}
	}()
	if !c.isHere() {
		return auth.ErrUnauthenticated
	}
	event, limit := "searched-user", searchShown
	if in.Type == "Add" {
		event, limit = "added-user-match", addShown
	}
	ctx, cancel := context.WithTimeout(ctx, server.Patience)
	defer cancel()
	people, err := d.chat.Search(ctx, c.user.ID, in.Name, limit)
	if err != nil {
		return err
	}
	list := userList{Users: make([]userItem, len(people))}
	for i, p := range people {
		list.Users[i] = userItem{Key: p.ID, Name: p.Name, Email: p.Email}
	}
	c.emit(event, list)
	return nil
}
