package groups

import (
	"context"
	"errors"
	"fmt"

	"expresschat/auth"
	"expresschat/bus"
)

// errCompany means that the owner is not alone in the group any more.
var errCompany = errors.New("somebody else is in the group")

// Retire takes a member out of the group, the owner too: then the group passes to the
// longest-standing admin, else to the longest-standing member, and ends if there is nobody
// else. Each of these steps is an entry of its own, and others may come and go in between:
// what a step finds changed is looked at again, for as long as ctx lasts. So at any moment
// the group has one owner, or has ended.
func (s *Service) Retire(ctx context.Context, by auth.Actor, group bus.RoomID) error {
	for owned := false; ; {
		err := s.Leave(ctx, by, group)
		if errors.Is(err, ErrOwnerStays) {
			owned = true
			var ended bool
			if ended, err = s.abdicate(ctx, by, group); err == nil && !ended {
				continue // as an ordinary member, unless somebody has passed it back
			}
		}
		switch {
		case owned && errors.Is(err, ErrNotFound):
			return nil // somebody was quicker: the group has ended, or by was kicked
		case !isStale(err):
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}

// isStale reports whether a step found the group other than the one before had left it:
// whoever it was meant for has gone, or is no owner any more, or has company.
func isStale(err error) bool {
	return errors.Is(err, ErrNotMember) || errors.Is(err, ErrNotAllowed) || errors.Is(err, errCompany)
}

// abdicate passes the group on, or ends it if there is nobody to have it.
func (s *Service) abdicate(ctx context.Context, by auth.Actor, group bus.RoomID) (ended bool, err error) {
	heir, err := s.store.Heir(ctx, group, by.User)
	if err != nil {
		return false, fmt.Errorf("find heir: %w", err)
	}
	if heir != "" {
		return false, s.PassOn(ctx, by, group, heir)
	}
	return true, s.delete(ctx, by, group, func(at Standing) error {
		if at.Members > 1 {
			return errCompany
		}
		return nil
	})
}
