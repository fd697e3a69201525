package main

import (
	"crypto/ecdh"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/push"
	"expresschat/push/fcm"
	"expresschat/push/webpush"
	"expresschat/server/vchat"
)

// pushConfig is the settings of notifications once they make sense.
type pushConfig struct {
	apps     *fcm.Sender // nil: none are told
	key      *ecdh.PrivateKey
	content  bool
	loopback bool
}

func (c *config) checkPush() (err error) {
	switch c.PushContent {
	case "true":
		c.push.content = true
	case "false":
	default:
		return wrong("CHAT_PUSH_CONTENT", `"true" or "false"`)
	}
	switch {
	case c.PushLoopback == "on" && !c.onLoopback():
		return wrong("CHAT_PUSH_LOOPBACK", `"off", because "on" is for tests on a loopback address, and CHAT_ADDR is none`)
	case c.PushLoopback != "on" && c.PushLoopback != "off":
		return wrong("CHAT_PUSH_LOOPBACK", `"on" or "off"`)
	}
	c.push.loopback = c.PushLoopback == "on"
	if c.VAPIDKey != "" {
		if c.push.key, err = webpush.ParseKey(c.VAPIDKey); err != nil {
			return wrong("CHAT_VAPID_KEY", "a private key of P-256, 32 bytes in base64url")
		}
	}
	return c.checkFCM()
}

func (c *config) checkFCM() (err error) {
	probe := fcm.Options{URL: c.FCMURL}
	if err := probe.CheckURL(); err != nil {
		return wrong("CHAT_FCM_URL", `an https address, like "`+fcm.DefaultURL+`"`)
	}
	if c.FCMCredentials == "" {
		return nil
	}
	credentials := []byte(c.FCMCredentials)
	if !strings.HasPrefix(strings.TrimSpace(c.FCMCredentials), "{") {
		if credentials, err = os.ReadFile(c.FCMCredentials); err != nil {
			return wrong("CHAT_FCM_CREDENTIALS", "the JSON of a service account, or a file with it that can be read")
		}
	}
	c.push.apps, err = fcm.New(fcm.Options{Credentials: credentials, URL: c.FCMURL, Render: vchat.PushText})
	if err != nil {
		return wrong("CHAT_FCM_CREDENTIALS", fmt.Sprintf("the JSON of a service account, and this is %v", err))
	}
	return nil
}

// vapidKey is the key that was set, or else the one that is kept in the data dir, which is
// made at the first start.
func vapidKey(c config) (*ecdh.PrivateKey, error) {
	if c.push.key != nil {
		return c.push.key, nil
	}
	path := filepath.Join(c.DataDir, "vapid_key")
	kept, err := keep(c.DataDir, path, webpush.NewKey)
	if err != nil {
		return nil, err
	}
	key, err := webpush.ParseKey(kept)
	if err != nil {
		return nil, fmt.Errorf("%s holds no key: remove it to have a new one made, with which browsers have to subscribe anew", path)
	}
	return key, nil
}

// subscriber is whom push services can write to: who sends the mail, if that is anybody.
func (c *config) subscriber() string {
	from, err := mail.ParseAddress(c.MailFrom)
	unset := err != nil || strings.HasSuffix(from.Address, "@localhost")
	if unset && c.publicURL.Scheme == "https" {
		return c.publicURL.String()
	}
	if err != nil {
		return "no-reply@localhost"
	}
	return from.Address
}

// openPush makes what tells those who are away. Who reads a room, the VChat door knows, which
// is opened later, and before anything is said.
func (a *app) openPush(online *chat.Presence) error {
	key, err := vapidKey(a.config)
	if err != nil {
		return err
	}
	a.browsers = webpush.New(webpush.Options{Key: key, Subscriber: a.config.subscriber(), Loopback: a.config.push.loopback})
	senders := map[push.Kind]push.Sender{push.Web: a.browsers}
	if a.config.push.apps != nil {
		senders[push.FCM] = a.config.push.apps
	}
	a.push = push.New(push.Parts{
		Store: a.store.Push(), Senders: senders, Connected: online.Connected,
		Reads:   func(room bus.RoomID, u auth.UserID) bool { return a.vchat.IsReading(room, u) },
		Content: a.config.push.content, Returning: push.DefaultReturning, Log: a.log,
	})
	a.bus.Attach(a.push)
	return nil
}
