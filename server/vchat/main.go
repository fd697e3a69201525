package vchat

import (
	"context"
	"encoding/json"
	"errors"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/server/problem"
	"expresschat/socketio"
)

// roomsShown is how many rooms a page of the list has.
const roomsShown = 20

// joined is the outcome of a join: the list, and for whom it is being read until it is sent.
type joined struct {
	conn  *conn
	rooms []room
}

// join answers with the newest rooms. The argument says nothing.
func (d *Door) join(ctx context.Context, c *conn, _ json.RawMessage) (any, error) {
	d.wake(ctx, c)
	c.beginList()
	sent := false
	defer func() {
		if !sent {
			d.endList(c)
		}
	}()
	d.betweenAll()
	views, err := d.views.Views(ctx, c.user.ID, 0, roomsShown)
	if err != nil {
		return nil, err
	}
	out := &joined{conn: c, rooms: d.roomsOf(views, c.user.ID)}
	sent = true // by respond
	return out, nil
}

type typingInput struct {
	Status string `json:"status"`
	RoomID string `json:"roomId"`
}

// typing tells the others in a room. The name is the sender's own, whatever the client says.
func (d *Door) typing(ctx context.Context, c *conn, in typingInput) (any, error) {
	status := bus.TypingStatus(in.Status)
	switch status {
	case bus.Stopped, bus.Writing, bus.Recording:
	default:
		return nil, problem.ErrBadInput
	}
	room, err := bus.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, chat.ErrNotMember
	}
	if err := d.private.Type(ctx, c.actor(), room, status); err != nil {
		return nil, err
	}
	return "Told", nil
}

// respond answers an event: an ack carries one map, and without one errors get silence.
func (d *Door) respond(_ context.Context, s socketio.Socket, call socketio.Call, result any, err error) {
	if err != nil {
		if !errors.Is(err, auth.ErrUnauthenticated) {
			call.Ack(answer{Data: d.explain(call.Event, err).Text})
		}
		return
	}
	list, isList := result.(*joined)
	if !isList {
		call.Ack(answer{Success: true, Data: result})
		return
	}
	defer d.endList(list.conn)
	if call.WantsAck() {
		call.Ack(answer{Success: true, Data: list.rooms})
	} else {
		_ = s.Emit("all_rooms", list.rooms) // fails only when the socket is gone
	}
}

// explain finds what a client is told, and logs what is the operator's to know.
func (d *Door) explain(what string, err error) problem.Problem {
	if errors.Is(err, socketio.ErrDecode) {
		err = problem.ErrBadInput
	}
	return d.report.Explain(what, err)
}
