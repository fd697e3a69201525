package own_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"expresschat/socketio"
	"expresschat/socketio/own"
)

const (
	stormSlots = 8
	stormLives = 12
)

// stormRooms are what sockets join and leave.
var stormRooms = [...]string{"red", "green", "blue"}

// What a count of a life says, modulo 4. An emit that begins and ends with the same
// count saw that state all the time.
const (
	out = iota
	joining
	in
	leaving
)

// event is the number of an event, and whose it is.
type event struct{ by, n int }

// life is one socket from its beginning to its end.
type life struct {
	slot   int
	socket socketio.Socket
	over   chan string // why it ended, when Disconnected has run
	clean  bool        // it ended so that nothing is lost

	rooms [len(stormRooms)]atomic.Uint32
	got   []event // by the client; complete when its goroutine has ended

	mu          sync.Mutex
	must, never []event
}

func (l *life) counts() (c [len(stormRooms)]uint32) {
	for i := range l.rooms {
		c[i] = l.rooms[i].Load()
	}
	return c
}

// change moves the life between from and the other state of some rooms while do runs.
func (l *life) change(rooms []int, from uint32, do func(names []string)) {
	var moved []int
	var names []string
	for _, i := range rooms {
		names = append(names, stormRooms[i])
		if l.rooms[i].Load()%4 == from {
			l.rooms[i].Add(1)
			moved = append(moved, i)
		}
	}
	do(names)
	for _, i := range moved {
		l.rooms[i].Add(1)
	}
}

// storm is what all slots share.
type storm struct {
	t       *testing.T
	address string
	to      socketio.Broadcaster
	now     [stormSlots]atomic.Pointer[life]
	entered [stormSlots]chan *life // a slot's lives, by Connected

	upgrades atomic.Int32

	mu  sync.Mutex
	all []*life
}

// slot lives one life after the other.
type slot struct {
	*storm
	me, said int
	rnd      *rand.Rand
}

func (s *slot) some() []int {
	rooms := make([]int, 1+s.rnd.IntN(2))
	for i := range rooms {
		rooms[i] = s.rnd.IntN(len(stormRooms))
	}
	slices.Sort(rooms)
	return slices.Compact(rooms)
}

// await returns what comes out of c, in any goroutine.
func await[T any](c <-chan T) (v T, err error) {
	select {
	case v = <-c:
	case <-time.After(patience):
		err = errors.New("nothing happened")
	}
	return v, err
}

// live runs the slot's lives.
func (s *slot) live() error {
	for number := range stormLives {
		c, err := enter(s.address, fmt.Sprint("slot=", s.me), number%2 == 1)
		if err != nil {
			return err
		}
		l, err := await(s.entered[s.me])
		if err != nil {
			return err
		}
		s.mu.Lock()
		s.all = append(s.all, l)
		s.mu.Unlock()
		s.now[s.me].Store(l)
		l.slot = s.me
		r := &reader{
			life: l, upgrades: &s.upgrades, client: c, change: s.rnd.IntN(2), tried: make(chan struct{}),
		}
		read := make(chan error, 1)
		go func() { read <- r.run() }()
		s.emit(l)
		for range s.rnd.IntN(12) {
			s.act(l)
		}
		if c.polls && s.rnd.IntN(4) > 0 {
			if _, err := await(r.tried); err != nil {
				return err
			}
		}
		for range s.rnd.IntN(12) {
			s.act(l)
		}
		s.finish(l, r)
		broke, err := await(read)
		if err != nil {
			return err
		}
		reason, err := await(l.over)
		if err != nil {
			return err
		}
		// Where the machine is so busy that a pong is late, it did not end as it should.
		l.clean = l.clean && reason == socketio.ReasonServerLeft
		if broke != nil && l.clean {
			return fmt.Errorf("slot %d, life %d: %w", s.me, number, broke)
		}
	}
	return nil
}

// act does something at random.
func (s *slot) act(l *life) {
	switch s.rnd.IntN(5) {
	case 0, 1:
		l.change(s.some(), out, func(names []string) { l.socket.Join(names...) })
	case 2:
		l.change(s.some(), in, func(names []string) { l.socket.Leave(names...) })
	case 3:
		s.emit(l)
	}
	s.broadcast()
}

// emit emits to the life's own socket.
func (s *slot) emit(l *life) {
	s.said++
	_ = l.socket.Emit("hit", fmt.Sprintf("%d.%d", s.me, s.said))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.must = append(l.must, event{s.me, s.said})
}

// broadcast emits to rooms and notes who has to get it, and who must not.
func (s *slot) broadcast() {
	rooms := s.some()
	var to socketio.Audience
	for _, i := range rooms {
		to.Rooms = append(to.Rooms, stormRooms[i])
	}
	s.said++
	var (
		lives  [stormSlots]*life
		before [stormSlots][len(stormRooms)]uint32
	)
	for i := range lives {
		if lives[i] = s.now[i].Load(); lives[i] != nil {
			before[i] = lives[i].counts()
		}
	}
	_ = s.to.Emit(to, "hit", fmt.Sprintf("%d.%d", s.me, s.said))
	for i, l := range lives {
		if l == nil {
			continue
		}
		after := l.counts()
		was := func(state uint32) func(int) bool {
			return func(room int) bool { return before[i][room] == after[room] && after[room]%4 == state }
		}
		l.mu.Lock()
		if slices.ContainsFunc(rooms, was(in)) {
			l.must = append(l.must, event{s.me, s.said})
		} else if !slices.ContainsFunc(rooms, func(room int) bool { return !was(out)(room) }) {
			l.never = append(l.never, event{s.me, s.said})
		}
		l.mu.Unlock()
	}
}

// finish ends a life.
func (s *slot) finish(l *life, r *reader) {
	how := s.rnd.IntN(3)
	l.clean = how == 0
	all := []int{0, 1, 2}
	l.change(all, in, func([]string) {
		switch how {
		case 0:
			l.socket.Disconnect()
		case 1:
			l.socket.Drop("dropped")
		case 2:
			r.leave()
		}
	})
}

// check compares what a client got with what it had to get.
func (l *life) check(t *testing.T) {
	t.Helper()
	var last [stormSlots]int
	heard := map[event]bool{}
	for _, e := range l.got {
		if e.n <= last[e.by] {
			t.Errorf("%d got %+v after %d", l.slot, e, last[e.by])
		}
		last[e.by] = e.n
		heard[e] = true
	}
	for _, e := range l.must {
		// A connection that broke has lost the last ones.
		if !heard[e] && (l.clean || e.n < last[e.by]) {
			t.Errorf("%d did not get %+v (clean %t)", l.slot, e, l.clean)
		}
	}
	for _, e := range l.never {
		if heard[e] {
			t.Errorf("%d got %+v and was not there", l.slot, e)
		}
	}
}

// Many come, join, leave, talk, change over and go at once. Nobody gets an event twice
// or out of its sender's order, and who was in the room gets it.
func TestStorm(t *testing.T) {
	t.Parallel()
	s := &storm{t: t}
	for i := range s.entered {
		s.entered[i] = make(chan *life, 1)
	}
	var lives sync.Map // by socket id
	e := own.New(own.Options{PingInterval: time.Second, PingTimeout: time.Second})
	s.to = e.Open(socketio.Namespace{
		Name: "/",
		Authorise: func(_ context.Context, h socketio.Handshake) (any, error) {
			return strconv.Atoi(h.Query.Get("slot"))
		},
		Connected: func(_ context.Context, socket socketio.Socket) {
			l := &life{socket: socket, over: make(chan string, 1)}
			lives.Store(socket.ID(), l)
			s.entered[socket.Identity().(int)] <- l
		},
		Disconnected: func(socket socketio.Socket, reason string) {
			if l, ok := lives.Load(socket.ID()); ok {
				l.(*life).over <- reason
			}
		},
	})
	address, end := serve(t, e, false)
	s.address = address
	defer end()
	failed := make(chan error, stormSlots)
	for me := range stormSlots {
		go func() {
			owner := &slot{storm: s, me: me, rnd: rand.New(rand.NewPCG(7, uint64(me)))}
			failed <- owner.live()
		}()
	}
	for range stormSlots {
		if err := wait(t, failed); err != nil {
			t.Error(err)
		}
	}
	clean, must, never := 0, 0, 0
	for _, l := range s.all {
		l.check(t)
		if l.clean {
			clean++
		}
		must += len(l.must)
		never += len(l.never)
	}
	// Else it was no storm.
	if len(s.all) != stormSlots*stormLives || clean == 0 || must < 100 || never < 100 || s.upgrades.Load() == 0 {
		t.Errorf("%d lives, %d clean, with %d events to get and %d not to, %d upgrades",
			len(s.all), clean, must, never, s.upgrades.Load())
	}
}
