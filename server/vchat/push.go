package vchat

import (
	"context"
	"strings"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/push"
)

// Devices is what the door asks of package push.
type Devices interface {
	Register(ctx context.Context, d push.Device) error
	Forget(ctx context.Context, session auth.SessionID, kind push.Kind, token string) error
}

// noFirebase begins what apps say in place of a token that have none.
const noFirebase = "you don't use firebase"

// pushToken is what FCM calls the app that a request came from, empty if it can't be told of
// anything.
func pushToken(f form) string {
	token := strings.TrimSpace(f.get("fcmToken"))
	if token == signedOut || strings.HasPrefix(strings.ToLower(token), noFirebase) {
		return ""
	}
	return token
}

// noteSignIn has the app told of messages that somebody has signed in with just now. Whether
// that can be kept, the sign-in is good.
func (d *Door) noteSignIn(ctx context.Context, token string, f form) {
	if d.devices == nil || pushToken(f) == "" {
		return
	}
	who, err := d.accounts.AuthenticateLong(ctx, token)
	if err != nil {
		d.report.Explain("look up a sign-in for its device", err)
		return
	}
	d.noteApp(ctx, who, f)
}

// noteApp has the app of a session told of messages, or no more if it signs out.
func (d *Door) noteApp(ctx context.Context, who auth.Identity, f form) {
	if d.devices == nil {
		return
	}
	var err error
	if token := pushToken(f); token != "" {
		err = d.devices.Register(ctx, push.Device{
			User: who.User.ID, Session: who.Session, Kind: push.FCM, Token: token, Platform: f.get("platform"),
		})
	} else if f.get("fcmToken") == signedOut {
		err = d.devices.Forget(ctx, who.Session, push.FCM, "")
	}
	if err != nil {
		d.report.Explain("note a device", err)
	}
}

// IsReading tells whether somebody reads a room in /message at this moment, and so sees what
// is said there.
func (d *Door) IsReading(room bus.RoomID, u auth.UserID) bool { return d.tables.has(room, u) }

// PushText is a message as apps get it in a notification: the text of an object.
func PushText(m push.Message) string {
	return inText(messageOf(m.Room, chat.Message{
		ID: m.ID, Seq: m.Seq, Type: m.Type, Sender: m.Sender, SenderName: m.SenderName, SenderPicture: m.SenderPicture,
		Content: m.Content, Attachment: m.Attachment, At: m.At,
	}))
}
