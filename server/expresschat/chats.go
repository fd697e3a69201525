package expresschat

import (
	"context"

	"expresschat/bus"
	"expresschat/chat"
)

// How many people a search shows: in the list of chats, and when members are added.
const (
	searchShown = 8
	addShown    = 3
)

func (d *Door) userDetails(ctx context.Context, c *conn, _ empty) (any, error) {
	p, err := d.chat.Person(ctx, c.user.ID)
	if err != nil {
		return nil, err
	}
	_ = c.socket.Emit("user-details", userDetails{Name: p.Name, Email: p.Email, ID: p.ID})
	return nil, nil
}

func (d *Door) searchUser(ctx context.Context, c *conn, in searchInput) (any, error) {
	event, limit := "searched-user", searchShown
	switch in.Type {
	case "Search":
	case "Add":
		event, limit = "added-user-match", addShown
	default:
		return nil, nil
	}
	people, err := d.chat.Search(ctx, c.user.ID, in.Name, limit)
	if err != nil {
		return nil, err
	}
	list := userList{Users: make([]userItem, len(people))}
	for i, p := range people {
		list.Users[i] = userItem{Key: p.ID, Name: p.Name, Email: p.Email}
	}
	_ = c.socket.Emit(event, list)
	return nil, nil
}

func (d *Door) sendSelf(ctx context.Context, c *conn, in sendInput) (any, error) {
	return d.send(ctx, c, chat.Draft{Room: c.self(), Kind: bus.Self, Content: in.Content, ClientID: in.ClientID})
}

func (d *Door) sendPersonal(ctx context.Context, c *conn, in sendInput) (any, error) {
	return d.sendTo(ctx, c, bus.Personal, in)
}

func (d *Door) sendGroup(ctx context.Context, c *conn, in sendInput) (any, error) {
	return d.sendTo(ctx, c, bus.Group, in)
}

func (d *Door) sendTo(ctx context.Context, c *conn, kind bus.Kind, in sendInput) (any, error) {
	room, err := in.chat()
	if err != nil {
		return nil, err
	}
	return d.send(ctx, c, chat.Draft{Room: room, Kind: kind, Content: in.Content, ClientID: in.ClientID})
}

func (d *Door) send(ctx context.Context, c *conn, draft chat.Draft) (any, error) {
	r, err := d.chat.Send(ctx, c.actor(), draft)
	if err != nil {
		return nil, err
	}
	return sentAck{ack{true}, r.ID, r.Seq, moment(r.At)}, nil
}

func (d *Door) readPersonal(ctx context.Context, c *conn, in readInput) (any, error) {
	return d.read(ctx, c, bus.Personal, in)
}

func (d *Door) readGroup(ctx context.Context, c *conn, in readInput) (any, error) {
	return d.read(ctx, c, bus.Group, in)
}

func (d *Door) read(ctx context.Context, c *conn, kind bus.Kind, in readInput) (any, error) {
	room, err := in.chat()
	if err != nil {
		return nil, err
	}
	cursor, err := d.chat.Read(ctx, c.actor(), chat.Reading{Room: room, Kind: kind, UpTo: in.Seq})
	if err != nil {
		return nil, err
	}
	return readDone{ack{true}, cursor.Seq, cursor.Unread}, nil
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
	_ = c.socket.Emit("create-chat-result", chatResult{
		Exists: exists, ChatID: o.Room, Partner: o.Partner.Name, PartnerID: o.Partner.ID,
	})
	return roomAck{ack: ack{true}, ChatID: o.Room, Partner: o.Partner.Name, Exists: exists}
}
