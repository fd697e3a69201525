package vchat

import (
	"encoding/json"
	"strings"

	"expresschat/bus"
	"expresschat/chat"
	"expresschat/server/problem"
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
	f, err := readForm(q.Request())
	if err != nil {
		return nil, err
	}
	id, err := roomID(f, "roomId")
	if err != nil {
		return nil, err
	}
	draft := chat.Draft{Room: id, Kind: kind, Type: bus.Type(f.get("type", "messageType")), Content: f.get("content")}
	if draft.Type == "" {
		draft.Type = bus.Text
	}
	if f.files || isMedia(draft.Type) {
		return nil, errNoFiles
	}
	if draft.Attachment, err = readAttachment(f.get("attachment"), draft.Type); err != nil {
		return nil, err
	}
	if err := d.send(q, draft); err != nil {
		return nil, err
	}
	return "Sent", nil
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

// isMedia tells whether a message of that type is about a file.
func isMedia(t bus.Type) bool {
	switch t {
	case bus.Voice, bus.Image, bus.Video, bus.File:
		return true
	}
	return false
}

// readAttachment reads the JSON text of an attachment, in which "null" means nothing. Only
// what answers or passes on another message may name files.
func readAttachment(text string, t bus.Type) (*bus.Attachment, error) {
	if text == "" || text == "null" {
		return nil, nil
	}
	var given map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &given) != nil {
		return nil, problem.ErrBadInput
	}
	if len(given) == 0 {
		return nil, nil
	}
	value := func(name string) *string {
		if raw, there := given[name]; there {
			return set(raw)
		}
		return nil
	}
	a := &bus.Attachment{
		Size: value("fileSize"), Duration: value("fileDuration"), Width: value("width"), Height: value("height"),
		Latitude: value("lat"), Longitude: value("lang"),
		LinkTitle: value("linkTitle"), LinkText: value("linkDescription"), LinkURL: value("linkDataUrl"),
	}
	if t == bus.Reply || t == bus.Forward {
		a.Picture, a.File = fileName(value("imageUrl")), fileName(value("playUrl"))
	}
	return a, nil
}

// set is a value that clients give as text or, some, as a number.
func set(raw json.RawMessage) *string {
	values := text(raw)
	if len(values) == 0 || values[0] == "null" {
		return nil
	}
	return &values[0]
}

// fileName leaves out what is more than the name of a file.
func fileName(s *string) *string {
	if s == nil || *s == "" || strings.ContainsAny(*s, `/\:?#%`) || strings.HasPrefix(*s, ".") {
		return nil
	}
	return s
}
