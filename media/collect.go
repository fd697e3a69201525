package media

import (
	"context"
	"errors"
	"time"
)

const (
	// collectEvery is how often what nobody refers to is looked for.
	collectEvery = 30 * time.Minute
	// grace is between the two passes of Collect.
	grace = time.Hour
	// claims bounds what is taken at once, failures after how many that fail a collection ends.
	claims   = 100
	failures = 10
)

// Run collects until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(collectEvery)
	defer tick.Stop()
	for {
		if err := s.Collect(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("files not collected", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Collect removes for good what nothing refers to: a file that nobody has kept for a day is
// condemned, and one that was condemned for an hour goes, from the bucket first, its row last.
// A reference, Own or Keep lifts that until the row is claimed, which is one statement; from
// then on Own and Keep don't find it.
//
// Who sends a file names it with Own or Keep just before, and is answered in seconds; so the
// day is enough for all whose send is stored once they are answered. An attempt in doubt is
// repeated for as long as the store is away, maybe for days. But so long nothing is condemned
// either, by the same store; once it is back, such an attempt is repeated within seconds, and
// a file that is condemned meanwhile has an hour, after which it is looked at again.
// TestCollect has a reference that comes late.
func (s *Service) Collect(ctx context.Context) error {
	if err := s.Files.Condemn(ctx); err != nil {
		return err
	}
	var failed []error
	for after := ""; ; {
		claimed, err := s.Files.Claim(ctx, grace, after, claims)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		for _, f := range claimed {
			if err := s.remove(ctx, key(f.Place, f.Name), f.Name); err != nil {
				failed = append(failed, err)
			}
			if len(failed) == failures {
				return errors.Join(failed...) // the bucket is away, not one object
			}
			after = f.Name
		}
		if len(claimed) < claims {
			return errors.Join(failed...)
		}
	}
}
