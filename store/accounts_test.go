package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"expresschat/auth"
)

func (w *world) signUp(email, hash string) auth.SignUp {
	w.Helper()
	su := auth.SignUp{ID: auth.NewUserID(), Email: email, Name: "n", PasswordHash: "p", Code: code(hash, auth.FromWeb)}
	w.must(w.SaveSignUp(w.Context(), su, auth.Letter{To: email, Subject: "s"}))
	return su
}

func grant(auth.SignUp) auth.Verdict { return auth.Granted }

func session() auth.Session {
	return auth.Session{ID: auth.NewSessionID(), Kind: auth.PairSession, ExpiresAt: time.Now().Add(time.Hour)}
}

func TestANewerSignUpTakesThePlaceOfAnOlder(t *testing.T) {
	w := newWorld(t)
	w.signUp("a@example.org", "old")
	newer := w.signUp("A@Example.org", "new")
	su, err := w.PendingSignUp(t.Context(), "a@example.org")
	w.must(err)
	if su.ID != newer.ID || string(su.Code.Hash) != "new" {
		t.Errorf("pending is %+v", su)
	}
}

func TestAnAddressHasOneAccount(t *testing.T) {
	w := newWorld(t)
	w.signUp("a@example.org", "c")
	_, _, err := w.Redeem(t.Context(), "a@example.org", session(), grant)
	w.must(err)
	su := auth.SignUp{ID: auth.NewUserID(), Email: "A@EXAMPLE.ORG", Name: "n", Code: code("d", auth.FromApp)}
	if err := w.SaveSignUp(t.Context(), su, auth.Letter{}); !errors.Is(err, auth.ErrEmailTaken) {
		t.Error(err)
	}
}

// However many present the code at once, it is granted once, and every wrong try counts.
func TestRedeemIsOneAtATime(t *testing.T) {
	w := newWorld(t)
	w.signUp("a@example.org", "c")
	granted := make(chan struct{}, 10)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			_, v, err := w.Redeem(t.Context(), "a@example.org", session(), func(su auth.SignUp) auth.Verdict {
				switch {
				case su.Code.Tries < 3:
					return auth.Missed
				case su.UsedAt.IsZero():
					return auth.Granted
				}
				return auth.Seen
			})
			if err != nil {
				t.Error(err)
			}
			if v == auth.Granted {
				granted <- struct{}{}
			}
		})
	}
	wg.Wait()
	su, err := w.PendingSignUp(t.Context(), "a@example.org")
	w.must(err)
	if len(granted) != 1 || su.Code.Tries != 3 {
		t.Errorf("granted %d times after %d tries", len(granted), su.Code.Tries)
	}
}

func TestSessions(t *testing.T) {
	w := newWorld(t)
	ana := w.person("ana")
	s := session()
	s.User = ana
	now := time.Now()
	w.must(w.StartSession(t.Context(), s, "hash"))
	found, u, err := w.LiveSession(t.Context(), s.ID, now)
	w.must(err)
	if found.ID != s.ID || found.Kind != auth.PairSession || found.User != ana || u.ID != ana || u.Name != "ana" || u.CreatedAt.IsZero() {
		t.Errorf("session %+v, user %+v", found, u)
	}
	if _, _, err := w.LiveSession(t.Context(), s.ID, s.ExpiresAt.Add(time.Second)); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("past its end: %v", err)
	}
	if did, err := w.RevokeSession(t.Context(), w.person("ben"), s.ID, now); err != nil || did {
		t.Errorf("somebody else's revocation: %v, %v", did, err)
	}
	for i, want := range []bool{true, false} {
		if did, err := w.RevokeSession(t.Context(), ana, s.ID, now); err != nil || did != want {
			t.Errorf("revocation %d: %v, %v", i, did, err)
		}
	}
	if _, _, err := w.LiveSession(t.Context(), s.ID, now); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("revoked: %v", err)
	}
	never := func(time.Time, []auth.RefreshToken) auth.Rotation {
		t.Error("somebody decided about a session that is over")
		return auth.Rotation{}
	}
	if _, err := w.Rotate(t.Context(), ana, s.ID, now, never); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("renewed after its end: %v", err)
	}
}

func TestOutboxHoldsWhatWasCommitted(t *testing.T) {
	w := newWorld(t)
	w.signUp("a@example.org", "c")
	box := w.Outbox()
	got, err := box.Claim(t.Context(), 5, time.Hour)
	w.must(err)
	if len(got) != 1 || got[0].Letter.To != "a@example.org" || got[0].Attempts != 0 {
		t.Fatalf("claimed %+v", got)
	}
	if again, err := box.Claim(t.Context(), 5, time.Hour); err != nil || len(again) != 0 {
		t.Errorf("claimed twice: %+v, %v", again, err)
	}
	w.must(box.Failed(t.Context(), got[0].ID, time.Now().Add(-time.Second)))
	got, err = box.Claim(t.Context(), 5, time.Hour)
	w.must(err)
	if len(got) != 1 || got[0].Attempts != 1 {
		t.Errorf("after a failure: %+v", got)
	}
	if at, ok, err := box.NextDue(t.Context()); err != nil || !ok || time.Until(at) < time.Minute {
		t.Errorf("next due %v %v %v", at, ok, err)
	}
	w.must(box.Reclaim(t.Context()))
	got, err = box.Claim(t.Context(), 5, time.Hour)
	w.must(err)
	if len(got) != 1 || got[0].Attempts != 1 {
		t.Errorf("reclaimed %+v", got)
	}
	w.must(box.Sent(t.Context(), got[0].ID))
	if _, ok, err := box.NextDue(t.Context()); err != nil || ok {
		t.Errorf("something is left: %v", err)
	}
}
