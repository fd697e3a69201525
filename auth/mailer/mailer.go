// Package mailer writes the mails of accounts and gets them out: over SMTP, or into a
// mailbox in memory for development. Mail waits in an outbox, which is kept with the
// accounts so that a mail exists exactly if what it tells of was committed; a Worker
// sends it, at least once, until it is accepted, refused or too old. The package knows
// nothing of accounts, codes or databases, and its logs name no address and no content.
package mailer

import (
	"context"
	"errors"
	"time"

	"expresschat/auth"
)

// ErrRejected is the error of a mail that will never be accepted as it is: the
// receiver refused the recipient or the mail for good.
var ErrRejected = errors.New("mail rejected")

// Posting is a letter on its way, as the outbox keeps it.
type Posting = auth.Posting

// Outbox keeps the postings that are still to be sent. Its errors are logged, so they
// must not hold an address or content.
type Outbox interface {
	// Claim takes up to n postings that are due; nobody else gets them before the
	// lease ends or Failed says when they are next due.
	Claim(ctx context.Context, n int, lease time.Duration) ([]Posting, error)
	// Sent removes a posting that was accepted. One that is gone is no error.
	Sent(ctx context.Context, id string) error
	// Failed ends the lease, counts an attempt, and makes the posting due at retryAt.
	Failed(ctx context.Context, id string, retryAt time.Time) error
	// Dropped removes a posting that is given up. One that is gone is no error.
	Dropped(ctx context.Context, id string) error
	// NextDue is when Claim will next find something: a claimed posting counts with
	// the end of its lease. It is false if nothing waits.
	NextDue(ctx context.Context) (time.Time, bool, error)
}

// Sender hands one posting over. Nil means that it was accepted, ErrRejected that it
// never will be, and any other error that a later attempt may do. Its errors are
// logged, so they must not hold an address or content.
type Sender interface {
	Send(ctx context.Context, p Posting) error
}
