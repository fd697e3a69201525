package expresschat

import (
	"context"
	"errors"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// maxNamedReaders is the largest room in which a message names every reader; in larger
// ones it names its sender and the asker.
const maxNamedReaders = 32

// fetch answers with a page in its place among the room's live events: what the page
// shows does not come again, what it lacks comes after it.
//
// The hold begins in the room's hand-off, so that no event is half out at that moment, and
// before the page is read: so the page has every event that went out before the hold, and
// those after it wait. It ends when the page is sent, and when what the page shows has its
// event in the hold too, not still on its way there.
func (d *Door) fetch(ctx context.Context, c *conn, room bus.RoomID, kind bus.Kind, p chat.Page, answer func(chat.History)) (any, error) {
	if err := p.Check(); err != nil {
		return nil, err // no reason to hold anything
	}
	if p.Before > 0 { // an older page takes nobody's place
		h, err := d.chat.History(ctx, c.user.ID, room, kind, p)
		if err != nil {
			return nil, err
		}
		answer(h)
		return pageAck{ack{true}, h.Seq, h.HasMore}, nil
	}
	var hold *hold
	d.inHandOff(room, func() { hold = d.holds.fetch(c, room) })
	h, err := d.chat.History(ctx, c.user.ID, room, kind, p)
	if err == nil {
		answer(h)
	}
	var unsettled error
	if err == nil || errors.Is(err, chat.ErrNotMember) {
		unsettled = d.chat.Settle(ctx, room)
	}
	d.inHandOff(room, func() {
		events := d.holds.fetched(hold, room)
		switch {
		case unsettled != nil:
			c.socket.Drop("no snapshot") // what it missed, it gets when it is back
		case err == nil:
			c.resume(events, true, covered(h, p))
		case errors.Is(err, chat.ErrOtherKind):
			c.resume(events, true, 0)
		case errors.Is(err, chat.ErrNotMember):
			c.resume(events, false, 0)
		default:
			c.socket.Drop("no snapshot")
		}
	})
	if err = errors.Join(err, unsettled); err != nil {
		return nil, err
	}
	return pageAck{ack{true}, h.Seq, h.HasMore}, nil
}

// inHandOff runs f between two events of a room and waits for it.
func (d *Door) inHandOff(room bus.RoomID, f func()) {
	d.bus.Await(d.bus.Part(string(room)), f)
}

// covered is the place up to which the client has all that it asked for. A page towards
// the newest that breaks off ends at its last message.
func covered(h chat.History, p chat.Page) int64 {
	if p.Forward() && h.HasMore && len(h.Messages) > 0 {
		return h.Messages[0].Seq
	}
	return h.Seq
}

func pageOf(h chat.History, asker auth.UserID, kind bus.Kind) page {
	p := page{ChatID: h.Room, Seq: h.Seq, HasMore: h.HasMore, Messages: make([]message, len(h.Messages))}
	for i, m := range h.Messages {
		out := message{
			Key: m.ID, ID: m.ID, Seq: m.Seq, SenderID: m.Sender, Content: bus.Gist(m.Type, m.Content, m.Attachment),
			Timestamp: moment(m.At), Attachment: attachmentOf(m.Type, m.Content, m.Attachment),
		}
		switch kind {
		case bus.Personal:
			out.Sender, out.ReadStatus = string(m.Sender), readersOf(m, h.Members, asker)
		case bus.Group:
			out.Sender, out.ReadStatus = m.SenderName, readersOf(m, h.Members, asker)
		}
		p.Messages[i] = out
	}
	return p
}

func readersOf(m chat.Message, members []chat.Member, asker auth.UserID) readStatus {
	all := len(members) <= maxNamedReaders
	status := readStatus{}
	for _, member := range members {
		if !all && member.User != asker && member.User != m.Sender {
			continue
		}
		if member.Has(m) {
			status[member.User] = "Read"
		} else {
			status[member.User] = "Unread"
		}
	}
	return status
}

func (d *Door) fetchSelf(ctx context.Context, c *conn, in pageInput) (any, error) {
	return d.fetch(ctx, c, c.self(), bus.Self, in.page(), func(h chat.History) {
		c.emit("self-chat", selfChat{pageOf(h, c.user.ID, bus.Self), c.called()})
	})
}

func (d *Door) fetchPersonal(ctx context.Context, c *conn, in fetchInput) (any, error) {
	room, err := in.chat()
	if err != nil {
		return nil, err
	}
	return d.fetch(ctx, c, room, bus.Personal, in.page(), func(h chat.History) {
		out := personalChat{page: pageOf(h, c.user.ID, bus.Personal), UserID: c.user.ID, User: c.called()}
		for _, m := range h.Members {
			if m.User != c.user.ID {
				out.Partner, out.PartnerID, out.Picture = m.Name, m.User, pictureURL(m.Picture)
			}
		}
		c.emit("personal-chat", out)
	})
}

func (d *Door) fetchGroup(ctx context.Context, c *conn, in fetchInput) (any, error) {
	room, err := in.chat()
	if err != nil {
		return nil, err
	}
	return d.fetch(ctx, c, room, bus.Group, in.page(), func(h chat.History) {
		out := groupChat{
			page: pageOf(h, c.user.ID, bus.Group), GroupID: h.Room,
			Name: h.Name, Description: h.Description, Picture: pictureURL(h.Picture), Participants: h.Members,
		}
		for _, m := range h.Members {
			out.Members = append(out.Members, memberItem{ID: m.User, Name: m.Name, Role: m.Role})
			if m.Role == bus.Owner {
				out.Admin = m.User
			}
		}
		c.emit("group-chat", out)
	})
}
