package expresschat

import (
	"context"
	"errors"
	"slices"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// exportHead is an export without its chats.
type exportHead struct {
	ExportedAt moment        `json:"exportedAt"`
	User       exportUser    `json:"user"`
	Sessions   []openSession `json:"sessions"`
}

type exportUser struct {
	ID        auth.UserID `json:"id"`
	Name      string      `json:"name"`
	Email     string      `json:"email"`
	CreatedAt moment      `json:"createdAt"`
	Verified  bool        `json:"verified"`
}

// exportChat is a chat without its messages. A personal one has the other's name, the self
// chat one's own.
type exportChat struct {
	ID          bus.RoomID     `json:"id"`
	Kind        bus.Kind       `json:"kind"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Role        bus.Role       `json:"role"`
	Members     []exportMember `json:"members"`
}

type exportMember struct {
	ID   auth.UserID `json:"id"`
	Name string      `json:"name"`
}

type exportMessage struct {
	ID         bus.MessageID   `json:"id"`
	Seq        int64           `json:"seq"`
	Sender     auth.UserID     `json:"sender"`
	SenderName string          `json:"senderName"`
	Type       bus.Type        `json:"type"`
	Content    string          `json:"content"`
	Attachment *bus.Attachment `json:"attachment,omitempty"`
	URL        string          `json:"url,omitempty"` // where the file of the attachment is read
	SentAt     moment          `json:"sentAt"`
}

// exportRoom writes a chat as it was when its first page was read, oldest message first. One
// that was left since it was listed is left out; if that is found later, the file breaks off.
func (d *Door) exportRoom(ctx context.Context, out *exporter, who auth.Identity, r chat.Joined) {
	var upTo int64
	p := chat.Page{FromStart: true, System: true}
	for begun := false; out.err == nil; begun = true {
		h, err := patiently(ctx, func(ctx context.Context) (chat.History, error) {
			return d.chat.History(ctx, who.User.ID, r.Room, r.Kind, p)
		})
		if !begun && errors.Is(err, chat.ErrNotMember) {
			return
		}
		if err != nil {
			out.fail(err)
			return
		}
		if !begun {
			upTo = h.Seq
			out.next()
			out.open(exportChatOf(h, r.Kind, who.User.ID), "messages")
		}
		for _, m := range slices.Backward(h.Messages) {
			if m.Seq <= upTo {
				out.item(exportMessageOf(m))
			}
		}
		if !h.HasMore || h.Messages[0].Seq >= upTo {
			break
		}
		p.After = h.Messages[0].Seq
	}
	out.shut()
}

func exportMessageOf(m chat.Message) exportMessage {
	out := exportMessage{
		ID: m.ID, Seq: m.Seq, Sender: m.Sender, SenderName: m.SenderName, Type: m.Type, Content: m.Content,
		Attachment: m.Attachment, SentAt: moment(m.At),
	}
	if file := attachmentOf(m.Type, m.Content, m.Attachment); file != nil {
		out.URL = file.URL
	}
	return out
}

func exportChatOf(h chat.History, kind bus.Kind, user auth.UserID) exportChat {
	c := exportChat{ID: h.Room, Kind: kind, Name: h.Name, Description: h.Description}
	for _, m := range h.Members {
		c.Members = append(c.Members, exportMember{m.User, m.Name})
		switch {
		case m.User == user:
			c.Role = m.Role
			if kind == bus.Self {
				c.Name = m.Name
			}
		case kind == bus.Personal:
			c.Name = m.Name
		}
	}
	return c
}
