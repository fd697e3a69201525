package expresschat

import (
	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// lists renders what a connection begins with. said are the partners whom the lists call
// online.
func (d *Door) lists(chats []chat.Listed) (p personalChatList, g groupChatList, said map[auth.UserID]bool) {
	personal, group := []personalItem{}, []groupItem{}
	said = map[auth.UserID]bool{}
	for _, l := range chats {
		if l.Kind == bus.Personal {
			online := d.online.Online(l.Partner.ID)
			if online {
				said[l.Partner.ID] = true
			}
			personal = append(personal, personalItem{
				Key: l.Room, Partner: l.Partner.Name, PartnerID: l.Partner.ID, listItem: listItemOf(l),
				Picture: pictureURL(l.Partner.Picture), Online: online, Blocked: l.Blocker != "", BlockedBy: l.Blocker, PartnerReadSeq: l.PartnerCursor,
			})
			continue
		}
		group = append(group, groupItem{
			Key: l.Room, GroupID: l.Room, Name: l.Name, Picture: pictureURL(l.Picture), listItem: listItemOf(l),
		})
	}
	return personalChatList{personal}, groupChatList{group}, said
}

func listItemOf(l chat.Listed) listItem {
	return listItem{
		ChatID: l.Room, LastChat: moment(l.LastAt), LastMessage: lastMessageOf(l.Last),
		Unread: l.Unread, Seq: l.Seq, ReadSeq: l.Cursor, Muted: l.Muted,
	}
}

func selfItemOf(l chat.Listed) selfItem {
	return selfItem{ChatID: l.Room, LastChat: moment(l.LastAt), LastMessage: lastMessageOf(l.Last), Seq: l.Seq}
}

// lastMessageOf is null where nobody has said anything.
func lastMessageOf(m chat.Message) *lastMessage {
	if m.ID == "" {
		return nil
	}
	return &lastMessage{
		ID: m.ID, Seq: m.Seq, Sender: m.SenderName, SenderID: m.Sender,
		Content: bus.Gist(m.Type, m.Content, m.Attachment), Timestamp: moment(m.At),
		Attachment: lastAttachmentOf(m.Type, m.Content, m.Attachment),
	}
}
