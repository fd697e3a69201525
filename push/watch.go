package push

import (
	"context"
	"slices"
	"time"

	"expresschat/auth"
	"expresschat/outbox"
)

const (
	// marksAtOnce is how many rooms one question is about.
	marksAtOnce = 64
	// lookEvery is how often it is looked whether anybody has a device.
	lookEvery = time.Minute
	// askTimeout bounds what is asked of the database at a time.
	askTimeout = 10 * time.Second
)

// Watch has those told who are away of what is said, until ctx ends: it decides who is, and
// leaves it to Send to tell them. It has to end before connections are closed for a stop, or
// all would be taken to be away; what it did not get to, the next start does.
//
// A crash may come between the commit of a message and that of Enqueue, which moves the
// room's row in push_rooms: the next start finds the room behind it and looks then. Behind
// it, what is to be sent is in the outbox. So each message is looked at once, and is forgotten
// only past Lookback: TestACrashBetweenACommitAndTheOutbox.
func (s *Service) Watch(ctx context.Context) {
	if len(s.kinds) == 0 || !s.begin(ctx) {
		return
	}
	looks := time.NewTicker(lookEvery)
	defer looks.Stop()
	for failures := 0; ctx.Err() == nil; {
		more, err := s.step(ctx)
		if err == nil && !more {
			select {
			case <-s.marks.wake:
			case <-looks.C:
				err = s.look(ctx)
			case <-ctx.Done():
			}
		}
		if err == nil || ctx.Err() != nil {
			failures = 0
			continue
		}
		s.reports.waiting.Warn("notifications wait for the database", "error", err)
		outbox.Pause(ctx, s.outage.After(failures))
		failures++
	}
}

// begin finds out whether anybody has a device, and if so lets clients come back that the
// last stop sent away.
func (s *Service) begin(ctx context.Context) bool {
	for failures := 0; ; failures++ {
		err := s.look(ctx)
		if err == nil {
			break
		}
		s.reports.waiting.Warn("notifications wait for the database", "error", err)
		if !outbox.Pause(ctx, s.outage.After(failures)) {
			return false
		}
	}
	return !s.expected.Load() || outbox.Pause(ctx, s.returning)
}

// step looks at what was missed, or at some of what is marked, and tells whether there may
// be more.
func (s *Service) step(ctx context.Context) (more bool, err error) {
	if s.expected.Load() && s.marks.forgive() {
		if err := s.catchUp(ctx); err != nil {
			s.marks.miss()
			return false, err
		}
	}
	some := s.marks.take(marksAtOnce)
	if len(some) == 0 {
		return false, nil
	}
	return true, s.consider(ctx, some)
}

// catchUp looks at what was said and never marked, or marked by a server that is gone.
func (s *Service) catchUp(ctx context.Context) error {
	for after := auth.UserID(""); ; {
		bounded, cancel := context.WithTimeout(ctx, askTimeout)
		found, last, err := s.store.Behind(bounded, after, s.kinds, Lookback)
		cancel()
		if err != nil || last == "" {
			return err
		}
		after = last
		s.marks.absorb(found)
		for some := range slices.Chunk(found, marksAtOnce) {
			if err := s.consider(ctx, some); err != nil {
				return err
			}
		}
	}
}

// consider has those told of some marks who are away. If that fails, the marks wait again.
func (s *Service) consider(ctx context.Context, some []Mark) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	found, err := s.store.Candidates(ctx, some, s.kinds)
	if err == nil && len(found) > 0 {
		err = s.enqueue(ctx, some, found)
	}
	if err != nil {
		for _, k := range some {
			s.marks.add(k)
		}
	}
	return err
}

// enqueue notes of the marks that have candidates that they were looked at.
func (s *Service) enqueue(ctx context.Context, some []Mark, found []Candidate) error {
	var looked []Mark
	place := map[int]int{} // in looked, of a mark
	var told []Candidate
	for _, c := range found {
		at, there := place[c.Mark]
		if !there {
			at = len(looked)
			place[c.Mark], looked = at, append(looked, some[c.Mark])
		}
		if s.isAway(c, some[c.Mark]) {
			c.Mark = at
			told = append(told, c)
		}
	}
	if err := s.store.Enqueue(ctx, looked, told, MaxWaiting); err != nil {
		return err
	}
	for _, c := range told {
		s.workers[c.Kind].Wake()
	}
	return nil
}

// isAway is whether somebody does not see what was said by themself. A browser is told of
// nothing while its user has any connection. VChat's apps are told unless their user reads
// that room.
func (s *Service) isAway(c Candidate, k Mark) bool {
	if c.Kind == FCM {
		return !s.reads(k.Room, c.User)
	}
	return !s.connected(c.User)
}
