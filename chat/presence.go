package chat

import (
	"sync"
	"time"

	"expresschat/auth"
	"expresschat/bus"
)

// Grace is how long somebody without a connection is online still: a page that loads again
// is no change.
const Grace = 1500 * time.Millisecond

// Presence knows who is online: who has a connection through any door. It tells of the
// first and of the last one, in order for each user.
type Presence struct {
	out Teller

	// telling is held from a change until it is told, so that nobody overtakes anybody.
	// Those who are told may ask Online meanwhile, which only needs mu.
	telling sync.Mutex

	mu    sync.Mutex
	users map[auth.UserID]*presence
}

// presence is somebody who is online, guarded by mu.
type presence struct {
	name  string
	conns int
	turn  int // counts the times that conns fell to zero
}

// NewPresence makes a Presence that knows nobody.
func NewPresence(out Teller) *Presence {
	return &Presence{out: out, users: map[auth.UserID]*presence{}}
}

// Enter notes a connection of a user. leave notes its end; only its first call counts.
func (p *Presence) Enter(user auth.UserID, name string) (leave func()) {
	p.telling.Lock()
	defer p.telling.Unlock()
	is, isNew := p.enter(user, name)
	if isNew {
		p.out.Publish(bus.PresenceChanged{User: user, Name: name, Online: true}, nil)
	}
	return sync.OnceFunc(func() { p.leave(user, is) })
}

func (p *Presence) enter(user auth.UserID, name string) (is *presence, isNew bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if is = p.users[user]; is == nil {
		is, isNew = &presence{name: name}, true
		p.users[user] = is
	}
	is.conns++
	return is, isNew
}

func (p *Presence) leave(user auth.UserID, is *presence) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if is.conns--; is.conns == 0 {
		is.turn++
		turn := is.turn
		time.AfterFunc(Grace, func() { p.gone(user, is, turn) })
	}
}

// gone is the end of a grace, unless there was a connection meanwhile.
func (p *Presence) gone(user auth.UserID, is *presence, turn int) {
	p.telling.Lock()
	defer p.telling.Unlock()
	p.mu.Lock()
	over, name := is.conns == 0 && is.turn == turn, is.name
	if over {
		delete(p.users, user)
	}
	p.mu.Unlock()
	if over {
		p.out.Publish(bus.PresenceChanged{User: user, Name: name, Online: false}, nil)
	}
}

// Rename has a user called name from now on.
func (p *Presence) Rename(user auth.UserID, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if is := p.users[user]; is != nil {
		is.name = name
	}
}

// Online reports whether a user is.
func (p *Presence) Online(user auth.UserID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.users[user] != nil
}

// Connected reports whether a user has a connection at this moment: who left a moment ago has
// none, and is Online still.
func (p *Presence) Connected(user auth.UserID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	is := p.users[user]
	return is != nil && is.conns > 0
}
