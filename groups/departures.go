package groups

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"expresschat/auth"
	"expresschat/bus"
)

// How often departures are looked for that nobody told of, as of a server that was killed,
// and how soon one that failed is tried again.
const (
	departEvery = 10 * time.Minute
	departAgain = 10 * time.Second
)

// Departing is what is kept of users who are deleted, and still in rooms.
type Departing interface {
	// Departing lists those users.
	Departing(ctx context.Context) ([]auth.UserID, error)
	// RoomsToLeave lists the groups that a user is in, and the personal rooms that they have
	// not blocked.
	RoomsToLeave(ctx context.Context, user auth.UserID) (groups, personal []bus.RoomID, err error)
	// Seal is a bus.Write that blocks a personal room by one of the two, whoever had blocked
	// it before. It can be repeated.
	Seal(ctx context.Context, by auth.Actor, room bus.RoomID, s bus.Stamp) (bus.Event, error)
	// Departed erases what is left of the user's self chat, and has them departing no more.
	Departed(ctx context.Context, user auth.UserID) error
}

// Namer tells the doors what somebody is called now.
type Namer interface {
	Tell(ctx context.Context, user auth.UserID) error
}

// Departures take deleted users out of their rooms: the doors are told the name that stands
// there now, groups lose a member in the order of their log, and nothing is said any more in
// personal rooms. Each step may be repeated, so one that was cut off is taken up again, and
// two servers may take the same one. A deleted user comes into no other room: whoever would
// put them into one locks their account, and sees that it is deleted, or is done before it
// is and found here.
type Departures struct {
	groups *Service
	lane   Lane
	store  Departing
	names  Namer
	log    *slog.Logger
	wake   chan struct{}
}

// NewDepartures makes Departures. Run carries them out.
func NewDepartures(groups *Service, lane Lane, store Departing, names Namer, log *slog.Logger) *Departures {
	return &Departures{groups: groups, lane: lane, store: store, names: names, log: log, wake: make(chan struct{}, 1)}
}

// Wake has Run look at once. It never waits.
func (d *Departures) Wake() {
	select {
	case d.wake <- struct{}{}:
	default: // Run will look anyhow
	}
}

// Run carries out what there is, when it begins, when it is woken, and from time to time,
// until ctx ends.
func (d *Departures) Run(ctx context.Context) {
	for {
		next := departEvery
		if err := d.all(ctx); err != nil {
			if ctx.Err() != nil {
				return
			}
			d.log.Warn("departure failed", "error", err)
			next = departAgain
		}
		timer := time.NewTimer(next)
		select {
		case <-d.wake:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// all departs everybody. One whose departure fails is no hindrance to the next.
func (d *Departures) all(ctx context.Context) error {
	users, err := d.store.Departing(ctx)
	if err != nil {
		return fmt.Errorf("list departures: %w", err)
	}
	var failed error
	for _, u := range users {
		failed = errors.Join(failed, d.depart(ctx, u))
	}
	return failed
}

// depart tells the new name first, while there still are rooms to tell it in.
func (d *Departures) depart(ctx context.Context, user auth.UserID) error {
	if err := d.names.Tell(ctx, user); err != nil {
		return fmt.Errorf("tell name: %w", err)
	}
	groups, personal, err := d.store.RoomsToLeave(ctx, user)
	if err != nil {
		return fmt.Errorf("list rooms: %w", err)
	}
	by := auth.Actor{User: user}
	for _, room := range groups {
		if err := d.groups.Retire(ctx, by, room); err != nil && !errors.Is(err, ErrNotFound) { // kicked meanwhile
			return fmt.Errorf("leave group: %w", err)
		}
	}
	for _, room := range personal {
		err := d.lane.Do(ctx, room, func(ctx context.Context, s bus.Stamp) (bus.Event, error) {
			return d.store.Seal(ctx, by, room, s)
		})
		if err != nil {
			return fmt.Errorf("seal personal chat: %w", err)
		}
	}
	if err := d.store.Departed(ctx, user); err != nil {
		return fmt.Errorf("end departure: %w", err)
	}
	return nil
}
