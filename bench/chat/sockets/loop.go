// Package sockets drives many websockets to a server of Engine.IO 4 from one goroutine,
// so that the load costs little beside what it measures. It knows frames and pings; what
// the packets say is its user's part.
package sockets

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// nap is how long the loop sleeps at most before it looks whether it has to end.
	nap = 100 * time.Millisecond
	// readSize is what one read takes from a socket at least. Larger frames make it grow.
	readSize = 64 << 10
)

// ErrLate means that what was waited for did not happen in time.
var ErrLate = errors.New("sockets: it took too long")

// Loop is a number of sockets. It is for one goroutine, in which everything happens: Run
// calls the sockets' handlers.
type Loop struct {
	poll    *poller
	sockets map[int]*Socket // by file descriptor
	buf     []byte          // what one read brings, behind what the socket had left
	dirty   []*Socket       // have something to write

	now   time.Time
	due   time.Time // when alarm is called, zero for never
	alarm func(now time.Time) (next time.Time, err error)
}

// New makes a Loop.
func New() (*Loop, error) {
	poll, err := newPoller()
	if err != nil {
		return nil, err
	}
	return &Loop{poll: poll, sockets: map[int]*Socket{}, buf: make([]byte, readSize), now: time.Now()}, nil
}

// Close ends all connections.
func (l *Loop) Close() {
	for _, s := range l.sockets {
		s.Close()
	}
	l.poll.close()
}

// Now is when the loop last woke up: what a handler is told has arrived by then.
func (l *Loop) Now() time.Time { return l.now }

// At has act called at a moment, and again whenever it says, until it says zero.
func (l *Loop) At(first time.Time, act func(now time.Time) (next time.Time, err error)) {
	l.due, l.alarm = first, act
}

// Run serves the sockets until done, which is asked after every round, or until the first
// error. The error is ErrLate if that takes longer than limit.
func (l *Loop) Run(ctx context.Context, limit time.Duration, done func() bool) error {
	deadline := time.Now().Add(limit)
	for {
		// What handlers and callers have written goes out before anybody sleeps.
		if err := l.flush(); err != nil {
			return err
		}
		if done() {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if l.now.After(deadline) {
			return fmt.Errorf("%w: %s", ErrLate, limit)
		}
		if err := l.round(min(nap, time.Until(deadline)+time.Millisecond)); err != nil {
			return err
		}
	}
}

// For serves the sockets for so long.
func (l *Loop) For(ctx context.Context, d time.Duration) error {
	end := time.Now().Add(d)
	return l.Run(ctx, d+time.Minute, func() bool { return !time.Now().Before(end) })
}

func (l *Loop) round(limit time.Duration) error {
	if !l.due.IsZero() {
		if err := l.poll.alarm(max(time.Until(l.due), 1)); err != nil {
			return err
		}
	}
	err := l.poll.wait(max(limit, 0), func(fd int, read, write bool) error {
		l.now = time.Now()
		return l.serve(fd, read, write)
	})
	l.now = time.Now()
	if err != nil || l.due.IsZero() || l.now.Before(l.due) {
		return err
	}
	l.due, err = l.alarm(l.now)
	if l.due.IsZero() {
		return errors.Join(err, l.poll.alarm(0))
	}
	return err
}

func (l *Loop) serve(fd int, read, write bool) error {
	s, ok := l.sockets[fd]
	if !ok {
		return nil // closed by a handler of this round
	}
	if write {
		if err := s.flush(); err != nil {
			return err
		}
	}
	if read {
		return s.read()
	}
	return nil
}

func (l *Loop) flush() error {
	dirty := l.dirty
	l.dirty = l.dirty[:0]
	for _, s := range dirty {
		s.dirty = false
		if err := s.flush(); err != nil {
			return err
		}
	}
	return nil
}
