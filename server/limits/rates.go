package limits

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// MaxSockets is how many sockets a user may have open at a time, through all doors: more than
// anybody has tabs and devices. It holds whether rates are on or off.
const MaxSockets = 64

// What events weigh. A unit is what the cheapest of them cost the server, and everybody who
// hears of them.
const (
	// Light is a message, a reading, a typing: one entry of a lane, or less.
	Light = 1
	// Query is what asks the database for a page or a list.
	Query = 2
	// Member is what changes who is in a group: it stands alone in its lane, and clients add
	// people one by one.
	Member = 5
	// Making is to make a chat or a group, or to change one's name: it is told to many and
	// stays in their lists. Nobody does it twice a second.
	Making = 20
	// File is to take in a file: bytes for the bucket, and a picture to read.
	File = 20
)

// Rates of a socket and of a user, in units a second, and for how many seconds' worth of them
// a burst may stand.
//
// What clients do by habit is far below. A page that opens a chat asks for it and reads it, 3
// units; one that comes back after a lost connection does so for each chat that is open, and
// sends what it has kept, a message of a chat at a time; in a chat that is open each message
// of others is read, and nobody can follow 60 of them a second. Ten chats opened at once and
// five hundred messages kept are within a burst. A flood is not: past its burst one user, with
// all their sockets, costs what two busy people do.
const (
	socketRate = 60
	userRate   = 120
	burstSpan  = 10 * time.Second
)

// ErrRate is the error of a RateError.
var ErrRate = errors.New("too much at a time")

// RateError says when to try again.
type RateError struct{ Wait time.Duration }

func (e *RateError) Error() string { return fmt.Sprintf("%v, wait %v", ErrRate, e.Wait) }

// Unwrap makes it an ErrRate.
func (e *RateError) Unwrap() error { return ErrRate }

// RetryAfter is the wait in whole seconds.
func (e *RateError) RetryAfter() int { return int((e.Wait + time.Second - 1) / time.Second) }

// Users knows everybody who has a socket open, or had one a moment ago: how many they have,
// and how much they ask for.
type Users struct {
	paced bool
	clock func() time.Duration

	mu    sync.Mutex
	users map[string]*user
}

// user is one of them. What it is asked for stays known, when the last socket has ended, until
// it doesn't matter any more: coming back is no way to a new burst.
type user struct {
	meter   meter
	sockets int  // guarded by Users.mu
	leaving bool // the same: it is to be forgotten in time
}

// NewUsers makes Users that are paced, or only counted.
func NewUsers(paced bool) *Users {
	began := time.Now()
	return NewUsersBy(paced, func() time.Duration { return time.Since(began) })
}

// NewUsersBy makes Users for whom time passes by a clock that never goes back.
func NewUsersBy(paced bool, clock func() time.Duration) *Users {
	return &Users{paced: paced, clock: clock, users: map[string]*user{}}
}

// Enter counts a socket of a user. It is false if they have MaxSockets already: then the socket
// is not counted, and must not stay. Leave it has to be called in the end.
func (u *Users) Enter(id string) (*Socket, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	who := u.who(id)
	if who.sockets == MaxSockets {
		return nil, false
	}
	who.sockets++
	return &Socket{users: u, id: id, user: who}, true
}

// Full reports whether a user has as many sockets as they may, at this moment.
func (u *Users) Full(id string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	who := u.users[id]
	return who != nil && who.sockets == MaxSockets
}

// Spend is for what a user asks without a socket. The error is a *RateError.
func (u *Users) Spend(id string, weight int) error {
	if !u.paced {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	who := u.who(id)
	wait := who.meter.take(u.now(), weight, userRate)
	u.tidy(id, who)
	return rateError(wait)
}

// who is with mu held.
func (u *Users) who(id string) *user {
	who := u.users[id]
	if who == nil {
		who = &user{}
		u.users[id] = who
	}
	return who
}

// tidy forgets a user who has no sockets, as soon as their meter says nothing. mu is held.
func (u *Users) tidy(id string, who *user) {
	if who.sockets > 0 || who.leaving {
		return
	}
	ahead := time.Duration(who.meter.at.Load() - u.now())
	if ahead <= 0 {
		delete(u.users, id)
		return
	}
	who.leaving = true
	time.AfterFunc(ahead, func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		who.leaving = false
		u.tidy(id, who)
	})
}

func (u *Users) now() int64 { return int64(u.clock()) }

// Socket is one of a user's. Its methods may be called on nil, which everything is free for,
// and by several goroutines. They take no lock and allocate only what they refuse.
type Socket struct {
	users *Users
	id    string
	user  *user
	left  atomic.Bool

	meter meter
	// shut is until when nothing more is taken, after something was refused.
	shut  atomic.Int64
	words meter // of refusals that nobody asked for
}

// Leave uncounts the socket. Only its first call counts.
func (s *Socket) Leave() {
	if s == nil || !s.left.CompareAndSwap(false, true) {
		return
	}
	s.users.mu.Lock()
	defer s.users.mu.Unlock()
	s.user.sockets--
	s.users.tidy(s.id, s.user)
}

// Spend takes what an event weighs from the socket's rate and from its user's. The error is a
// *RateError: then nothing is taken, and everything else of this socket is refused too until
// the wait is over that the client was told. So what it sends behind a refused message does
// not overtake it, if it waits that long before it sends that one again.
func (s *Socket) Spend(weight int) error {
	if s == nil || !s.users.paced {
		return nil
	}
	now := s.users.now()
	if until := s.shut.Load(); now < until {
		return rateError(time.Duration(until - now))
	}
	wait := s.take(now, weight)
	if wait == 0 {
		return nil
	}
	err := &RateError{wait}
	s.shut.Store(now + int64(err.RetryAfter())*int64(time.Second))
	return err
}

// Wait is Spend for what can wait: it tells how long, and refuses nothing else meanwhile.
func (s *Socket) Wait(weight int) time.Duration {
	if s == nil || !s.users.paced {
		return 0
	}
	return s.take(s.users.now(), weight)
}

func (s *Socket) take(now int64, weight int) time.Duration {
	if wait := s.meter.take(now, weight, socketRate); wait > 0 {
		return wait
	}
	wait := s.user.meter.take(now, weight, userRate)
	if wait > 0 {
		s.meter.giveBack(weight, socketRate)
	}
	return wait
}

// MayTell reports whether a refusal may be told to a client that did not ask for an answer: a
// few a second are. A flood is not to make the server talk.
func (s *Socket) MayTell() bool {
	if s == nil {
		return true
	}
	const perSecond = 4
	return s.words.takeOf(s.users.now(), int64(time.Second/perSecond), int64(time.Second)) == 0
}

func rateError(wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	return &RateError{wait}
}

// meter is a bucket that leaks, as one number (GCRA, ITU-T I.371): when it is going to be
// empty, in nanoseconds. It may be ahead of now by a burst.
type meter struct{ at atomic.Int64 }

// take adds weight units, of which rate run off in a second, or tells how long to wait.
func (m *meter) take(now int64, weight, rate int) time.Duration {
	return m.takeOf(now, int64(weight)*int64(time.Second)/int64(rate), int64(burstSpan))
}

func (m *meter) takeOf(now, cost, burst int64) time.Duration {
	for {
		was := m.at.Load()
		next := max(was, now) + cost
		if ahead := next - now; ahead > burst {
			return time.Duration(ahead - burst)
		}
		if m.at.CompareAndSwap(was, next) {
			return 0
		}
	}
}

// giveBack takes a take back. Whoever looks meanwhile finds a little less than there is.
func (m *meter) giveBack(weight, rate int) {
	m.at.Add(-int64(weight) * int64(time.Second) / int64(rate))
}
