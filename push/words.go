package push

import (
	"unicode/utf8"

	"expresschat/bus"
)

// shownText is how much of a text is in a notification, in characters.
const shownText = 200

// Without content a notification names nobody, and has a title only.
const bareTitle = "ExpressChat"

// word puts a message into the words of a notification.
func word(m Message) (title, body string) {
	body = cut(bus.Gist(m.Type, m.Content, m.Attachment), shownText)
	if m.Kind == bus.Group {
		return m.Group, m.SenderName + ": " + body
	}
	return m.SenderName, body
}

// cut shortens a text to so many characters, the sign of it included.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	end := 0
	for range most - 1 {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	return s[:end] + "…"
}

// stripped is what of a message may leave the server where no content may: that there is one.
func stripped(m Message) Message {
	return Message{ID: m.ID, Room: m.Room, Kind: m.Kind, Seq: m.Seq, Type: bus.Text, At: m.At, Sender: m.Sender}
}
