package mailer

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"expresschat/outbox"
)

const (
	// parallel is how many mails are under way at once. One machine's mail is a
	// trickle; more would only annoy the server that takes it.
	parallel = 4

	// sendTimeout bounds one attempt, and lease leaves room after it for Sent to
	// fail and be tried again before anyone else may take the posting.
	sendTimeout = time.Minute
	lease       = 3 * time.Minute

	// giveUpAfter is how long a posting is tried, as mail servers do.
	giveUpAfter = 3 * 24 * time.Hour
)

// Worker sends what waits in an outbox, through a Sender. Every posting is sent at
// least once until it is accepted, refused for good, or three days old; attempts are
// 5 seconds apart at first and 15 minutes later on.
type Worker struct {
	*outbox.Worker[Posting]
	outbox Outbox
	sender Sender
	log    *slog.Logger
	retry  outbox.Backoff // of a mail
}

// NewWorker makes a worker that is idle until Run.
func NewWorker(box Outbox, sender Sender, log *slog.Logger) *Worker {
	w := &Worker{
		outbox: box,
		sender: sender,
		log:    log,
		retry:  outbox.Backoff{First: 5 * time.Second, Most: 15 * time.Minute},
	}
	w.Worker = outbox.New(box, outbox.Plan[Posting]{Deliver: w.deliver, Parallel: parallel, Lease: lease, Log: log})
	return w
}

// deliver makes one attempt at p and notes how it went. It ends soon after ctx.
func (w *Worker) deliver(ctx context.Context, p Posting) {
	attempt, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	err := w.sender.Send(attempt, p)
	retryAt := time.Now().Add(w.retry.After(p.Attempts))
	log := w.log.With("posting", p.ID, "failures", p.Attempts+1)
	switch {
	case err == nil:
		w.note(ctx, p, "sent", w.outbox.Sent)
	case errors.Is(err, ErrRejected):
		log.ErrorContext(ctx, "mail rejected", "error", err)
		w.note(ctx, p, "dropped", w.outbox.Dropped)
	case ctx.Err() != nil:
		// Cut off by us: whoever runs next, here or elsewhere, may try at once.
		w.note(ctx, p, "failed", func(ctx context.Context, id string) error {
			return w.outbox.Failed(ctx, id, time.Now())
		})
	case retryAt.After(p.CreatedAt.Add(giveUpAfter)):
		log.ErrorContext(ctx, "mail given up", "error", err)
		w.note(ctx, p, "dropped", w.outbox.Dropped)
	default:
		log.WarnContext(ctx, "mail delayed", "error", err, "retry_at", retryAt)
		w.note(ctx, p, "failed", func(ctx context.Context, id string) error {
			return w.outbox.Failed(ctx, id, retryAt)
		})
	}
}

// note tells the outbox how it went with p.
func (w *Worker) note(ctx context.Context, p Posting, outcome string, do func(context.Context, string) error) {
	err := w.Note(ctx, func(ctx context.Context) error { return do(ctx, p.ID) })
	if err != nil {
		w.log.ErrorContext(ctx, "outcome of a mail lost", "posting", p.ID, "outcome", outcome, "error", err)
	}
}
