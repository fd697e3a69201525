package vchat

import (
	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// roomOf is a room as one of its members sees it. Who is at the table of a room has read
// what is said there, although the log may not know it yet.
func (d *Door) roomOf(v chat.View, me auth.UserID) room {
	r := room{
		ID: v.Room, UpdatedAt: v.Last.At.UnixMilli(), CreatorID: v.Creator, LastMessage: messageOf(v.Room, v.Last),
		Unread: v.Unread, Members: v.Members, IsMute: bit(v.Muted),
	}
	if d.tables.has(v.Room, me) {
		r.Unread = 0
	}
	if v.Kind == bus.Group {
		r.RoomType, r.Title, r.ThumbImage = "groupChat", v.Name, picture(v.Picture)
		r.GroupSetting = &groupSetting{
			Name: v.Name, Members: v.Members, Role: roleOf(v.Role), IsGroupCreator: v.Role == bus.Owner,
			ImageThumb: picture(v.Picture),
		}
		return r
	}
	peer := v.Partner
	email := emailOf(peer)
	r.RoomType, r.Title, r.ThumbImage = "single", peer.Name, picture(peer.Picture)
	r.PeerID, r.PeerEmail = &peer.ID, &email
	r.IsOnline = bit(d.online.Online(peer.ID))
	r.PeerHasRead = bit(v.PartnerCursor >= v.Last.Seq || v.Last.Sender == peer.ID || d.tables.has(v.Room, peer.ID))
	if v.Blocker != "" {
		r.BlockerID = &v.Blocker
	}
	return r
}

func (d *Door) roomsOf(views []chat.View, me auth.UserID) []room {
	list := make([]room, len(views))
	for i, v := range views {
		list[i] = d.roomOf(v, me)
	}
	return list
}

// entry is an event's entry of the room's log, as /message shows it. ok is false for what is
// no entry, and for the end of a group, which nobody is left to see.
func entry(e bus.Placed) (m message, ok bool) {
	at := e.Where()
	m = message{
		ID: at.ID, CreatedAt: at.At.UnixMilli(), SenderID: at.By.User, SenderName: at.ByName,
		SenderImageThumb: picture(at.ByPicture), RoomID: at.Room,
	}
	switch e := e.(type) {
	case bus.MessageSent:
		m.Type, m.Attachment = e.Type, attachmentOf(e.Attachment)
		m.Content = contentOf(e.Type, e.Content, e.Attachment)
	case bus.RoomCreated:
		m.Type, m.Content = bus.Create, e.Name
	case bus.MemberAdded:
		m.Type, m.Content = bus.Add, e.Member.Name
	case bus.MemberRemoved:
		m.Type, m.Content = bus.Kick, e.Member.Name
		if e.Left() {
			m.Type = bus.Leave
		}
	case bus.OwnerChanged:
		m.Type, m.Content = bus.Upgrade, e.Member.Name
	case bus.RoleChanged:
		m.Type, m.Content = bus.Downgrade, e.Member.Name
		if e.Member.Role == bus.Admin {
			m.Type = bus.Upgrade
		}
	case bus.GroupChanged:
		m.Type, m.Content = bus.Info, e.Name
	default:
		return message{}, false
	}
	return m, at.ID != "" // the personal room that was opened has no entry
}
