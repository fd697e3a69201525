package vchat

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"expresschat/auth"
	"expresschat/server"
)

// workers is how many chores go on at once: each asks the database one question at a time.
const workers = 4

// chore is a kind of what the door does beside its clients, for a room or a user.
type chore int

const (
	updating chore = iota // tell who sits in a room how it looks now
	listing               // tell a user how their list of rooms looks now
	reading               // note that who is at a room's table has read it
	watching              // tell who shares a room with a user that they came or went
)

// errand is a chore with what it is about.
type errand struct {
	chore chore
	about string
}

// audience is who a chore is for: everybody, or some.
type audience struct {
	all   bool
	users map[auth.UserID]struct{}
}

func (a *audience) add(users []auth.UserID) {
	if len(users) == 0 {
		a.all = true
	}
	for _, u := range users {
		if a.users == nil {
			a.users = map[auth.UserID]struct{}{}
		}
		a.users[u] = struct{}{}
	}
}

// has tells whether the chore is for a user.
func (a audience) has(u auth.UserID) bool {
	_, named := a.users[u]
	return a.all || named
}

// chores is what is to be done, in the order in which it came up. What comes up again before
// it is begun is done once, and what comes up while it is done is done again: so however
// much happens in a room, it waits once, and two are never at the same errand.
type chores struct {
	do     map[chore]func(ctx context.Context, about string, who audience)
	log    *slog.Logger
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu    sync.Mutex
	more  *sync.Cond // of mu
	queue []errand
	state map[errand]*pending
	over  bool
}

// pending is an errand that waits or is being done.
type pending struct {
	who    audience
	wanted bool // since it was begun
	begun  bool
}

func startChores(do map[chore]func(ctx context.Context, about string, who audience), log *slog.Logger) *chores {
	ctx, cancel := context.WithCancel(context.Background())
	c := &chores{do: do, log: log, cancel: cancel, state: map[errand]*pending{}}
	c.more = sync.NewCond(&c.mu)
	for range workers {
		c.wg.Go(func() { c.work(ctx) })
	}
	return c
}

// add has a chore done soon: for these users, or for everybody if there are none. It does
// not wait.
func (c *chores) add(what chore, about string, users ...auth.UserID) {
	e := errand{what, about}
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.state[e]
	if p == nil {
		p = &pending{}
		c.state[e] = p
	}
	p.who.add(users)
	if !p.wanted {
		p.wanted = true
		if !p.begun {
			c.push(e)
		}
	}
}

// push is called with mu held.
func (c *chores) push(e errand) {
	c.queue = append(c.queue, e)
	c.more.Signal()
}

// next waits for something to do. ok is false at the end.
func (c *chores) next() (e errand, who audience, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) == 0 && !c.over {
		c.more.Wait()
	}
	if c.over {
		return errand{}, audience{}, false
	}
	e = c.queue[0]
	c.queue = c.queue[1:]
	p := c.state[e]
	who, p.who = p.who, audience{}
	p.wanted, p.begun = false, true
	return e, who, true
}

func (c *chores) done(e errand) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.state[e]
	p.begun = false
	if p.wanted {
		c.push(e)
		return
	}
	delete(c.state, e)
}

func (c *chores) work(ctx context.Context) {
	for e, who, ok := c.next(); ok; e, who, ok = c.next() {
		c.run(ctx, e, who)
		c.done(e)
	}
}

// run keeps a bug in one chore from ending all others.
func (c *chores) run(ctx context.Context, e errand, who audience) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("chore panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, server.Patience)
	defer cancel()
	c.do[e.chore](ctx, e.about, who)
}

// stop ends the workers and waits for them. What waits is not done any more.
func (c *chores) stop() {
	c.mu.Lock()
	c.over = true
	c.more.Broadcast()
	c.mu.Unlock()
	c.cancel()
	c.wg.Wait()
}
