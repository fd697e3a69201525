package mailer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"
)

// errNoAddress leaves the address out, unlike the errors of net/mail.
var errNoAddress = errors.New("not a mail address")

// envelope is a mail as SMTP carries it.
type envelope struct {
	from, to string // in angle brackets
	utf8     bool   // an address is not ASCII even so
	message  []byte
}

// compose writes p as a message. Everything but the boundary between its parts is the
// same at every attempt. The error is ErrRejected if the recipient is no address.
func (s *SMTP) compose(p Posting) (envelope, error) {
	to, err := parseAddress(p.Letter.To)
	if err != nil {
		return envelope{}, fmt.Errorf("%w: recipient: %w", ErrRejected, err)
	}
	to.Name = ""

	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(s.from)
	m.ToMailAddress(to)
	m.Subject(p.Letter.Subject)
	m.SetMessageIDWithValue(s.messageID(p.ID))
	m.SetDateWithValue(p.CreatedAt)
	// Keeps holiday notes from answering (RFC 3834).
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetBodyString(gomail.TypeTextPlain, p.Letter.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, p.Letter.HTML)

	var message bytes.Buffer
	if _, err := m.WriteTo(&message); err != nil {
		return envelope{}, fmt.Errorf("write message: %w", err)
	}
	e := envelope{
		from:    (&mail.Address{Address: s.from.Address}).String(),
		to:      to.String(),
		message: message.Bytes(),
	}
	e.utf8 = !isASCII(e.from) || !isASCII(e.to)
	return e, nil
}

// messageID is the same for every attempt of one posting, so that a receiver can drop
// a repeat. It is made of a hash, because any text may be an id.
func (s *SMTP) messageID(id string) string {
	sum := sha256.Sum256([]byte(id))
	_, domain, _ := cutLast(s.from.Address, "@")
	return hex.EncodeToString(sum[:16]) + "@" + domain
}

// parseAddress reads an address, with or without a name, and writes its domain in
// ASCII, which every mail server understands. The error is errNoAddress.
func parseAddress(s string) (*mail.Address, error) {
	a, err := mail.ParseAddress(s)
	if err != nil {
		return nil, errNoAddress
	}
	local, domain, _ := cutLast(a.Address, "@")
	if !isASCII(domain) {
		if domain, err = idna.Lookup.ToASCII(domain); err != nil {
			return nil, errNoAddress
		}
		a.Address = local + "@" + domain
	}
	return a, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
