// Package outbox works through what waits in a database to be sent: it claims what is due
// under a lease, a few at a time, waits for what is due next, and has outcomes noted even
// while the database is away. It knows neither what is sent, nor how, nor when to give up.
package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

const (
	// maxPause is how soon something is found that another machine wrote; minPause keeps a
	// database whose clock is behind ours from being asked without a break.
	maxPause = time.Minute
	minPause = time.Second

	// lookTimeout keeps a database that no longer answers from holding all up for longer
	// than it is away.
	lookTimeout = 10 * time.Second

	// stopGrace is how long what is under way may take once Run is to end, and
	// noteTimeout bounds one note in the outbox on how it went.
	stopGrace   = 5 * time.Second
	noteTimeout = 3 * time.Second

	// maxNotes is how often a note is tried: for about a minute and a half at worst.
	maxNotes = 7
)

// Box keeps what is still to be sent. Its errors are logged.
type Box[P any] interface {
	// Claim takes up to n postings that are due; nobody else gets them before the lease
	// ends, or something else is noted of when they are due.
	Claim(ctx context.Context, n int, lease time.Duration) ([]P, error)
	// NextDue is when Claim will next find something: a claimed posting counts with the
	// end of its lease. It is false if nothing waits.
	NextDue(ctx context.Context) (time.Time, bool, error)
}

// Plan is how a Worker works.
type Plan[P any] struct {
	// Deliver makes one attempt and notes how it went. It ends soon after ctx.
	Deliver func(ctx context.Context, p P)
	// Parallel is how many attempts are under way at once.
	Parallel int
	// Lease has to leave room, behind the longest attempt, for its outcome to be noted.
	Lease time.Duration
	Log   *slog.Logger
}

// Worker has what waits in a Box delivered.
type Worker[P any] struct {
	box    Box[P]
	plan   Plan[P]
	wake   chan struct{}
	outage Backoff
}

// New makes a worker that is idle until Run.
func New[P any](box Box[P], plan Plan[P]) *Worker[P] {
	return &Worker[P]{
		box: box, plan: plan, wake: make(chan struct{}, 1),
		outage: Backoff{First: time.Second, Most: time.Minute},
	}
}

// Wake makes Run look into the outbox at once. Call it after the commit that put
// something in. It never blocks.
func (w *Worker[P]) Wake() {
	select {
	case w.wake <- struct{}{}:
	default: // a look that has not begun yet will do
	}
}

// Run delivers until ctx ends. Then it takes up nothing new, gives what is under way five
// seconds, and returns once all of it has ended and is noted, after nine seconds at
// the latest. It must not run twice at a time.
func (w *Worker[P]) Run(ctx context.Context) {
	// What is under way outlives ctx, but not the grace.
	work, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	done := make(chan struct{}, w.plan.Parallel)
	running, outages := 0, 0
	for ctx.Err() == nil {
		due, idle, err := w.look(ctx, w.plan.Parallel-running)
		for _, p := range due {
			running++
			go func() {
				w.plan.Deliver(work, p)
				done <- struct{}{}
			}()
		}
		switch {
		case err == nil:
			outages = 0
		case ctx.Err() == nil:
			idle = w.outage.After(outages)
			outages++
			w.plan.Log.WarnContext(ctx, "outbox unavailable", "error", err, "retry_in", idle)
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
func (w *Worker[P]) look(ctx context.Context, free int) ([]P, time.Duration, error) {
	if free == 0 {
		return nil, maxPause, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	due, err := w.box.Claim(ctx, free, w.plan.Lease)
	if err != nil {
		return nil, 0, fmt.Errorf("claim postings: %w", err)
	}
	if len(due) >= free {
		return due, maxPause, nil // the first to end makes us look again
	}
	next, waiting, err := w.box.NextDue(ctx)
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
func (w *Worker[P]) rest(ctx context.Context, idle time.Duration, done <-chan struct{}) int {
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

// Note tells the outbox how something went, again while the outbox is down. At least one
// try is made even after ctx: what was accepted must not go out again only because we stop.
// Where every try fails, it returns why: the lease ends then, and the posting is repeated.
func (w *Worker[P]) Note(ctx context.Context, do func(context.Context) error) error {
	for try := 1; ; try++ {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
		err := do(bounded)
		cancel()
		if err == nil {
			return nil
		}
		if try == maxNotes || !Pause(ctx, w.outage.After(try-1)) {
			return err
		}
	}
}

// Pause reports whether d passed before ctx ended.
func Pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
