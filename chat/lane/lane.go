// Package lane gives every room one order. Rooms hash onto a few lanes; a lane carries
// out one write after another and publishes what came of it before the next one
// starts, so the events of a room leave in the order of its seq. It knows no SQL.
package lane

import (
	"context"
	"errors"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// Bounds of a lane.
const (
	queue = 256 // writes that may wait in one lane
	// patience is how long one write may take with all its attempts; whoever asked may
	// give up earlier, and the write goes on. It is shorter than that of doors, so that
	// people hear why.
	patience = 9 * time.Second
	// attempt bounds one of them, because a connection may have gone without a word while
	// another one works. It is longer than the store waits for a lock.
	attempt = 4 * time.Second
	// pause between the attempts of a write while the store is away.
	pause = 100 * time.Millisecond
)

// Publisher takes events in order.
type Publisher interface {
	Publish(e bus.Event)
}

// Store writes the entries of people. Each is one transaction that checks membership
// together with its effect, and recognises its own stamp where it says nothing else.
type Store interface {
	// Ping tells whether the store answers.
	Ping(ctx context.Context) error
	Append(ctx context.Context, by auth.Actor, d chat.Draft, s bus.Stamp) (chat.Receipt, bus.Event, error)
	// MoveCursor is told whether an earlier attempt is in doubt: it recognises nothing.
	MoveCursor(ctx context.Context, by auth.Actor, r chat.Reading, s bus.Stamp, inDoubt bool) (chat.Cursor, bus.Event, error)
	OpenPersonal(ctx context.Context, by auth.Actor, other auth.UserID, room bus.RoomID, s bus.Stamp) (chat.Opened, bus.Event, error)
}

// Log is a chat.Log, and the order in which groups change.
type Log struct {
	store Store
	out   Publisher
	lanes []*line
	seed  maphash.Seed
	wg    sync.WaitGroup

	giveUp context.CancelFunc // ends every write, when Stop can't wait for it

	mu     sync.RWMutex // held for reading while a job is put into a lane
	closed bool
}

// line is one lane: what waits in it, and whether it takes any more.
type line struct {
	jobs chan job
	// away is set while the store has not answered for as long as patience lasts. What
	// comes then is refused at once: it would only wait for nothing.
	away atomic.Bool
}

type job struct {
	asked context.Context // the caller's: a write that nobody waits for is not begun
	write bus.Write
	done  chan error
}

// New starts that many lanes. Stop ends them.
func New(lanes int, store Store, out Publisher) *Log {
	l := &Log{store: store, out: out, lanes: make([]*line, max(lanes, 1)), seed: maphash.MakeSeed()}
	ctx, giveUp := context.WithCancel(context.Background())
	l.giveUp = giveUp
	for i := range l.lanes {
		l.lanes[i] = &line{jobs: make(chan job, queue)}
		l.wg.Add(1)
		go l.run(ctx, l.lanes[i])
	}
	return l
}

// Ready tells whether the lanes take writes. The error is chat.ErrUnavailable while the
// store is away, and for a moment after it came back.
func (l *Log) Ready() error {
	for _, lane := range l.lanes {
		if lane.away.Load() {
			return chat.ErrUnavailable
		}
	}
	return nil
}

// Do carries write out in the lane of room and returns its error once its event has its
// place on the bus. The error is chat.ErrBusy if no place was found before ctx ended, and
// chat.ErrUnavailable if the store is away for longer than patience lasts. If ctx ends
// later, write goes on and its outcome stays unknown: ctx's error.
func (l *Log) Do(ctx context.Context, room bus.RoomID, write bus.Write) error {
	return l.through(ctx, l.laneOf(room), write)
}

func (l *Log) laneOf(room bus.RoomID) *line {
	return l.lanes[maphash.String(l.seed, string(room))%uint64(len(l.lanes))]
}

// through puts a write into a lane and waits for it.
func (l *Log) through(ctx context.Context, lane *line, write bus.Write) error {
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

func (l *Log) enter(ctx context.Context, lane *line, j job) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return chat.ErrBusy
	}
	if lane.away.Load() {
		return chat.ErrUnavailable
	}
	select {
	case lane.jobs <- j:
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
			close(lane.jobs)
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

func (l *Log) run(ctx context.Context, lane *line) {
	defer l.wg.Done()
	for j := range lane.jobs {
		if j.asked.Err() != nil {
			j.done <- chat.ErrBusy
			continue
		}
		event, err := l.carryOut(ctx, lane, j.write)
		if err == nil && event != nil {
			l.out.Publish(event)
		}
		j.done <- err
		if lane.away.Load() {
			l.awaitStore(ctx, lane)
		}
	}
}

// carryOut repeats a write, always with the same stamp, until the store has answered or
// patience ends. It holds up the lane meanwhile: a later entry must not overtake one that
// may be stored already. A write in doubt is therefore repeated for as long as it takes,
// although nobody waits for it any more: it may come to be stored whatever we do, and
// who else would tell of it?
func (l *Log) carryOut(ctx context.Context, lane *line, write bus.Write) (bus.Event, error) {
	s := bus.Stamp{ID: bus.NewMessageID(), At: time.Now().UTC().Truncate(time.Millisecond)}
	begun, inDoubt := time.Now(), false
	for {
		event, err := try(ctx, write, s, patience-time.Since(begun))
		if !errors.Is(err, chat.ErrUnavailable) || errors.Is(err, chat.ErrFull) {
			lane.away.Store(false)
			return event, err
		}
		inDoubt = inDoubt || errors.Is(err, chat.ErrInDoubt)
		if time.Since(begun) >= patience {
			lane.away.Store(true)
			if !inDoubt {
				return nil, err
			}
		}
		if !lane.rest(ctx) {
			return nil, err
		}
	}
}

// try makes one attempt, and ends it where patience does.
func try(ctx context.Context, write bus.Write, s bus.Stamp, left time.Duration) (bus.Event, error) {
	limit := attempt
	if left > 0 {
		limit = min(limit, left)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return write(ctx, s)
}

// awaitStore returns when the store answers again, or the lane is to end. It may not have
// been away at all, and the write have failed for its own room: then it says so at once,
// and nobody else is refused for that.
func (l *Log) awaitStore(ctx context.Context, lane *line) {
	defer lane.away.Store(false)
	for limit := pause; ; limit = attempt {
		bounded, cancel := context.WithTimeout(ctx, limit)
		err := l.store.Ping(bounded)
		cancel()
		if err == nil || !lane.rest(ctx) {
			return
		}
	}
}

// rest passes the pause between two attempts. While the store is away it also refuses
// what had come before that was known. It is false if ctx ended.
func (lane *line) rest(ctx context.Context) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	waiting := lane.jobs
	if !lane.away.Load() {
		waiting = nil
	}
	for {
		select {
		case j, open := <-waiting:
			if !open {
				waiting = nil
				continue
			}
			j.done <- chat.ErrUnavailable
		case <-timer.C:
			return true
		case <-ctx.Done():
			return false
		}
	}
}
