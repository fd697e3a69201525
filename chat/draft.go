package chat

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"expresschat/bus"
)

// Bounds of a message, in bytes of UTF-8 and in characters.
const (
	MaxContent    = 16 << 10
	MaxAttachment = 8 << 10 // as JSON
	MaxClientID   = 64
)

// Draft is a message that has no place yet.
type Draft struct {
	Room       bus.RoomID
	Kind       bus.Kind // the room has to be of this kind
	Type       bus.Type // of those that people send; empty for text
	Content    string   // may be empty only beside an attachment
	Attachment *bus.Attachment
	// ClientID is the sender's own name for the message. One that was used before by
	// the same sender in the same room stores nothing and gets the first receipt.
	ClientID string
}

// Size is what the draft takes of memory while it waits, in bytes.
func (d Draft) Size() int {
	size := len(d.Content)
	if d.Attachment == nil {
		return size
	}
	for _, s := range texts(d.Attachment) {
		if s != nil {
			size += len(*s)
		}
	}
	return size
}

func (d Draft) validate() error {
	switch {
	case d.Type != "" && !d.Type.SaidByPeople():
		return ErrType
	case len(d.Content) > MaxContent || (d.Content == "" && isEmpty(d.Attachment)):
		return ErrContentSize
	case !isText(d.Content):
		return ErrContentText
	case utf8.RuneCountInString(d.ClientID) > MaxClientID || !isText(d.ClientID):
		return ErrClientID
	case d.Attachment != nil:
		return checkAttachment(d.Attachment)
	}
	return nil
}

func checkAttachment(a *bus.Attachment) error {
	for _, s := range texts(a) {
		if s != nil && (len(*s) > MaxAttachment || !isText(*s)) { // no JSON is made of what is too long
			return ErrAttachment
		}
	}
	if encoded, err := json.Marshal(a); err != nil || len(encoded) > MaxAttachment {
		return ErrAttachment
	}
	return nil
}

// isEmpty reports whether an attachment has nothing to show.
func isEmpty(a *bus.Attachment) bool { return a == nil || *a == bus.Attachment{} }

// isText reports whether a store can keep s as it is.
func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// texts are all that an attachment says.
func texts(a *bus.Attachment) [14]*string {
	return [...]*string{
		a.Picture, a.File, a.Thumb, a.Name, a.MIME, a.Size, a.Duration, a.Width, a.Height,
		a.Latitude, a.Longitude, a.LinkTitle, a.LinkText, a.LinkURL,
	}
}
