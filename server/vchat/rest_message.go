package vchat

import (
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/media"
	"expresschat/server/limits"
)

// beforeAll is the name of no message: a page that ends before it is empty.
const beforeAll bus.MessageID = "00000000-0000-0000-0000-000000000000"

func (d *Door) messagesBefore(q request) (any, error) {
	id, err := bus.ParseRoomID(q.QueryParam("roomId"))
	if err != nil {
		return nil, chat.ErrNotMember
	}
	p := chat.Page{Limit: messagesShown, System: true}
	if last := q.QueryParam("lastId"); last != "" && last != "first" {
		p.BeforeID = beforeAll
		if before, err := bus.ParseRoomID(last); err == nil { // all ids have one form
			p.BeforeID = bus.MessageID(before)
		}
	}
	h, _, err := d.history(q.Request().Context(), q.who.User.ID, id, p)
	if err != nil {
		return nil, err
	}
	return messagesOf(h), nil
}

func (d *Door) sendSingle(q request) (any, error) { return d.sendTo(q, bus.Personal) }

func (d *Door) sendGroup(q request) (any, error) { return d.sendTo(q, bus.Group) }

func (d *Door) sendTo(q request, kind bus.Kind) (any, error) {
	in := intake{owner: q.who.User.ID, next: func(f form) (media.Upload, error) { return d.nextFile(q, f, kind) }}
	return "Sent", d.withFiles(q.Request(), in, func(f form) error {
		draft, err := d.draftOf(q, f, kind)
		if err != nil {
			return err
		}
		return d.send(q, draft)
	})
}

func typeOf(f form) bus.Type { return bus.Type(f.get("type", "messageType")) }

// nextFile is as what the next file of a message is stored. If the type is not known yet, or
// it is the first file of a video, which may be its picture, that is left to its content:
// attach judges it when all is there.
func (d *Door) nextFile(q request, f form, kind bus.Kind) (media.Upload, error) {
	t, nth := typeOf(f), len(f.files)
	most := filesOf(t)
	if t == "" {
		most = filesOf(bus.Video)
	}
	switch {
	case most == 0:
		return media.Upload{}, errFileUnasked
	case nth == most:
		return media.Upload{}, errManyFiles
	case nth == 0:
		if err := d.mayUpload(q, f, kind); err != nil {
			return media.Upload{}, err
		}
	}
	u := media.Upload{Place: media.Messages, Type: t}
	switch {
	case t == bus.Video && nth == 0:
		u.Type = ""
	case t == bus.Video && f.files[0].Type != bus.Image:
		return media.Upload{}, errThumbnail
	}
	return u, nil
}

// mayUpload keeps strangers, and people whose chat is blocked, from sending files for nothing.
// Of a room that is named only after the file, the send says it.
func (d *Door) mayUpload(q request, f form, kind bus.Kind) error {
	if err := d.users.Spend(string(q.who.User.ID), limits.File); err != nil {
		return err
	}
	if f.get("roomId") == "" {
		return nil
	}
	id, err := roomID(f, "roomId")
	if err != nil {
		return err
	}
	return d.private.MayWrite(q.Request().Context(), q.who.User.ID, id, kind)
}

func (d *Door) draftOf(q request, f form, kind bus.Kind) (chat.Draft, error) {
	id, err := roomID(f, "roomId")
	if err != nil {
		return chat.Draft{}, err
	}
	draft := chat.Draft{Room: id, Kind: kind, Type: typeOf(f), Content: f.get("content")}
	if draft.Type == "" {
		draft.Type = bus.Text
	}
	said, err := readAttachment(f.get("attachment"), draft.Type)
	if err != nil {
		return chat.Draft{}, err
	}
	if draft.Attachment, err = attach(draft.Type, f.files, said); err != nil {
		return chat.Draft{}, err
	}
	if filesOf(draft.Type) == 0 && draft.Attachment != nil {
		err = d.keep(q.Request().Context(), draft.Attachment)
	}
	return draft, err
}

// send returns when the message is committed.
func (d *Door) send(q request, draft chat.Draft) error {
	ctx := q.Request().Context()
	done := make(chan error, 1)
	d.chat.Send(q.actor(), draft, func(_ chat.Receipt, err error) { done <- err })
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
