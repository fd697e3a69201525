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
	c.emit("user-details", userDetails{Name: p.Name, Email: p.Email, ID: p.ID})
	return nil, nil
}

func (d *Door) sendSelf(c *conn, in sendInput, r socketio.Reply) {
	d.send(c, chat.Draft{Room: c.self(), Kind: bus.Self, Content: in.Content, ClientID: in.ClientID}, r)
}

func (d *Door) sendPersonal(c *conn, in sendInput, r socketio.Reply) {
	d.sendTo(c, bus.Personal, in, r)
}

func (d *Door) sendGroup(c *conn, in sendInput, r socketio.Reply) {
	d.sendTo(c, bus.Group, in, r)
}

func (d *Door) sendTo(c *conn, kind bus.Kind, in sendInput, r socketio.Reply) {
	room, err := in.chat()
	if err != nil {
		r.Done(nil, err)
		return
	}
	d.send(c, chat.Draft{Room: room, Kind: kind, Content: in.Content, ClientID: in.ClientID}, r)
}

func (d *Door) send(c *conn, draft chat.Draft, r socketio.Reply) {
	d.chat.Send(c.actor(), draft, func(got chat.Receipt, err error) {
		if err != nil {
			r.Done(nil, err)
			return
		}
		r.Done(sentAck{ack{true}, got.ID, got.Seq, moment(got.At)}, nil)
	})
}

func (d *Door) readPersonal(c *conn, in readInput, r socketio.Reply) {
	d.read(c, bus.Personal, in, r)
}

func (d *Door) readGroup(c *conn, in readInput, r socketio.Reply) {
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
