package groups

import (
	"context"

	"expresschat/auth"
	"expresschat/bus"
)

// PassOn makes a member the owner, and the owner an ordinary member: only the owner may.
func (s *Service) PassOn(ctx context.Context, by auth.Actor, group bus.RoomID, user auth.UserID) error {
	return s.change(ctx, Change{Group: group, By: by, Target: user, Type: bus.Upgrade, Role: bus.Owner}, func(at Standing) error {
		switch {
		case at.By != bus.Owner:
			return ErrNotAllowed
		case by.User == user:
			return ErrOneself
		case at.Target == bus.None:
			return ErrNotMember
		}
		return nil
	})
}

// Promote makes an ordinary member an admin: the owner and admins may. Whose role that is
// already gets ErrSameRole.
func (s *Service) Promote(ctx context.Context, by auth.Actor, group bus.RoomID, user auth.UserID) error {
	c := Change{Group: group, By: by, Target: user, Type: bus.Upgrade, Role: bus.Admin}
	return s.change(ctx, c, mayGiveRole(c.Role))
}

// Demote makes an admin an ordinary member, themself perhaps: the owner and admins may.
// Whose role that is already gets ErrSameRole.
func (s *Service) Demote(ctx context.Context, by auth.Actor, group bus.RoomID, user auth.UserID) error {
	c := Change{Group: group, By: by, Target: user, Type: bus.Downgrade, Role: bus.Plain}
	return s.change(ctx, c, mayGiveRole(c.Role))
}

// mayGiveRole is the rule for roles below the owner's, which nobody takes away.
func mayGiveRole(role bus.Role) func(Standing) error {
	return func(at Standing) error {
		switch {
		case !mayManage(at.By), at.Target == bus.Owner:
			return ErrNotAllowed
		case at.Target == bus.None:
			return ErrNotMember
		case at.Target == role:
			return ErrSameRole
		}
		return nil
	}
}
