package groups_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/groups"
)

// register keeps departures, and what was done for whom.
type register struct {
	stage

	mu        sync.Mutex
	departing []auth.UserID
	fails     map[auth.UserID]int // how often yet their rooms can't be listed
	done      []string
}

func (r *register) do(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = append(r.done, what)
}

// set says who is departing from now on.
func (r *register) set(who ...auth.UserID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.departing = who
}

// news is what was done since it was asked for, and who is still departing.
func (r *register) news() (done []string, left int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	done, r.done = r.done, nil
	return done, len(r.departing)
}

func (r *register) Departing(context.Context) ([]auth.UserID, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.departing), nil
}

func (r *register) RoomsToLeave(_ context.Context, u auth.UserID) (together, personal []bus.RoomID, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fails[u] > 0 {
		r.fails[u]--
		return nil, nil, errors.New("not now")
	}
	return []bus.RoomID{"g"}, []bus.RoomID{"p"}, nil
}

func (r *register) Seal(_ context.Context, by auth.Actor, room bus.RoomID, _ bus.Stamp) (bus.Event, error) {
	r.do("seals " + string(room) + " by " + string(by.User))
	return bus.BlockChanged{}, nil
}

func (r *register) Departed(_ context.Context, u auth.UserID) error {
	r.do(string(u) + " gone")
	r.mu.Lock()
	defer r.mu.Unlock()
	r.departing = slices.DeleteFunc(r.departing, func(d auth.UserID) bool { return d == u })
	return nil
}

func (r *register) Tell(_ context.Context, u auth.UserID) error {
	r.do("tells of " + string(u))
	return nil
}

// One that failed is no hindrance to others, and is taken up again soon; others when they
// are told of, or in a while.
func TestDeparturesAreCarriedOutInTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &register{stage: stage{at: groups.Standing{By: bus.Plain}}, departing: []auth.UserID{me, them}, fails: map[auth.UserID]int{me: 1}}
		d := groups.NewDepartures(groups.New(r, r, limit), r, r, r, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go d.Run(ctx)
		check := func(when string, want ...string) {
			t.Helper()
			synctest.Wait()
			if done, _ := r.news(); !slices.Equal(done, want) {
				t.Errorf("%s: %q, want %q", when, done, want)
			}
		}
		check("at the start", "tells of me", "tells of them", "seals p by them", "them gone")
		time.Sleep(time.Minute)
		check("after a minute", "tells of me", "seals p by me", "me gone")
		r.set(me)
		d.Wake()
		check("when woken", "tells of me", "seals p by me", "me gone")
		r.set(them)
		time.Sleep(time.Hour)
		check("in a while", "tells of them", "seals p by them", "them gone")
	})
}

// Somebody who was kicked meanwhile has left.
func TestADepartureFromWhatIsLeftAlready(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &register{departing: []auth.UserID{me}}
		r.at.By = bus.None
		d := groups.NewDepartures(groups.New(r, r, limit), r, r, r, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go d.Run(ctx)
		synctest.Wait()
		if done, left := r.news(); left > 0 {
			t.Errorf("done is %q", done)
		}
	})
}
