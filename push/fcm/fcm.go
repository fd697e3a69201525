// Package fcm tells apps by Firebase Cloud Messaging, with its HTTP v1 API. It promises that
// what it sends fits, is valid whatever was cut off, and that its errors name neither an app
// nor what was said.
package fcm

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/jwt"

	"expresschat/push"
)

const (
	// DefaultURL is Google's.
	DefaultURL = "https://fcm.googleapis.com"
	scope      = "https://www.googleapis.com/auth/firebase.messaging"

	requestTimeout = 10 * time.Second
	maxAnswer      = 64 << 10
	// idleConns are kept to send over; idleTimeout is shorter than Google's.
	idleConns   = 8
	idleTimeout = 90 * time.Second
	// renewAfter keeps a token that is refused from being renewed for every notification.
	renewAfter = time.Minute
)

// Options are what a Sender is made of.
type Options struct {
	// Credentials are the JSON of a service account.
	Credentials []byte
	// URL is where notifications go, without a path; empty for DefaultURL.
	URL string
	// Render is a message as the app shows it: the text of a JSON object.
	Render func(push.Message) string
}

// Sender implements push.Sender for devices of kind push.FCM.
type Sender struct {
	url    string
	render func(push.Message) string
	config *jwt.Config
	client *http.Client

	mu     sync.Mutex
	tokens oauth2.TokenSource
	since  time.Time // when tokens was made
}

// CheckURL tells whether URL will do.
func (o Options) CheckURL() error {
	_, err := baseURL(o.URL)
	return err
}

// New makes a Sender. It asks nobody yet: the error tells what is wrong with the options, and
// shows nothing of the credentials.
func New(o Options) (*Sender, error) {
	config, project, err := readCredentials(o.Credentials)
	if err != nil {
		return nil, err
	}
	base, err := baseURL(o.URL)
	if err != nil {
		return nil, err
	}
	s := &Sender{
		url: base + "/v1/projects/" + url.PathEscape(project) + "/messages:send", render: o.Render, config: config,
		client: &http.Client{Timeout: requestTimeout, Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: idleConns,
			IdleConnTimeout: idleTimeout, TLSHandshakeTimeout: requestTimeout,
		}},
	}
	s.renew(time.Now())
	return s, nil
}

// account is the JSON of a service account, as far as it is used.
type account struct {
	Type     string `json:"type"`
	Project  string `json:"project_id"`
	Email    string `json:"client_email"`
	Key      string `json:"private_key"`
	KeyID    string `json:"private_key_id"`
	TokenURL string `json:"token_uri"`
}

// readCredentials checks all that is used of them.
func readCredentials(text []byte) (config *jwt.Config, project string, err error) {
	var a account
	if err := json.Unmarshal(text, &a); err != nil || a.Type != "service_account" {
		return nil, "", errors.New("not the JSON of a service account")
	}
	if a.Project == "" || a.Email == "" {
		return nil, "", errors.New("a service account without project_id or client_email")
	}
	if _, err := baseURL(a.TokenURL); err != nil || a.TokenURL == "" {
		return nil, "", errors.New("a service account whose token_uri is no https address")
	}
	block, _ := pem.Decode([]byte(a.Key))
	if block == nil {
		return nil, "", errors.New("a service account without a private_key in PEM")
	}
	if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
		return nil, "", errors.New("a service account whose private_key is none")
	} else if _, isRSA := key.(*rsa.PrivateKey); !isRSA {
		return nil, "", errors.New("a service account whose private_key is not of RSA")
	}
	return &jwt.Config{
		Email: a.Email, PrivateKey: []byte(a.Key), PrivateKeyID: a.KeyID, Scopes: []string{scope}, TokenURL: a.TokenURL,
	}, a.Project, nil
}

// baseURL is an address that a token may be sent to, without a slash at its end.
func baseURL(text string) (string, error) {
	if text == "" {
		text = DefaultURL
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		(u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname()))) {
		return "", errors.New("not an https address, nor an http one of this machine")
	}
	return strings.TrimSuffix(text, "/"), nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// renew has the next token be a new one, unless that was done a moment ago.
func (s *Sender) renew(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.since) > renewAfter {
		s.tokens = s.config.TokenSource(context.WithValue(context.Background(), oauth2.HTTPClient, s.client))
		s.since = now
	}
}

// token is one that Google gave for the credentials.
func (s *Sender) token() (string, error) {
	s.mu.Lock()
	tokens := s.tokens
	s.mu.Unlock()
	t, err := tokens.Token()
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused):
		return "", overloaded(refused.Response, "credentials were not taken: status %d", refused.Response.StatusCode)
	case err != nil: // whose text may have the account's name
		return "", push.Delayed(0, "no token for the credentials: %s", why(err))
	}
	return t.AccessToken, nil
}

// Service implements push.Sender: a project is one to FCM, whatever the device.
func (s *Sender) Service(push.Device) string { return "" }

// Send implements push.Sender.
func (s *Sender) Send(ctx context.Context, d push.Device, n push.Notification) error {
	body, err := json.Marshal(request{s.message(d, n)})
	if err != nil {
		return fmt.Errorf("%w: encode: %w", push.ErrRefused, err)
	}
	token, err := s.token()
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: no request", push.ErrRefused)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json; charset=UTF-8")
	answer, err := s.client.Do(r)
	if err != nil {
		return push.Delayed(0, "FCM can't be reached: %s", why(err))
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, maxAnswer)) // cut off, it tells less
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return s.failure(answer, text)
}

// why is what can be told of a failed request: its own error has the address in it.
func why(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "cut off"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return "no connection"
	}
	return "the connection failed"
}
