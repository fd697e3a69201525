package mailer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
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

	// maxPause is how soon mail is found that another machine wrote; minPause keeps a
	// database whose clock is behind ours from being asked without a break.
	maxPause = time.Minute
	minPause = time.Second

	// lookTimeout keeps a database that no longer answers from holding the mail up
	// for longer than it is away.
	lookTimeout = 10 * time.Second

	// stopGrace is how long mail under way may take once Run is to end, and
	// noteTimeout bounds one note in the outbox on how it went.
	stopGrace   = 5 * time.Second
	noteTimeout = 3 * time.Second

	// maxNotes is how often a note is tried: for about a minute and a half at worst.
	maxNotes = 7
)

// Worker sends what waits in an outbox, through a Sender. Every posting is sent at
// least once until it is accepted, refused for good, or three days old; attempts are
// 5 seconds apart at first and 15 minutes later on.
type Worker struct {
	outbox Outbox
	sender Sender
	log    *slog.Logger
	wake   chan struct{}
	retry  backoff // of a mail
	outage backoff // of the outbox
}

// NewWorker makes a worker that is idle until Run.
func NewWorker(outbox Outbox, sender Sender, log *slog.Logger) *Worker {
	return &Worker{
		outbox: outbox,
		sender: sender,
		log:    log,
		wake:   make(chan struct{}, 1),
		retry:  backoff{first: 5 * time.Second, most: 15 * time.Minute},
		outage: backoff{first: time.Second, most: time.Minute},
	}
}

// Wake makes Run look into the outbox at once. Call it after the commit that put
// something in. It never blocks.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default: // a look that has not begun yet will do
	}
}

// Run sends until ctx ends. Then it takes up nothing new, gives what is under way five
// seconds, and returns once all of it has ended and is noted, after nine seconds at
// the latest. It must not run twice at a time.
func (w *Worker) Run(ctx context.Context) {
	// What is under way outlives ctx, but not the grace.
	work, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	done := make(chan struct{}, parallel)
	running, outages := 0, 0
	for ctx.Err() == nil {
		due, idle, err := w.look(ctx, parallel-running)
		for _, p := range due {
			running++
			go func() {
				w.deliver(work, p)
				done <- struct{}{}
			}()
		}
		switch {
		case err == nil:
			outages = 0
		case ctx.Err() == nil:
			idle = w.outage.after(outages)
			outages++
			w.log.WarnContext(ctx, "outbox unavailable", "error", err, "retry_in", idle)
		}
		running -= w.rest(ctx, idle, done)
	}
	grace := time.AfterFunc(stopGrace, cut)
	defer grace.Stop()
	for ; running > 0; running-- {
		<-done
	}
}

// look claims up to free postings, and says how long nothing more will be due.
func (w *Worker) look(ctx context.Context, free int) ([]Posting, time.Duration, error) {
	if free == 0 {
		return nil, maxPause, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	due, err := w.outbox.Claim(ctx, free, lease)
	if err != nil {
		return nil, 0, fmt.Errorf("claim postings: %w", err)
	}
	if len(due) >= free {
		return due, maxPause, nil // the first to end makes us look again
	}
	next, waiting, err := w.outbox.NextDue(ctx)
	if err != nil {
		return due, 0, fmt.Errorf("ask for the next posting: %w", err)
	}
	if !waiting {
		return due, maxPause, nil
	}
	return due, min(max(time.Until(next), minPause), maxPause), nil
}

// rest waits until idle has passed, for Wake, for a posting to end, or for ctx, and
// returns how many postings have ended.
func (w *Worker) rest(ctx context.Context, idle time.Duration, done <-chan struct{}) int {
	timer := time.NewTimer(idle)
	defer timer.Stop()
	select {
	case <-done:
		return 1
	case <-w.wake:
	case <-timer.C:
	case <-ctx.Done():
	}
	return 0
}

// deliver makes one attempt at p and notes how it went. It ends soon after ctx.
func (w *Worker) deliver(ctx context.Context, p Posting) {
	attempt, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	err := w.sender.Send(attempt, p)
	retryAt := time.Now().Add(w.retry.after(p.Attempts))
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

// note tells the outbox how it went with p, again while the outbox is down. At least
// one try is made even after ctx: a mail that was accepted must not go out again only
// because we stop. Where every try fails, the lease ends and the mail is repeated.
func (w *Worker) note(ctx context.Context, p Posting, outcome string, do func(context.Context, string) error) {
	for try := 1; ; try++ {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
		err := do(bounded, p.ID)
		cancel()
		if err == nil {
			return
		}
		if try == maxNotes || !pause(ctx, w.outage.after(try-1)) {
			w.log.ErrorContext(ctx, "outcome of a mail lost", "posting", p.ID, "outcome", outcome, "error", err)
			return
		}
	}
}

// pause reports whether d passed before ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
