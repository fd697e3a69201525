package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"expresschat/auth"
)

// However it falls together with sign-ins with the old password: afterwards nobody is
// signed in by it, but for the session that changed it.
func TestAChangeOfThePasswordMissesNobody(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	for range 10 {
		ana := w.person("ana")
		keep := w.pairSession(ana, now)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				s := session()
				s.User = ana
				if err := w.StartSession(t.Context(), s, "hash"); err != nil && !errors.Is(err, auth.ErrWrongPassword) {
					t.Error(err)
				}
			})
		}
		all.Go(func() {
			if _, err := w.ChangePassword(t.Context(), auth.PasswordChange{User: ana, Hash: "new", At: now}, "hash", keep.ID); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		list, err := w.Sessions(t.Context(), ana, now, 10)
		w.must(err)
		if len(list) != 1 || list[0].ID != keep.ID {
			t.Errorf("signed in are %+v", list)
		}
	}
}

// Of two changes at once, one is made.
func TestAPasswordIsChangedOnce(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	ana := w.person("ana")
	keep, other := w.pairSession(ana, now), w.pairSession(ana, now)
	ended, err := w.ChangePassword(t.Context(), auth.PasswordChange{User: ana, Hash: "new", At: now}, "hash", keep.ID)
	// The session that the account began with is one of those.
	if err != nil || len(ended) != 2 || (ended[0] != other.ID && ended[1] != other.ID) {
		t.Errorf("ended %v, %v", ended, err)
	}
	if _, err := w.ChangePassword(t.Context(), auth.PasswordChange{User: ana, Hash: "newer", At: now}, "hash", other.ID); !errors.Is(err, auth.ErrWrongPassword) {
		t.Errorf("a second time: %v", err)
	}
	a, err := w.AccountOf(t.Context(), ana)
	if err != nil || a.PasswordHash != "new" {
		t.Errorf("%+v, %v", a, err)
	}
	_, _, err = w.LiveSession(t.Context(), keep.ID, now)
	w.must(err)
}
