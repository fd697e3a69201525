package groups

import (
	"context"
	"fmt"

	"expresschat/auth"
	"expresschat/bus"
)

// Looks is what of a group's name and picture is to be another one from now on; nil stays as
// it is.
type Looks struct {
	Name *string
	// Picture is the name of a stored file; empty takes the picture away.
	Picture *string
}

// SetLooks gives the group another name, another picture, or both, as one entry of its log:
// the owner and admins may. The error may be ErrBadName. Where both are nil nothing is done.
func (s *Service) SetLooks(ctx context.Context, by auth.Actor, group bus.RoomID, l Looks) error {
	c := Change{Group: group, By: by, Target: by.User, Type: bus.Info, Picture: l.Picture}
	if l.Name != nil {
		var err error
		if c.Name, err = cleanName(*l.Name); err != nil {
			return err
		}
	}
	if l == (Looks{}) {
		return nil
	}
	return s.change(ctx, c, mayManageIt)
}

// Rename gives the group another name: the owner and admins may. The error may be
// ErrBadName.
func (s *Service) Rename(ctx context.Context, by auth.Actor, group bus.RoomID, name string) error {
	return s.SetLooks(ctx, by, group, Looks{Name: &name})
}

// SetPicture gives the group another picture, by the name of a stored file, or none if that is
// empty: the owner and admins may.
func (s *Service) SetPicture(ctx context.Context, by auth.Actor, group bus.RoomID, name string) error {
	return s.SetLooks(ctx, by, group, Looks{Picture: &name})
}

// MayManage tells whether by may change the group's looks now, before anything is made for
// it. The change asks again. The error is ErrNotFound or ErrNotAllowed.
func (s *Service) MayManage(ctx context.Context, by auth.Actor, group bus.RoomID) error {
	role, err := s.store.Role(ctx, group, by.User)
	switch {
	case err != nil:
		return fmt.Errorf("look up role: %w", err)
	case role == bus.None:
		return ErrNotFound
	}
	return mayManageIt(Standing{By: role})
}

func mayManageIt(at Standing) error {
	if !mayManage(at.By) {
		return ErrNotAllowed
	}
	return nil
}
