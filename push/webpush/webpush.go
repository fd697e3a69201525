// Package webpush tells browsers by their own push services (RFC 8030), encrypted for the
// browser alone (RFC 8291) and signed by this server (VAPID, RFC 8292). Where a browser's
// push service is, a client says: the package promises to ask nobody in a private network,
// to follow nobody elsewhere, and not to wait for long.
package webpush

import (
	"context"
	"crypto/ecdh"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/SherClockHolmes/webpush-go"

	"expresschat/bus"
	"expresschat/push"
)

const (
	connectTimeout = 5 * time.Second
	requestTimeout = 10 * time.Second
	// maxAnswer and maxHeader are what is read of an answer, in bytes.
	maxAnswer = 4 << 10
	maxHeader = 16 << 10
	// idleConns are kept for each push service, of which there are a few.
	idleConns   = 4
	idleTimeout = 90 * time.Second
	// topicBytes of a hash name a room to push services: 32 characters, as many as they take.
	topicBytes = 24
)

// Options are what a Sender is made of.
type Options struct {
	// Key is the private key of the server, as ParseKey or NewKey returns it.
	Key *ecdh.PrivateKey
	// Subscriber is whom push services can write to about this server: a mail address, or an
	// https URL.
	Subscriber string
	// Loopback lets push services be on this machine, and nowhere else, for tests. Roots
	// are the certificates that are trusted; nil for the system's.
	Loopback bool
	Roots    *x509.CertPool
}

// Sender implements push.Sender for devices of kind push.Web.
type Sender struct {
	options webpush.Options
	public  string
	reach   reach
}

// NewKey makes a key. It is for ever: browsers subscribe with its public half.
func NewKey() (string, error) {
	private, _, err := webpush.GenerateVAPIDKeys()
	return private, err
}

// ParseKey reads a private key: 32 bytes in base64url, padded or not.
func ParseKey(text string) (*ecdh.PrivateKey, error) {
	raw, err := decode(text)
	if err != nil {
		return nil, errors.New("not base64url")
	}
	key, err := ecdh.P256().NewPrivateKey(raw)
	if err != nil {
		return nil, errors.New("not a private key of P-256")
	}
	return key, nil
}

// New makes a Sender.
func New(o Options) *Sender {
	s := &Sender{public: base64.RawURLEncoding.EncodeToString(o.Key.PublicKey().Bytes()), reach: public}
	if o.Loopback {
		s.reach = loopback
	}
	dialer := &net.Dialer{Timeout: connectTimeout, Control: s.reach.control}
	s.options = webpush.Options{
		HTTPClient: &http.Client{
			Timeout:       requestTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{ // without a proxy, which would do the dialing
				DialContext: dialer.DialContext, TLSHandshakeTimeout: connectTimeout, ForceAttemptHTTP2: true,
				TLSClientConfig:       &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
				ResponseHeaderTimeout: requestTimeout, MaxResponseHeaderBytes: maxHeader,
				MaxIdleConnsPerHost: idleConns, IdleConnTimeout: idleTimeout,
			},
		},
		Subscriber: o.Subscriber, Urgency: webpush.UrgencyHigh,
		VAPIDPublicKey: s.public, VAPIDPrivateKey: base64.RawURLEncoding.EncodeToString(o.Key.Bytes()),
	}
	return s
}

// Key is what browsers subscribe with: the public key, an uncompressed point in base64url.
func (s *Sender) Key() string { return s.public }

// payload is what the page's service worker is told.
type payload struct {
	Title  string        `json:"title"`
	Body   string        `json:"body"`
	ChatID bus.RoomID    `json:"chatId"`
	Kind   bus.Kind      `json:"kind"`
	ID     bus.MessageID `json:"id"`
}

// Send implements push.Sender. Of a room only the newest message waits at a push service for
// a browser that is off: who comes back is told once of each chat, and not a hundred times.
// The urgency is high, as a phone that sleeps leaves what is normal for later.
func (s *Sender) Send(ctx context.Context, d push.Device, n push.Notification) error {
	text, err := json.Marshal(payload{n.Title, n.Body, n.Message.Room, n.Message.Kind, n.Message.ID})
	if err != nil {
		return fmt.Errorf("%w: encode", push.ErrRefused)
	}
	to := &webpush.Subscription{Endpoint: d.Token, Keys: webpush.Keys{
		P256dh: base64.RawURLEncoding.EncodeToString(d.P256dh), Auth: base64.RawURLEncoding.EncodeToString(d.Auth),
	}}
	options := s.options
	options.TTL = max(0, int(time.Until(n.Until).Seconds()))
	options.Topic = topic(d.ID, n.Message.Room)
	answer, err := webpush.SendNotificationWithContext(ctx, text, to, &options)
	if err != nil {
		return failure(err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer)) // so that the connection lasts
	return verdict(answer)
}

// Service implements push.Sender: a push service is a host.
func (s *Sender) Service(d push.Device) string {
	u, err := url.Parse(d.Token)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// topic names a room to a push service, so that it can't tell who else is in it.
func topic(d push.DeviceID, room bus.RoomID) string {
	sum := sha256.Sum256([]byte(string(d) + " " + string(room)))
	return base64.RawURLEncoding.EncodeToString(sum[:topicBytes])
}

// failure is what can be told of a request that failed: its own error has the endpoint in it.
func failure(err error) error {
	var timeout net.Error
	var op *net.OpError
	switch {
	case errors.Is(err, webpush.ErrMaxPadExceeded):
		return fmt.Errorf("%w: too long", push.ErrRefused)
	case errors.Is(err, errReach):
		return push.Delayed(0, "push service is where none may be")
	case errors.As(err, &timeout) && timeout.Timeout():
		return push.Delayed(0, "push service did not answer in time")
	case errors.As(err, &op):
		return push.Delayed(0, "no connection to push service")
	}
	return push.Delayed(0, "request to push service failed")
}

// verdict is what an answer means (RFC 8030, sections 5 and 7.3). A server that is away says so of
// itself. That there was too much, Apple's says of one subscription, and others don't tell: were
// that held against all, anybody could silence a push service by having themselves told often.
func verdict(answer *http.Response) error {
	status, after := answer.StatusCode, push.RetryAfter(answer.Header.Get("Retry-After"))
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusNotFound, status == http.StatusGone:
		return push.ErrGone
	case status >= 500:
		return push.Overloaded(after, "push service answered status %d", status)
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
		return push.Delayed(after, "push service answered status %d", status)
	}
	return fmt.Errorf("%w: status %d", push.ErrRefused, status)
}
