package expresschat

import (
	"expresschat/auth"
	"expresschat/bus"
)

// render says a domain event in the words of protocol/expresschat.md, sections 3 and 5.
// "self" there is the connection that asked (Place.By.Conn).
func render(e bus.Placed) []delivery {
	switch e := e.(type) {
	case bus.MessageSent:
		return renderMessage(e)
	case bus.ReadMoved:
		return renderRead(e)
	case bus.RoomCreated:
		if e.Kind == bus.Personal {
			return renderPersonal(e)
		}
		return renderGroup(e)
	case bus.MemberAdded:
		return renderAdded(e)
	case bus.MemberRemoved:
		if e.Left() {
			return renderLeft(e)
		}
		return renderKicked(e)
	case bus.OwnerChanged:
		news := newsOf(e.Place)
		news.Member, news.Name = e.Member.User, e.Member.Name
		return []delivery{
			{audience{conn: e.By.Conn}, "change-admin-success-creator", news},
			{audience{room: true, notConn: e.By.Conn}, "change-admin-success-receiver", news},
		}
	case bus.RoleChanged:
		news := newsOf(e.Place)
		news.Member, news.Name, news.Role = e.Member.User, e.Member.Name, e.Member.Role
		return []delivery{{audience{room: true}, "role-changed", news}}
	case bus.GroupChanged:
		news := newsOf(e.Place)
		news.Name = e.Name
		return []delivery{{audience{room: true}, "group-changed", groupChange{news, pictureURL(e.Picture)}}}
	case bus.BlockChanged:
		news := blockNews{ChatID: e.Room, By: e.By.User, Blocked: e.Blocked}
		return []delivery{{audience{room: true}, "block-changed", news}}
	case bus.RoomDeleted:
		news := newsOf(e.Place)
		news.GroupName = e.Name
		return []delivery{
			{audience{user: e.By.User}, "delete-group-chat-creator", news},
			{audience{room: true, notUser: e.By.User}, "delete-grp-success-receiver", news},
		}
	}
	return nil
}

func renderMessage(e bus.MessageSent) []delivery {
	own := ownMessage{
		ChatID: e.Room, Kind: e.Kind, ID: e.ID, Seq: e.Seq, SenderID: e.By.User,
		Content: bus.Gist(e.Type, e.Content, e.Attachment), Timestamp: moment(e.At), ClientID: e.ClientID,
		Attachment: attachmentOf(e.Type, e.Content, e.Attachment),
	}
	got := received{
		ChatID: e.Room, GroupID: groupOnly(e.Place), ID: e.ID, Seq: e.Seq, Sender: e.ByName, SenderID: e.By.User,
		Content: own.Content, Timestamp: own.Timestamp, Attachment: own.Attachment,
	}
	event := byKind(e.Kind, "receive-personal-message", "receive-group-message")
	return toOthersAndOwn(e.Place, event, got, "own-message", own)
}

func renderRead(e bus.ReadMoved) []delivery {
	own := ownRead{ChatID: e.Room, Seq: e.UpTo}
	got := readAck{ChatID: e.Room, GroupID: groupOnly(e.Place), Reader: e.By.User, Seq: e.UpTo}
	event := byKind(e.Kind, "read-personal-msg-ack", "read-grp-msg-ack")
	return toOthersAndOwn(e.Place, event, got, "own-read", own)
}

// toOthersAndOwn tells the other members one thing and the asker's other connections
// another. In a self chat there are no others, and no event for them.
func toOthersAndOwn(at bus.Place, event string, arg any, ownEvent string, own any) []delivery {
	toOwn := delivery{audience{user: at.By.User, notConn: at.By.Conn}, ownEvent, own}
	if event == "" {
		return []delivery{toOwn}
	}
	return []delivery{{audience{room: true, notUser: at.By.User}, event, arg}, toOwn}
}

func byKind(k bus.Kind, personal, group string) string {
	switch k {
	case bus.Personal:
		return personal
	case bus.Group:
		return group
	}
	return ""
}

func groupOnly(p bus.Place) bus.RoomID {
	if p.Kind != bus.Group {
		return ""
	}
	return p.Room
}

// renderPersonal tells each of the two the name of the other. The creator's other tabs
// are told like a partner, because the creator's event takes the screen.
func renderPersonal(e bus.RoomCreated) []delivery {
	var partner bus.Member
	for _, m := range e.Members {
		if m.User != e.By.User {
			partner = m
		}
	}
	says := func(name string, id auth.UserID, picture string) personalCreated {
		return personalCreated{
			ChatID: e.Room, Partner: name, PartnerID: id, Picture: pictureURL(picture), Timestamp: moment(e.At),
		}
	}
	return []delivery{
		{audience{conn: e.By.Conn}, "create-personal-chat-creator", says(partner.Name, partner.User, partner.Picture)},
		{audience{user: e.By.User, notConn: e.By.Conn}, "create-personal-chat-partner", says(partner.Name, partner.User, partner.Picture)},
		{audience{user: partner.User}, "create-personal-chat-partner", says(e.ByName, e.By.User, e.ByPicture)},
	}
}

func renderGroup(e bus.RoomCreated) []delivery {
	made := madeGroup(e.Place, e.Name, e.Picture)
	return []delivery{
		{audience{conn: e.By.Conn}, "create-group-chat-creator", made},
		{audience{room: true, notConn: e.By.Conn}, "create-group-chat-receiver", made},
	}
}

// renderAdded gives the new one a list item first: a page shows only what it has one for.
func renderAdded(e bus.MemberAdded) []delivery {
	news := newsOf(e.Place)
	news.Member, news.Name = e.Member.User, e.Member.Name
	return []delivery{
		{audience{user: e.Member.User}, "create-group-chat-receiver", madeGroup(e.Place, e.Name, e.Picture)},
		{audience{user: e.Member.User}, "new-grp-added", news},
		{audience{room: true, notUser: e.Member.User}, "add-member-success", news},
	}
}

func renderKicked(e bus.MemberRemoved) []delivery {
	news := newsOf(e.Place)
	news.GroupName, news.Member, news.Name = e.Name, e.Member.User, e.Member.Name
	return []delivery{
		{audience{conn: e.By.Conn}, "kickout-successful", news},
		{audience{user: e.Member.User}, "kicked-out", news},
		{audience{room: true, notUser: e.Member.User, notConn: e.By.Conn}, "someone-kicked-out", news},
	}
}

func renderLeft(e bus.MemberRemoved) []delivery {
	news := newsOf(e.Place)
	news.GroupName, news.User, news.Name = e.Name, e.Member.User, e.Member.Name
	bye := news
	bye.Message = "You left " + e.Name
	return []delivery{
		{audience{user: e.Member.User}, "group-left-success", bye},
		{audience{room: true, notUser: e.Member.User}, "user-left-grp", news},
	}
}

func newsOf(p bus.Place) groupNews {
	return groupNews{GroupID: p.Room, ChatID: p.Room, By: p.By.User, Seq: p.Seq}
}

func madeGroup(p bus.Place, name, picture string) groupCreated {
	return groupCreated{
		GroupID: p.Room, ChatID: p.Room, Name: name, Picture: pictureURL(picture), Seq: p.Seq, Timestamp: moment(p.At),
	}
}
