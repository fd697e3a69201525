// Package groups holds the rules of being together: who may make a group, who may
// change who is in it and what it is called, and whose it is. It knows nothing of messages, HTTP, Socket.IO
// or Postgres.
package groups

import (
	"context"
	"errors"
	"fmt"

	"expresschat/auth"
	"expresschat/bus"
)

// What a caller may act on.
var (
	// ErrNotFound is the answer to a stranger as well as for a group that does not
	// exist, so that the two can't be told apart.
	ErrNotFound       = errors.New("no such chat")
	ErrNotAllowed     = errors.New("your role in the group does not allow that")
	ErrNoUser         = errors.New("no such user")
	ErrAlreadyMember  = errors.New("already in the group")
	ErrNotMember      = errors.New("not in the group")
	ErrFull           = errors.New("the group is full")
	ErrSameRole       = errors.New("that is their role already")
	ErrOwnerStays     = errors.New("the admin has to make someone else admin before leaving")
	ErrOneself        = errors.New("that is you")
	ErrBadName        = errors.New("a group's name has 1 to 64 characters, none of them a control character")
	ErrBadDescription = errors.New("a group's description has at most 1 KiB of valid UTF-8")
)

// Created is a group that does.
type Created struct {
	Group bus.RoomID
	Name  string
}

// Change is one entry in a group's log that has an effect on it or on its members.
type Change struct {
	Group  bus.RoomID
	By     auth.Actor
	Target auth.UserID // By.User where the change concerns nobody else
	// Type is bus.Add, bus.Kick, bus.Leave, bus.Upgrade, bus.Downgrade, bus.Info or
	// bus.Delete.
	Type bus.Type
	// Role is the target's from then on, of bus.Upgrade and bus.Downgrade. A new bus.Owner
	// makes an ordinary member of By.
	Role bus.Role
	// Name and Picture are the group's from then on, of bus.Info: an empty name and a nil
	// picture leave what there is, and an empty picture takes it away.
	Name    string
	Picture *string
}

// Standing is what a rule may look at: the group at the very moment of the change.
type Standing struct {
	By      bus.Role // of the actor; bus.None for a stranger
	Target  bus.Role // of the target; bus.None outside of the group
	Exists  bool     // whether there is such a user as the target
	Members int
}

// Lane gives a write its place among all others of its room. The log of package chat
// has one for every room.
type Lane interface {
	Do(ctx context.Context, room bus.RoomID, write bus.Write) error
}

// Store writes the entries of groups. Both recognise their own stamp when they are
// called again with it.
type Store interface {
	// CreateGroup makes p with by as its owner. The error is ErrNoUser.
	CreateGroup(ctx context.Context, by auth.Actor, group bus.RoomID, p Plan, s bus.Stamp) (bus.Event, error)
	// ChangeGroup locks the group, asks allow about it, and carries c out in the same
	// transaction. The error is allow's.
	ChangeGroup(ctx context.Context, c Change, s bus.Stamp, allow func(Standing) error) (bus.Event, error)
	// Role is what somebody is in the group: bus.None for strangers, and where there is none.
	Role(ctx context.Context, group bus.RoomID, user auth.UserID) (bus.Role, error)
	// Heir is whose the group would be without user: the longest-standing admin's, else the
	// longest-standing member's, empty if there is nobody else.
	Heir(ctx context.Context, group bus.RoomID, user auth.UserID) (auth.UserID, error)
}

// Service is what a door may ask of groups.
type Service struct {
	lane  Lane
	store Store
	limit int
}

// New makes a Service for groups of at most limit members.
func New(lane Lane, store Store, limit int) *Service {
	return &Service{lane: lane, store: store, limit: limit}
}

// Create makes a group that by owns. The creator and repeats among the members are
// dropped. The error is ErrBadName, ErrBadDescription, ErrFull, or ErrNoUser if one of
// the members is unknown.
func (s *Service) Create(ctx context.Context, by auth.Actor, p Plan) (Created, error) {
	p, err := p.clean(by.User)
	if err != nil {
		return Created{}, err
	}
	if len(p.Members)+1 > s.limit {
		return Created{}, ErrFull
	}
	group := bus.NewRoomID()
	err = s.lane.Do(ctx, group, func(ctx context.Context, st bus.Stamp) (bus.Event, error) {
		return s.store.CreateGroup(ctx, by, group, p, st)
	})
	if err != nil {
		return Created{}, fmt.Errorf("create group: %w", err)
	}
	return Created{Group: group, Name: p.Name}, nil
}

// Add puts a user into the group: the owner and admins may.
func (s *Service) Add(ctx context.Context, by auth.Actor, group bus.RoomID, user auth.UserID) error {
	return s.change(ctx, Change{Group: group, By: by, Target: user, Type: bus.Add}, func(at Standing) error {
		switch {
		case !mayManage(at.By):
			return ErrNotAllowed
		case !at.Exists:
			return ErrNoUser
		case at.Target != bus.None:
			return ErrAlreadyMember
		case at.Members >= s.limit:
			return ErrFull
		}
		return nil
	})
}

// Kick removes a member: the owner and admins may, but nobody kicks the owner, or
// themself.
func (s *Service) Kick(ctx context.Context, by auth.Actor, group bus.RoomID, user auth.UserID) error {
	return s.change(ctx, Change{Group: group, By: by, Target: user, Type: bus.Kick}, func(at Standing) error {
		switch {
		case !mayManage(at.By):
			return ErrNotAllowed
		case by.User == user:
			return ErrOneself
		case at.Target == bus.None:
			return ErrNotMember
		case at.Target == bus.Owner:
			return ErrNotAllowed
		}
		return nil
	})
}

// Leave takes a member out of the group; the owner has to pass it on first.
func (s *Service) Leave(ctx context.Context, by auth.Actor, group bus.RoomID) error {
	return s.change(ctx, Change{Group: group, By: by, Target: by.User, Type: bus.Leave}, func(at Standing) error {
		if at.By == bus.Owner {
			return ErrOwnerStays
		}
		return nil
	})
}

// Delete ends the group: only the owner may.
func (s *Service) Delete(ctx context.Context, by auth.Actor, group bus.RoomID) error {
	return s.delete(ctx, by, group, func(Standing) error { return nil })
}

// delete ends the group if it also is as rule says.
func (s *Service) delete(ctx context.Context, by auth.Actor, group bus.RoomID, rule func(Standing) error) error {
	return s.change(ctx, Change{Group: group, By: by, Target: by.User, Type: bus.Delete}, func(at Standing) error {
		if at.By != bus.Owner {
			return ErrNotAllowed
		}
		return rule(at)
	})
}

func (s *Service) change(ctx context.Context, c Change, rule func(Standing) error) error {
	allow := func(at Standing) error {
		if at.By == bus.None {
			return ErrNotFound
		}
		return rule(at)
	}
	err := s.lane.Do(ctx, c.Group, func(ctx context.Context, st bus.Stamp) (bus.Event, error) {
		return s.store.ChangeGroup(ctx, c, st, allow)
	})
	if err != nil {
		return fmt.Errorf("change group: %w", err)
	}
	return nil
}

func mayManage(r bus.Role) bool { return r == bus.Owner || r == bus.Admin }
