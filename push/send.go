package push

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// parallel is how many notifications of a kind are under way at once.
	parallel = 8
	// sendTimeout bounds one attempt, and lease leaves room after it for its outcome to be
	// noted before anyone else may take it.
	sendTimeout = 15 * time.Second
	lease       = 2 * time.Minute
	// maxDelay bounds what a push service may ask us to wait.
	maxDelay = time.Hour
)

// Send tells devices what waits for them, until ctx ends, and returns once what is under way
// then has ended and is noted: after nine seconds at the latest.
func (s *Service) Send(ctx context.Context) {
	var all sync.WaitGroup
	for _, w := range s.workers {
		all.Go(func() { w.Run(ctx) })
	}
	all.Wait()
}

// deliver makes one attempt and notes how it went.
func (s *Service) deliver(ctx context.Context, d Due) {
	if d.Moot {
		s.note(ctx, d, func(ctx context.Context) error { return s.store.Done(ctx, d) })
		return
	}
	sender := s.senders[d.Device.Kind]
	service := string(d.Device.Kind) + " " + sender.Service(d.Device)
	if s.holds.left(service) > 0 {
		s.note(ctx, d, func(ctx context.Context) error { return s.store.Postpone(ctx, d, s.holds.left(service)) })
		return
	}
	attempt, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	err := sender.Send(attempt, d.Device, s.notification(d))
	s.hold(service, d, err)
	s.note(ctx, d, s.outcome(ctx, d, err))
}

// hold leaves a push service alone that asked for it.
func (s *Service) hold(service string, d Due, err error) {
	var delay *DelayError
	if errors.As(err, &delay) && delay.Service && delay.After > 0 {
		s.holds.add(service, min(delay.After, maxDelay))
		s.reports.held.Warn("notifications held", "kind", d.Device.Kind, "for", delay.After, "error", err)
	}
}

func (s *Service) notification(d Due) Notification {
	n := Notification{Title: bareTitle, Message: stripped(d.Message), Until: d.CreatedAt.Add(TTL)}
	if s.content {
		n.Message = d.Message
		n.Title, n.Body = word(d.Message)
	}
	return n
}

// outcome is what is to be noted of an attempt.
func (s *Service) outcome(ctx context.Context, d Due, err error) func(context.Context) error {
	retryAt := time.Now().Add(s.pause(d, err))
	switch {
	case err == nil:
	case errors.Is(err, ErrGone):
		return func(ctx context.Context) error { return s.store.Gone(ctx, d.Device.ID) }
	case errors.Is(err, ErrRefused):
		s.reports.refused.Warn("notification refused", "kind", d.Device.Kind, "error", err)
	case ctx.Err() != nil: // cut off by us: whoever runs next may try at once
		return func(ctx context.Context) error { return s.store.Delay(ctx, d, time.Now()) }
	default:
		s.reports.delayed.Warn("notification delayed", "kind", d.Device.Kind, "error", err)
		return func(ctx context.Context) error { return s.store.Delay(ctx, d, retryAt) }
	}
	return func(ctx context.Context) error { return s.store.Done(ctx, d) }
}

// pause is how long to wait for the next attempt: as long as the push service says, or longer.
func (s *Service) pause(d Due, err error) time.Duration {
	pause := s.retry.After(d.Failures)
	var delay *DelayError
	if errors.As(err, &delay) {
		pause = max(pause, min(delay.After, maxDelay))
	}
	return pause
}

// note has an outcome noted. Where that fails, the lease ends and the attempt is repeated.
func (s *Service) note(ctx context.Context, d Due, what func(context.Context) error) {
	if err := s.workers[d.Device.Kind].Note(ctx, what); err != nil {
		s.reports.lost.Warn("outcome of a notification lost", "kind", d.Device.Kind, "error", err)
	}
}
