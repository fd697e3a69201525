// Package lane gives every room one order. Rooms hash onto a few lanes; a lane carries
// out one write after another and publishes what came of it before the next one
// starts, so the events of a room leave in the order of its seq. It knows no SQL.
package lane

import (
	"context"
	"errors"
	"hash/maphash"
	"sync"
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// Bounds of a lane.
const (
	queue = 256 // writes that may wait in one lane
	// patience is how long one write may take with all its attempts; whoever asked may
	// give up earlier, and the write goes on.
	patience = 10 * time.Second
	// pause between the attempts of a write while the store is away.
	pause = 100 * time.Millisecond
)

// Publisher takes events in order.
type Publisher interface {
	Publish(e bus.Event)
}

// Store writes the entries of people. Each is one transaction that checks membership
// together with its effect, and recognises its own stamp.
type Store interface {
	Append(ctx context.Context, by auth.Actor, d chat.Draft, s bus.Stamp) (chat.Receipt, bus.Event, error)
	MoveCursor(ctx context.Context, by auth.Actor, r chat.Reading, s bus.Stamp) (chat.Cursor, bus.Event, error)
	OpenPersonal(ctx context.Context, by auth.Actor, other auth.UserID, room bus.RoomID, s bus.Stamp) (chat.Opened, bus.Event, error)
}

// Log is a chat.Log, and the order in which groups change.
type Log struct {
	store Store
	out   Publisher
	lanes []chan job
	seed  maphash.Seed
	wg    sync.WaitGroup

	giveUp context.CancelFunc // ends every write, when Stop can't wait for it

	mu     sync.RWMutex // held for reading while a job is put into a lane
	closed bool
}

type job struct {
	asked context.Context // the caller's: a write that nobody waits for is not begun
	write bus.Write
	done  chan error
}

// New starts that many lanes. Stop ends them.
func New(lanes int, store Store, out Publisher) *Log {
	l := &Log{store: store, out: out, lanes: make([]chan job, max(lanes, 1)), seed: maphash.MakeSeed()}
	ctx, giveUp := context.WithCancel(context.Background())
	l.giveUp = giveUp
	for i := range l.lanes {
		l.lanes[i] = make(chan job, queue)
		l.wg.Add(1)
		go l.run(ctx, l.lanes[i])
	}
	return l
}

// Do carries write out in the lane of room and returns its error once its event has its
// place on the bus. The error is chat.ErrBusy if no place was found before ctx ended.
// If ctx ends later, write goes on and its outcome stays unknown: ctx's error.
func (l *Log) Do(ctx context.Context, room bus.RoomID, write bus.Write) error {
	return l.through(ctx, l.laneOf(room), write)
}

func (l *Log) laneOf(room bus.RoomID) chan<- job {
	return l.lanes[maphash.String(l.seed, string(room))%uint64(len(l.lanes))]
}

// through puts a write into a lane and waits for it.
func (l *Log) through(ctx context.Context, lane chan<- job, write bus.Write) error {
	j := job{asked: ctx, write: write, done: make(chan error, 1)}
	if err := l.enter(ctx, lane, j); err != nil {
		return err
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *Log) enter(ctx context.Context, lane chan<- job, j job) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return chat.ErrBusy
	}
	select {
	case lane <- j:
		return nil
	case <-ctx.Done():
		return chat.ErrBusy
	}
}

// Stop carries out what is queued and takes nothing more. If ctx ends first, the writes
// that are left fail, and it returns ctx's error.
func (l *Log) Stop(ctx context.Context) error {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		for _, lane := range l.lanes {
			close(lane)
		}
	}
	l.mu.Unlock()
	stop := context.AfterFunc(ctx, l.giveUp)
	l.wg.Wait()
	l.giveUp()
	if !stop() {
		return ctx.Err()
	}
	return nil
}

func (l *Log) run(ctx context.Context, lane <-chan job) {
	defer l.wg.Done()
	for j := range lane {
		if j.asked.Err() != nil {
			j.done <- chat.ErrBusy
			continue
		}
		event, err := l.attempt(ctx, j.write)
		if err == nil && event != nil {
			l.out.Publish(event)
		}
		j.done <- err
	}
}

// attempt repeats a write whose outcome is unknown, always with the same stamp, until
// it is known or patience ends. It holds up the lane meanwhile: a later entry must not
// overtake one that may be stored already.
func (l *Log) attempt(ctx context.Context, write bus.Write) (bus.Event, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s := bus.Stamp{ID: bus.NewMessageID(), At: time.Now().UTC().Truncate(time.Millisecond)}
	for {
		event, err := write(ctx, s)
		if !errors.Is(err, chat.ErrUnavailable) {
			return event, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, err
		}
	}
}
