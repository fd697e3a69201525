package webpush

import (
	"crypto/ecdh"
	"encoding/base64"
	"net/netip"
	"net/url"
	"strings"

	"expresschat/push"
)

// secretBytes is the size of a browser's authentication secret (RFC 8291, section 3.2).
const secretBytes = 16

// Device checks what a browser says of its subscription (PushSubscription.toJSON) and returns
// the device that it is, without whose it is. The error is push.ErrSubscription.
func (s *Sender) Device(endpoint, p256dh, auth string) (push.Device, error) {
	if !s.isEndpoint(endpoint) {
		return push.Device{}, push.ErrSubscription
	}
	point, err := decode(p256dh)
	if err != nil {
		return push.Device{}, push.ErrSubscription
	}
	if _, err := ecdh.P256().NewPublicKey(point); err != nil { // 65 bytes, on the curve
		return push.Device{}, push.ErrSubscription
	}
	secret, err := decode(auth)
	if err != nil || len(secret) != secretBytes {
		return push.Device{}, push.ErrSubscription
	}
	return push.Device{Kind: push.Web, Token: endpoint, P256dh: point, Auth: secret}, nil
}

// isEndpoint refuses at once what could never be asked. Names are looked up when they are.
func (s *Sender) isEndpoint(text string) bool {
	u, err := url.Parse(text)
	if err != nil || len(text) > push.MaxToken || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		return s.reach(ip)
	}
	return true
}

// decode reads base64url, padded or not.
func decode(text string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
}
