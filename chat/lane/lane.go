// Package lane gives every room one order. Rooms hash onto a few lanes. A lane stores what
// it has in batches, one after another: whatever has come for any of its rooms while one
// was being stored is the next. It publishes what came of a batch before it begins
// another, so the events of a room leave in the order of its seq. It knows no SQL.
package lane

import (
	"context"
	"hash/maphash"
	"sync"
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// Bounds of time.
const (
	// patience is how long one batch may take with all its attempts. It is shorter than
	// that of doors, so that people hear why.
	patience = 9 * time.Second
	// attempt bounds one of them, because a connection may have gone without a word while
	// another one works. It is longer than the store waits for a lock.
	attempt = 4 * time.Second
	// pause between the attempts of a batch while the store is away.
	pause = 100 * time.Millisecond
)

// Publisher takes events in order.
type Publisher interface {
	// Publish gives e its place. Then runs behind it, once the doors have been told. It must
	// not wait and must not publish.
	Publish(e bus.Event, then func())
}

// Store writes what people say and read.
type Store interface {
	// Ping tells whether the store answers.
	Ping(ctx context.Context) error
	// Commit stores a batch in one transaction, which checks membership together with its
	// effect. The error is of all of it, and of nobody's making: chat.ErrUnavailable, of
	// which some are chat.ErrInDoubt, chat.ErrFull or chat.ErrHeld, or a bug.
	Commit(ctx context.Context, b chat.Batch) ([]chat.Posted, []chat.Moved, error)
	// OpenPersonal is a bus.Write.
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
}

// New starts that many lanes. Stop ends them.
func New(lanes int, store Store, out Publisher) *Log {
	l := &Log{store: store, out: out, lanes: make([]*line, max(lanes, 1)), seed: maphash.MakeSeed()}
	ctx, giveUp := context.WithCancel(context.Background())
	l.giveUp = giveUp
	for i := range l.lanes {
		l.lanes[i] = newLine()
		l.wg.Add(1)
		go l.run(ctx, l.lanes[i])
	}
	return l
}

// Ready tells whether the lanes take writes. The error is chat.ErrUnavailable while the
// store is away, and for a moment after it came back.
func (l *Log) Ready() error {
	for _, lane := range l.lanes {
		if lane.isAway() {
			return chat.ErrUnavailable
		}
	}
	return nil
}

func (l *Log) laneOf(room bus.RoomID) *line {
	return l.lanes[maphash.String(l.seed, string(room))%uint64(len(l.lanes))]
}

// Stop carries out what is queued and takes nothing more. If ctx ends first, the writes
// that are left fail, and it returns ctx's error.
func (l *Log) Stop(ctx context.Context) error {
	for _, lane := range l.lanes {
		lane.close()
	}
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
	for {
		b, w := lane.take()
		switch {
		case b != nil:
			l.storeBatch(ctx, lane, b)
		case w != nil:
			l.carryOut(ctx, lane, w)
		default:
			return
		}
		if lane.isAway() {
			l.awaitStore(ctx, lane)
		}
	}
}
