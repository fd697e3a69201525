package mailer

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"sync"
	"time"

	"expresschat/templates"
)

// maxMails bounds what a Mailbox keeps.
const maxMails = 200

// sentAtLayout is RFC 3339 with milliseconds; in UTC it ends in Z.
const sentAtLayout = "2006-01-02T15:04:05.000Z07:00"

// Mail is a mail that a Mailbox took in. Its ID is that of its posting.
type Mail struct {
	ID      string    `json:"id"`
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	SentAt  time.Time `json:"sentAt"`
}

// MarshalJSON writes SentAt in UTC with exactly three decimals.
func (m Mail) MarshalJSON() ([]byte, error) {
	type plain Mail // without this method
	return json.Marshal(struct {
		plain
		SentAt string `json:"sentAt"`
	}{plain(m), m.SentAt.UTC().Format(sentAtLayout)})
}

// Mailbox is a Sender for development: it keeps the latest 200 mails in memory, and as
// an http.Handler it shows them to this machine. It may be used from many goroutines.
type Mailbox struct {
	set  *templates.Set
	urls *regexp.Regexp

	mu    sync.Mutex
	mails []Mail // oldest first
}

var _ Sender = (*Mailbox)(nil)

// NewMailbox makes an empty mailbox that shows itself with the page of set.
func NewMailbox(set *templates.Set) *Mailbox {
	return &Mailbox{
		set:  set,
		urls: regexp.MustCompile(`https?://[^\s<>"'\x60]*[^\s<>"'\x60.,;:!?)\]}]`),
	}
}

// Send takes p in; it never fails. A repeat of a mail that is there is dropped, as a
// mail server would.
func (b *Mailbox) Send(_ context.Context, p Posting) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if slices.ContainsFunc(b.mails, func(m Mail) bool { return m.ID == p.ID }) {
		return nil
	}
	if len(b.mails) == maxMails {
		b.mails = slices.Delete(b.mails, 0, 1)
	}
	b.mails = append(b.mails, Mail{
		ID:      p.ID,
		To:      p.Letter.To,
		Subject: p.Letter.Subject,
		Text:    p.Letter.Text,
		HTML:    p.Letter.HTML,
		SentAt:  time.Now().UTC(),
	})
	return nil
}

// Mails returns a copy of what is there, newest first; never nil.
func (b *Mailbox) Mails() []Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	mails := make([]Mail, len(b.mails))
	copy(mails, b.mails)
	slices.Reverse(mails)
	return mails
}
