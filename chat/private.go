package chat

import (
	"context"
	"errors"
	"fmt"

	"expresschat/auth"
	"expresschat/bus"
)

// Switches are what members turn on and off in a room. Each is a bus.Write of the room's
// lane, which takes the room's lock, and leaves no entry.
type Switches interface {
	// ToggleMute returns whether the room is muted for by now. The error is ErrNotMember.
	ToggleMute(ctx context.Context, by auth.Actor, room bus.RoomID, s bus.Stamp) (bool, bus.Event, error)
	// ToggleBlock returns whether the personal room is blocked by by now. The error is
	// ErrNotMember, of other kinds of rooms too, or ErrBlocked if the other one blocked it.
	ToggleBlock(ctx context.Context, by auth.Actor, room bus.RoomID, s bus.Stamp) (bool, bus.Event, error)
	// Typist is whoever may say something in a room: the kind of the room and the user's
	// name. The error is ErrNotMember, or, beside both, ErrBlocked where nobody may.
	Typist(ctx context.Context, user auth.UserID, room bus.RoomID) (bus.Kind, string, error)
}

// Lane gives a write its place among all others of its room.
type Lane interface {
	Do(ctx context.Context, room bus.RoomID, write bus.Write) error
}

// Teller puts on the bus what is not stored.
type Teller interface {
	Publish(e bus.Event, then func())
}

// Private is what concerns nobody but those who are in a room, and is kept for nobody else:
// mutes, blocks, and who is about to say something.
type Private struct {
	lane     Lane
	switches Switches
	archive  Archive
	out      Teller
}

// NewPrivate makes a Private.
func NewPrivate(lane Lane, switches Switches, archive Archive, out Teller) *Private {
	return &Private{lane: lane, switches: switches, archive: archive, out: out}
}

// ToggleMute turns notifications of a room off for by, or on again, and returns whether
// they are off. The error is ErrNotMember, or as those of a bus.Write's lane.
func (p *Private) ToggleMute(ctx context.Context, by auth.Actor, room bus.RoomID) (bool, error) {
	return p.toggle(ctx, by, room, p.switches.ToggleMute)
}

// ToggleBlock has nothing said any more in the personal room of by and other, or lifts by's
// block, and returns whether it is blocked. The error is ErrNoUser, ErrOneself, ErrNotMember
// if they have no personal room, or ErrBlocked if other has blocked it: only they can lift that.
func (p *Private) ToggleBlock(ctx context.Context, by auth.Actor, other auth.UserID) (bool, error) {
	if by.User == other {
		return false, ErrOneself
	}
	o, err := p.archive.FindPersonal(ctx, by.User, other)
	if err != nil {
		return false, fmt.Errorf("find personal chat: %w", err)
	}
	if o.Room == "" {
		return false, ErrNotMember
	}
	return p.toggle(ctx, by, o.Room, p.switches.ToggleBlock)
}

func (p *Private) toggle(ctx context.Context, by auth.Actor, room bus.RoomID, write func(context.Context, auth.Actor, bus.RoomID, bus.Stamp) (bool, bus.Event, error)) (bool, error) {
	out := make(chan bool, 1) // a caller who gave up shares no memory with a write that goes on
	err := p.lane.Do(ctx, room, func(ctx context.Context, s bus.Stamp) (bus.Event, error) {
		on, event, err := write(ctx, by, room, s)
		if err == nil {
			out <- on
		}
		return event, err
	})
	if err != nil {
		return false, err
	}
	return <-out, nil
}

// MayWrite tells whether somebody may say something in a room of that kind now, before
// anything is made for it. Send asks again. The error is ErrNotMember or ErrBlocked.
func (p *Private) MayWrite(ctx context.Context, user auth.UserID, room bus.RoomID, kind bus.Kind) error {
	is, _, err := p.switches.Typist(ctx, user, room)
	if member := err == nil || errors.Is(err, ErrBlocked); member && is != kind {
		return ErrNotMember
	}
	return err
}

// Type tells the others in a room what by is doing. The error is ErrNotMember or ErrBlocked.
func (p *Private) Type(ctx context.Context, by auth.Actor, room bus.RoomID, status bus.TypingStatus) error {
	kind, name, err := p.switches.Typist(ctx, by.User, room)
	if err != nil {
		return err
	}
	p.out.Publish(bus.Typing{Place: bus.Place{Room: room, Kind: kind, By: by, ByName: name}, Status: status}, nil)
	return nil
}
