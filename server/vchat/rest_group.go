package vchat

import (
	"errors"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
	"expresschat/server/problem"
)

// membersShown is how many members of a group a page has.
const membersShown = 20

func (d *Door) createGroup(q request) (any, error) {
	var made groups.Created
	in := d.ownPicture(q, func(f form) error { return checkName(f.get("title"), groups.ErrBadName) })
	err := d.withFiles(q.Request(), in, func(f form) error {
		members, err := d.findAll(q, f.list("peerEmails"))
		if err != nil {
			return err
		}
		made, err = d.groups.Create(q.Request().Context(), q.actor(), groups.Plan{
			Name: f.get("title"), Picture: f.picture(), Members: members,
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return d.view(q, made.Group)
}

// checkName spares a file that comes with a name that will be refused. One that has not come
// yet is judged when it is there.
func checkName(name string, refusal error) error {
	if _, err := auth.CleanName(name); name != "" && err != nil {
		return refusal
	}
	return nil
}

func (d *Door) findAll(q request, keys []string) ([]auth.UserID, error) {
	if len(keys) > maxPeers {
		return nil, groups.ErrFull
	}
	found := make([]auth.UserID, len(keys))
	for i, key := range keys {
		id, err := d.find(q, key)
		if err != nil {
			return nil, err
		}
		found[i] = id
	}
	return found, nil
}

// maxPeers bounds how many a request may name; how many a group may have is the domain's.
const maxPeers = 1000

// addMembers goes on past those who are in already, so that it can be tried again.
func (d *Door) addMembers(q request) (any, error) {
	f, err := readForm(q.Request())
	if err != nil {
		return nil, err
	}
	group, err := roomID(f, "roomId")
	if err != nil {
		return nil, err
	}
	peers, err := d.findAll(q, f.list("peersId"))
	if err != nil {
		return nil, err
	}
	if len(peers) == 0 {
		return nil, problem.ErrBadInput
	}
	for _, peer := range peers {
		err := d.groups.Add(q.Request().Context(), q.actor(), group, peer)
		if err != nil && !errors.Is(err, groups.ErrAlreadyMember) {
			return nil, err
		}
	}
	return "They are in the group", nil
}

// kickMember without a member, and with a group, is leaving.
func (d *Door) kickMember(q request) (any, error) {
	f, err := readForm(q.Request())
	if err != nil {
		return nil, err
	}
	if f.get("peerId") == "" && f.get("roomId") == "" && f.get("groupId") != "" {
		return d.leave(q, f)
	}
	group, peer, err := d.groupAndPeer(q, f)
	if err != nil {
		return nil, err
	}
	if err := d.groups.Kick(q.Request().Context(), q.actor(), group, peer); err != nil {
		return nil, err
	}
	return "They are no longer in the group", nil
}

func (d *Door) leaveGroup(q request) (any, error) {
	f, err := readForm(q.Request())
	if err != nil {
		return nil, err
	}
	return d.leave(q, f)
}

func (d *Door) leave(q request, f form) (any, error) {
	group, err := roomID(f, "groupId", "roomId")
	if err != nil {
		return nil, err
	}
	if err := d.groups.Retire(q.Request().Context(), q.actor(), group); err != nil {
		return nil, err
	}
	return "You left the group", nil
}

func (d *Door) groupAndPeer(q request, f form) (bus.RoomID, auth.UserID, error) {
	group, err := roomID(f, "roomId", "groupId")
	if err != nil {
		return "", "", err
	}
	peer, err := d.find(q, f.get("peerId"))
	return group, peer, err
}

func (d *Door) changeGroup(q request) (any, error) {
	var group bus.RoomID
	in := d.ownPicture(q, func(f form) error { return d.mayChange(q, f) })
	err := d.withFiles(q.Request(), in, func(f form) (err error) {
		if group, err = roomID(f, "roomId"); err != nil {
			return err
		}
		return d.groups.SetLooks(q.Request().Context(), q.actor(), group, looksOf(f))
	})
	if err != nil {
		return nil, err
	}
	r, err := d.view(q, group)
	return groupInfo{Name: r.Title, ImageThumb: r.ThumbImage}, err
}

// mayChange keeps who may not change a group from sending a picture for nothing.
func (d *Door) mayChange(q request, f form) error {
	if f.get("roomId") == "" {
		return nil // it comes after the picture
	}
	group, err := roomID(f, "roomId")
	if err != nil {
		return err
	}
	if err := d.groups.MayManage(q.Request().Context(), q.actor(), group); err != nil {
		return err
	}
	return checkName(f.get("groupName"), groups.ErrBadName)
}

// looksOf is what a request wants changed. What names neither wants another name, without
// saying which.
func looksOf(f form) (l groups.Looks) {
	name, picture := f.get("groupName"), f.picture()
	if name != "" || picture == "" {
		l.Name = &name
	}
	if picture != "" {
		l.Picture = &picture
	}
	return l
}

func (d *Door) changeRole(q request) (any, error) {
	f, err := readForm(q.Request())
	if err != nil {
		return nil, err
	}
	change, said := d.groups.Promote, "They are an admin now"
	switch f.get("state") {
	case "admin":
	case "member":
		change, said = d.groups.Demote, "They are an ordinary member now"
	default:
		return nil, problem.ErrBadInput
	}
	group, peer, err := d.groupAndPeer(q, f)
	if err != nil {
		return nil, err
	}
	if err := change(q.Request().Context(), q.actor(), group, peer); err != nil {
		return nil, err
	}
	return said, nil
}

func (d *Door) groupMembers(q request) (any, error) {
	page, err := pageOf(q, "lastIndex", 1)
	if err != nil {
		return nil, err
	}
	group, err := bus.ParseRoomID(q.QueryParam("roomId"))
	if err != nil {
		return nil, chat.ErrNotMember
	}
	people, roles, err := d.views.Members(q.Request().Context(), q.who.User.ID, group, page*membersShown, membersShown)
	if err != nil {
		return nil, err
	}
	list := make([]member, len(people))
	for i, p := range people {
		list[i] = member{ID: p.ID, ImageThumb: picture(p.Picture), Email: emailOf(p), Name: p.Name, Role: roleOf(roles[i])}
	}
	return list, nil
}
