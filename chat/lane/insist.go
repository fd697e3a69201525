package lane

import (
	"context"
	"errors"
	"time"

	"expresschat/bus"
	"expresschat/chat"
)

// write is one that stands alone: it has a transaction of its own.
type write struct {
	asked context.Context // the caller's: a write that nobody waits for is not begun
	do    bus.Write
	done  chan error
}

// storeBatch stores b and publishes what came of it. If the store has something against b
// it is stored in parts, so that what is wrong with one room or message is felt by nobody
// else.
func (l *Log) storeBatch(ctx context.Context, lane *line, b *batch) {
	var posted []chat.Posted
	var moved []chat.Moved
	err := insist(ctx, lane, func(ctx context.Context) (err error) {
		posted, moved, err = l.store.Commit(ctx, b.Batch)
		b.Again = true
		return err
	}, b.fail)
	if err == nil {
		l.publish(b, posted, moved)
		return
	}
	parts := b.parts()
	if len(parts) == 1 || errors.Is(err, chat.ErrUnavailable) {
		b.fail(err)
		return
	}
	for _, part := range parts {
		if lane.isAway() {
			part.fail(chat.ErrUnavailable)
			continue
		}
		l.storeBatch(ctx, lane, part)
	}
}

// publish tells the doors in the order of seq, and those who asked behind it.
func (l *Log) publish(b *batch, posted []chat.Posted, moved []chat.Moved) {
	for i, p := range posted {
		l.tell(p.Event, func() { b.answerPost(i, p.Receipt, p.Err) })
	}
	for i, m := range moved {
		l.tell(m.Event, func() { b.answerMove(i, m.Cursor, m.Err) })
	}
}

func (l *Log) tell(e bus.Event, then func()) {
	if e == nil {
		then()
		return
	}
	l.out.Publish(e, then)
}

// carryOut does a write that stands alone.
func (l *Log) carryOut(ctx context.Context, lane *line, w *write) {
	if w.asked.Err() != nil {
		w.done <- chat.ErrBusy
		return
	}
	var event bus.Event
	s := bus.Stamp{ID: bus.NewMessageID(), At: now()}
	err := insist(ctx, lane, func(ctx context.Context) (err error) {
		event, err = w.do(ctx, s)
		return err
	}, func(error) {})
	if err == nil && event != nil {
		l.out.Publish(event, nil)
	}
	w.done <- err
}

// insist repeats an attempt until the store has answered or patience ends. It holds up the
// lane meanwhile: a later entry must not overtake one that may be stored already. What is
// in doubt is therefore repeated for as long as it takes, although those who wait are told
// so when patience ends: it may come to be stored whatever we do, and who else would tell
// of it?
func insist(ctx context.Context, lane *line, attempt func(context.Context) error, inVain func(error)) error {
	begun, inDoubt := time.Now(), false
	for {
		err := try(ctx, attempt, limitOf(patience-time.Since(begun)))
		if isAnswer(err, inDoubt) {
			lane.isBack()
			return err
		}
		inDoubt = inDoubt || errors.Is(err, chat.ErrInDoubt)
		if time.Since(begun) >= patience {
			lane.isGone()
			if !inDoubt {
				return err
			}
			inVain(err)
		}
		if !rest(ctx) {
			return err
		}
	}
}

// isAnswer tells whether the store has said what became of a write. That it can't write, or
// that somebody holds a room, says nothing of an earlier attempt that is in doubt.
func isAnswer(err error, inDoubt bool) bool {
	if errors.Is(err, chat.ErrFull) || errors.Is(err, chat.ErrHeld) {
		return !inDoubt
	}
	return !errors.Is(err, chat.ErrUnavailable)
}

// limitOf is how long an attempt may take, by what is left of patience. Where that is too little for
// another one behind it, the attempt has all of it: it may have to begin with a new connection.
// Behind the end of patience it is repeated because it is in doubt, and has as long as any.
func limitOf(left time.Duration) time.Duration {
	if left > 0 && left < attempt+attempt/2 {
		return left
	}
	return attempt
}

// try makes one attempt.
func try(ctx context.Context, f func(context.Context) error, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return f(ctx)
}

// awaitStore returns when the store answers again, or the lane is to end. It may not have
// been away at all, and the write have failed for its own room: then it says so at once,
// and nobody else is refused for that.
func (l *Log) awaitStore(ctx context.Context, lane *line) {
	defer lane.isBack()
	for limit := pause; ; limit = attempt {
		bounded, cancel := context.WithTimeout(ctx, limit)
		err := l.store.Ping(bounded)
		cancel()
		if err == nil || !rest(ctx) {
			return
		}
	}
}

// rest passes the pause between two attempts. It is false if ctx ended.
func rest(ctx context.Context) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
