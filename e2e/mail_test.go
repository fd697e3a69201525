package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

var errNoCode = errors.New("no code in the mail")

// letter is a mail in the development mailbox.
type letter struct {
	To      string `json:"to"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
}

// letters returns the mails to an address, newest first.
func (s *server) letters(ctx context.Context, to string) ([]letter, error) {
	a, err := s.request(ctx, http.MethodGet, "/dev/mailbox?"+url.Values{"to": {to}}.Encode(), nil, header("Accept", "application/json"))
	if err != nil {
		return nil, fmt.Errorf("open the mailbox: %w", err)
	}
	if a.status != http.StatusOK {
		return nil, fmt.Errorf("open the mailbox: status %d: %s", a.status, a.short())
	}
	var mine []letter
	if err := json.Unmarshal([]byte(a.body), &mine); err != nil {
		return nil, fmt.Errorf("read the mailbox: %w", err)
	}
	return mine, nil
}

// awaitLetter waits until n mails have come to an address, and returns the newest.
func (s *server) awaitLetter(ctx context.Context, to string, n int) (letter, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var newest letter
	err := poll(ctx, fmt.Sprintf("mail %d to %s", n, to), func() (bool, error) {
		got, err := s.letters(ctx, to)
		if err != nil || len(got) < n {
			return false, err
		}
		newest = got[0]
		return true, nil
	})
	return newest, err
}

// address returns the verification link in a mail, as it stands there.
func (l letter) address() (*url.URL, error) {
	found := regexp.MustCompile(`https?://[^\s"'<>]+`).FindAllString(l.Text, -1)
	for _, address := range found {
		u, err := url.Parse(address)
		if err == nil && strings.EqualFold(u.Path, "/verify") && u.Query().Get("token") != "" {
			return u, nil
		}
	}
	return nil, fmt.Errorf("%w: no link to /verify: %s", errNoCode, l.Text)
}

// link returns path and query of the verification link in a mail.
func (l letter) link() (string, error) {
	u, err := l.address()
	if err != nil {
		return "", err
	}
	return u.RequestURI(), nil
}

// token returns the code in the link of a mail.
func (l letter) token() (string, error) {
	u, err := l.address()
	if err != nil {
		return "", err
	}
	return u.Query().Get("token"), nil
}

// digits returns the six-digit code in a mail to an app.
func (l letter) digits() (string, error) {
	code := regexp.MustCompile(`\b\d{6}\b`).FindString(l.Text)
	shared.confided.note(code)
	if code == "" {
		return "", fmt.Errorf("%w: no six digits: %s", errNoCode, l.Text)
	}
	return code, nil
}

// verifyPath is where a code is presented.
func verifyPath(email, code, source string) string {
	query := url.Values{"email": {email}, "token": {code}}
	if source != "" {
		query.Set("source", source)
	}
	return "/verify?" + query.Encode()
}
