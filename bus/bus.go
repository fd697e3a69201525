// Package bus carries domain events from where they were committed to the doors that
// show them. It promises order: the events of one room reach every door in the order
// in which they were published, one at a time. It knows nothing of databases, sockets
// or any door's words.
package bus

import (
	"context"
	"hash/maphash"
	"log/slog"
	"runtime/debug"
	"sync"
)

// Door is told what has happened. Deliver is called by one goroutine at a time for
// any one Part; it must not wait for clients, nor publish.
type Door interface {
	Deliver(e Event)
}

// Queue bounds what may wait in one part before Publish waits.
const Queue = 1024

// Local is the bus of one machine: a few ordered hand-offs, each a goroutine with a
// bounded queue, so that a lane that commits never waits for a door that writes.
type Local struct {
	parts []chan item
	seed  maphash.Seed
	log   *slog.Logger
	doors []Door
	burst func(f func())
	wg    sync.WaitGroup

	mu     sync.RWMutex // held for reading while something is put into a queue
	closed bool
}

// item is what waits in a hand-off: an event, something to do, or both in this order.
type item struct {
	event Event
	do    func()
}

// NewLocal makes a bus with that many hand-offs that serves doors. Stop ends it.
func NewLocal(parts int, log *slog.Logger) *Local {
	b := &Local{parts: make([]chan item, max(parts, 1)), seed: maphash.MakeSeed(), log: log, burst: func(f func()) { f() }}
	for i := range b.parts {
		b.parts[i] = make(chan item, Queue)
		b.wg.Add(1)
		go b.handOff(b.parts[i])
	}
	return b
}

// Attach adds a door. Call it before anything is published.
func (b *Local) Attach(d Door) { b.doors = append(b.doors, d) }

// Bursts has around run whatever hand-offs do, as much of it at once as is there already:
// who writes to clients may want to know. Call it before anything is published.
func (b *Local) Bursts(around func(f func())) { b.burst = around }

// Part tells which hand-off serves a key, from 0 to Parts-1.
func (b *Local) Part(key string) int {
	return int(maphash.String(b.seed, key) % uint64(len(b.parts)))
}

// Parts is the number of hand-offs.
func (b *Local) Parts() int { return len(b.parts) }

// Publish hands e to every door, after all that was published with the same key
// before. It returns once e has its place, which is before the doors have seen it, and
// waits while the hand-off is full. then, unless it is nil, runs when they have; it must not
// wait and must not publish. After Stop all of it is done at once, by the caller.
func (b *Local) Publish(e Event, then func()) {
	b.put(b.Part(e.Key()), item{e, then})
}

// Do runs f in the hand-off of that part: after every event that was published to it
// before, and before any that comes later. f must not wait and must not publish.
// After Stop f is run at once, by the caller, because there is no order left to keep.
func (b *Local) Do(part int, f func()) {
	b.put(part, item{do: f})
}

// Await is Do that returns when f has run, between two events of that part. Who is in a
// hand-off must not call it, or may wait for themself.
func (b *Local) Await(part int, f func()) {
	done := make(chan struct{})
	b.Do(part, func() {
		defer close(done)
		f()
	})
	<-done
}

func (b *Local) put(part int, i item) {
	b.mu.RLock()
	if b.closed {
		b.mu.RUnlock()
		b.handle(i)
		return
	}
	b.parts[part] <- i
	b.mu.RUnlock()
}

// Stop delivers what is queued and ends the hand-offs, or returns ctx's error if that
// takes longer.
func (b *Local) Stop(ctx context.Context) error {
	b.mu.Lock()
	if !b.closed {
		b.closed = true
		for _, p := range b.parts {
			close(p)
		}
	}
	b.mu.Unlock()
	done := make(chan struct{})
	go func() {
		b.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// maxBurst bounds a burst, so that a hand-off that never runs dry is not one for ever.
const maxBurst = 256

func (b *Local) handOff(queue <-chan item) {
	defer b.wg.Done()
	for i := range queue {
		b.burst(func() { b.several(i, queue) })
	}
}

// several handles i and what is queued behind it.
func (b *Local) several(i item, queue <-chan item) {
	for range maxBurst {
		b.handle(i)
		open := true
		select {
		case i, open = <-queue:
		default:
			return
		}
		if !open {
			return
		}
	}
	b.handle(i)
}

func (b *Local) handle(i item) {
	if i.event != nil {
		for _, d := range b.doors {
			b.run(func() { d.Deliver(i.event) })
		}
	}
	if i.do != nil {
		b.run(i.do)
	}
}

// run keeps a bug in one from ending the hand-off of all the others.
func (b *Local) run(f func()) {
	defer func() {
		if p := recover(); p != nil {
			b.log.Error("hand-off panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	f()
}
