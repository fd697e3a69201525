package expresschat

import (
	"context"

	"expresschat/bus"
	"expresschat/chat"
	"expresschat/socketio"
)

func (d *Door) userDetails(ctx context.Context, c *conn, _ empty) (any, error) {
	p, err := d.chat.Person(ctx, c.user.ID)
	if err != nil {
		return nil, err
	}
	c.emit("user-details", userDetails{Name: p.Name, Email: p.Email, ID: p.ID, Picture: pictureURL(p.Picture)})
	return nil, nil
}

func (d *Door) sendSelf(ctx context.Context, c *conn, in sendInput, r socketio.Reply) {
	d.send(ctx, c, c.self(), bus.Self, in, r)
}

func (d *Door) sendPersonal(ctx context.Context, c *conn, in sendInput, r socketio.Reply) {
	d.sendTo(ctx, c, bus.Personal, in, r)
}

func (d *Door) sendGroup(ctx context.Context, c *conn, in sendInput, r socketio.Reply) {
	d.sendTo(ctx, c, bus.Group, in, r)
}

func (d *Door) sendTo(ctx context.Context, c *conn, kind bus.Kind, in sendInput, r socketio.Reply) {
	room, err := in.chat()
	if err != nil {
		r.Done(nil, err)
		return
	}
	d.send(ctx, c, room, kind, in, r)
}

func (d *Door) send(ctx context.Context, c *conn, room bus.RoomID, kind bus.Kind, in sendInput, r socketio.Reply) {
	draft := chat.Draft{Room: room, Kind: kind, Content: in.Content, ClientID: in.ClientID}
	if in.Upload != "" {
		var err error
		if draft, err = d.attached(ctx, c, draft, in.Upload); err != nil {
			r.Done(nil, err)
			return
		}
	}
	d.chat.Send(c.actor(), draft, func(got chat.Receipt, err error) {
		if err != nil {
			r.Done(nil, err)
			return
		}
		r.Done(sentAck{ack{true}, got.ID, got.Seq, moment(got.At)}, nil)
	})
}

func (d *Door) readPersonal(_ context.Context, c *conn, in readInput, r socketio.Reply) {
	d.read(c, bus.Personal, in, r)
}

func (d *Door) readGroup(_ context.Context, c *conn, in readInput, r socketio.Reply) {
	d.read(c, bus.Group, in, r)
}

func (d *Door) read(c *conn, kind bus.Kind, in readInput, r socketio.Reply) {
	room, err := in.chat()
	if err != nil {
		r.Done(nil, err)
		return
	}
	d.chat.Read(c.actor(), chat.Reading{Room: room, Kind: kind, UpTo: in.Seq}, func(cursor chat.Cursor, err error) {
		if err != nil {
			r.Done(nil, err)
			return
		}
		r.Done(readDone{ack{true}, cursor.Seq, cursor.Unread}, nil)
	})
}

func (d *Door) checkChat(ctx context.Context, c *conn, in receiverInput) (any, error) {
	other, err := user(in.Receiver)
	if err != nil {
		return nil, err
	}
	o, err := d.chat.FindPersonal(ctx, c.user.ID, other)
	if err != nil {
		return nil, err
	}
	return d.chatResult(c, o), nil
}

func (d *Door) createPersonal(ctx context.Context, c *conn, in receiverInput) (any, error) {
	other, err := user(in.Receiver)
	if err != nil {
		return nil, err
	}
	o, err := d.chat.OpenPersonal(ctx, c.actor(), other)
	if err != nil {
		return nil, err
	}
	if o.Existed {
		return d.chatResult(c, o), nil
	}
	return roomAck{ack: ack{true}, ChatID: o.Room, Partner: o.Partner.Name}, nil
}

func (d *Door) chatResult(c *conn, o chat.Opened) roomAck {
	exists := 0
	if o.Room != "" {
		exists = 1
	}
	c.emit("create-chat-result", chatResult{
		Exists: exists, ChatID: o.Room, Partner: o.Partner.Name, PartnerID: o.Partner.ID,
	})
	return roomAck{ack: ack{true}, ChatID: o.Room, Partner: o.Partner.Name, Exists: exists}
}
