package expresschat

import (
	"context"

	"expresschat/bus"
	"expresschat/server/problem"
)

func (d *Door) typing(ctx context.Context, c *conn, in typingInput) (any, error) {
	room, err := in.chat()
	if err != nil {
		return nil, err
	}
	status := bus.TypingStatus(in.Status)
	switch status {
	case bus.Writing, bus.Recording, bus.Stopped:
	default:
		return nil, problem.ErrBadInput
	}
	return nil, d.private.Type(ctx, c.actor(), room, status)
}

// tellTyping tells it to all who sit in the room, and no hold keeps it: it is no part of a
// page, and by the time that somebody has arrived it is not true any more.
func (d *Door) tellTyping(e bus.Typing) {
	news := typingNews{
		ChatID: e.Room, GroupID: groupOnly(e.Place), User: e.By.User, Name: e.ByName, Status: e.Status,
	}
	d.emit(delivery{audience{room: true, notUser: e.By.User}, "user-typing", news}, e.Room, d.bus.Part(e.Key()), nil)
}
