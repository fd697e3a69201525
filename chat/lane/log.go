package lane

import (
	"context"
	"errors"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

var _ chat.Log = (*Log)(nil)

// Append implements chat.Log.
func (l *Log) Append(ctx context.Context, by auth.Actor, d chat.Draft) (chat.Receipt, error) {
	return await(ctx, l, d.Room, func(ctx context.Context, s bus.Stamp) (chat.Receipt, bus.Event, error) {
		return l.store.Append(ctx, by, d, s)
	})
}

// MoveCursor implements chat.Log. Reading takes its place in the lane, so that nobody
// hears of a reader before they hear of what was read.
func (l *Log) MoveCursor(ctx context.Context, by auth.Actor, r chat.Reading) (chat.Cursor, error) {
	inDoubt := false
	return await(ctx, l, r.Room, func(ctx context.Context, s bus.Stamp) (chat.Cursor, bus.Event, error) {
		c, event, err := l.store.MoveCursor(ctx, by, r, s, inDoubt)
		inDoubt = inDoubt || errors.Is(err, chat.ErrInDoubt)
		return c, event, err
	})
}

// OpenPersonal implements chat.Log. The room's first entry waits in the room's own lane,
// so that its event is out before anyone's first message.
func (l *Log) OpenPersonal(ctx context.Context, by auth.Actor, other auth.UserID) (chat.Opened, error) {
	room := bus.NewRoomID()
	return await(ctx, l, room, func(ctx context.Context, s bus.Stamp) (chat.Opened, bus.Event, error) {
		return l.store.OpenPersonal(ctx, by, other, room, s)
	})
}

// Settle implements chat.Log. A lane publishes what it committed before it begins
// anything else, so that nothing at all, sent through it, waits for just that.
func (l *Log) Settle(ctx context.Context, rooms ...bus.RoomID) error {
	nothing := func(context.Context, bus.Stamp) (bus.Event, error) { return nil, nil }
	for _, room := range rooms {
		if err := l.Do(ctx, room, nothing); err != nil {
			return err
		}
	}
	if len(rooms) > 0 {
		return nil
	}
	for _, lane := range l.lanes {
		if err := l.through(ctx, lane, nothing); err != nil {
			return err
		}
	}
	return nil
}

// await is Do for a write with a result. The result travels by a channel, because a
// caller who gave up must not share memory with a write that goes on.
func await[T any](ctx context.Context, l *Log, room bus.RoomID, write func(context.Context, bus.Stamp) (T, bus.Event, error)) (T, error) {
	out := make(chan T, 1)
	err := l.Do(ctx, room, func(ctx context.Context, s bus.Stamp) (bus.Event, error) {
		v, event, err := write(ctx, s)
		if err == nil {
			out <- v
		}
		return event, err
	})
	if err != nil {
		var none T
		return none, err
	}
	return <-out, nil
}
