package lane

import (
	"context"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

var _ chat.Log = (*Log)(nil)

// Append implements chat.Log.
func (l *Log) Append(by auth.Actor, d chat.Draft, done func(chat.Receipt, error)) {
	p := &post{by: by, draft: d, done: done}
	if err := l.laneOf(d.Room).put(job{post: p}); err != nil {
		done(chat.Receipt{}, err)
	}
}

// MoveCursor implements chat.Log. Reading takes its place in the lane, so that nobody
// hears of a reader before they hear of what was read.
func (l *Log) MoveCursor(by auth.Actor, r chat.Reading, done func(chat.Cursor, error)) {
	m := &move{by: by, reading: r, done: done}
	if err := l.laneOf(r.Room).put(job{move: m}); err != nil {
		done(chat.Cursor{}, err)
	}
}

// Do carries w out in the lane of room and returns its error once its event has its place
// on the bus. The error is chat.ErrBusy if the lane is full, and chat.ErrUnavailable if the
// store is away for longer than patience lasts. If ctx ends earlier, w goes on and its
// outcome stays unknown: ctx's error.
func (l *Log) Do(ctx context.Context, room bus.RoomID, w bus.Write) error {
	j := job{write: &write{asked: ctx, do: w, done: make(chan error, 1)}}
	if err := l.laneOf(room).put(j); err != nil {
		return err
	}
	select {
	case err := <-j.write.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// OpenPersonal implements chat.Log. The room's first entry waits in the room's own lane,
// so that its event is out before anyone's first message. The result travels by a channel,
// because a caller who gave up must not share memory with a write that goes on.
func (l *Log) OpenPersonal(ctx context.Context, by auth.Actor, other auth.UserID) (chat.Opened, error) {
	room := bus.NewRoomID()
	out := make(chan chat.Opened, 1)
	err := l.Do(ctx, room, func(ctx context.Context, s bus.Stamp) (bus.Event, error) {
		o, event, err := l.store.OpenPersonal(ctx, by, other, room, s)
		if err == nil {
			out <- o
		}
		return event, err
	})
	if err != nil {
		return chat.Opened{}, err
	}
	return <-out, nil
}

// Settle implements chat.Log. A lane publishes what it has stored before it takes anything
// else: so what is out at this moment is all that there can be.
func (l *Log) Settle(ctx context.Context, rooms ...bus.RoomID) error {
	for _, lane := range l.lanesOf(rooms) {
		settled := lane.settling()
		if settled == nil {
			continue
		}
		select {
		case <-settled:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
