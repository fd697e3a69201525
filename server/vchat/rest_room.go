package vchat

import (
	"errors"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/server/problem"
)

func (d *Door) rooms(q request) (any, error) {
	page, err := pageOf(q, "page", 0)
	if err != nil {
		return nil, err
	}
	me := q.who.User.ID
	views, err := d.views.Views(q.Request().Context(), me, page*roomsShown, roomsShown)
	if err != nil {
		return nil, err
	}
	return d.roomsOf(views, me), nil
}

// view is a room as the caller sees it. The error is chat.ErrNotMember where they see none.
func (d *Door) view(q request, id bus.RoomID) (room, error) {
	me := q.who.User.ID
	views, err := d.views.ViewsOf(q.Request().Context(), id, []auth.UserID{me})
	if err != nil {
		return room{}, err
	}
	v, there := views[me]
	if !there {
		return room{}, chat.ErrNotMember
	}
	return d.roomOf(v, me), nil
}

// roomID reads an id by any of these names. One that can't be an id is answered like one
// that is unknown.
func roomID(f form, names ...string) (bus.RoomID, error) {
	text := f.get(names...)
	if text == "" {
		return "", problem.ErrBadInput
	}
	id, err := bus.ParseRoomID(text)
	if err != nil {
		return "", chat.ErrNotMember
	}
	return id, nil
}

func (d *Door) openSingle(q request) (any, error) {
	f, err := readForm(q.Request())
	if err != nil {
		return nil, err
	}
	peer, err := d.find(q, f.get("peerEmail"))
	if err != nil {
		return nil, err
	}
	text := f.get("message")
	switch { // before a room is opened in which nothing is said
	case text == "" || len(text) > chat.MaxContent:
		return nil, chat.ErrContentSize
	case !isText(text):
		return nil, chat.ErrContentText
	}
	o, err := d.chat.OpenPersonal(q.Request().Context(), q.actor(), peer)
	if err != nil {
		return nil, err
	}
	err = d.send(q, chat.Draft{Room: o.Room, Kind: bus.Personal, Type: bus.Text, Content: text})
	if err != nil {
		return nil, err
	}
	return d.view(q, o.Room)
}

func (d *Door) findSingle(q request) (any, error) {
	f, err := readForm(q.Request())
	if err != nil {
		return nil, err
	}
	peer, err := d.find(q, f.get("peerEmail"))
	if err != nil {
		return nil, err
	}
	o, err := d.chat.FindPersonal(q.Request().Context(), q.who.User.ID, peer)
	if err != nil || o.Room == "" {
		return nil, err
	}
	r, err := d.view(q, o.Room)
	if errors.Is(err, chat.ErrNotMember) {
		return nil, nil // nothing was said there yet
	}
	return r, err
}

func (d *Door) toggleMute(q request) (any, error) {
	f, err := readForm(q.Request())
	if err != nil {
		return nil, err
	}
	id, err := roomID(f, "roomId", "id")
	if err != nil {
		return nil, err
	}
	muted, err := d.private.ToggleMute(q.Request().Context(), q.actor(), id)
	if err != nil {
		return nil, err
	}
	if muted {
		return "Notifications are off", nil
	}
	return "Notifications are on", nil
}

func (d *Door) toggleBlock(q request) (any, error) {
	f, err := readForm(q.Request())
	if err != nil {
		return nil, err
	}
	peer, err := d.find(q, f.get("peerId", "id"))
	if err != nil {
		return nil, err
	}
	blocked, err := d.private.ToggleBlock(q.Request().Context(), q.actor(), peer)
	if err != nil {
		return nil, err
	}
	if blocked {
		return "The chat is blocked", nil
	}
	return "The chat is no longer blocked", nil
}
