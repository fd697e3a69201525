package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"expresschat/auth"
)

// However it falls together with sign-ins with the old password: afterwards nobody is
// signed in by it.
func TestAResetMissesNobody(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	for range 10 {
		ana := w.person("ana")
		r := auth.Reset{User: auth.User{ID: ana}, Code: code("r", auth.FromWeb)}
		w.must(w.SaveReset(t.Context(), r, auth.Letter{To: "ana"}))
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
			if _, err := w.ResetPassword(t.Context(), auth.PasswordChange{User: ana, Hash: "new", At: now}, []byte("r")); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		list, err := w.Sessions(t.Context(), ana, now, 10)
		w.must(err)
		if len(list) != 0 {
			t.Errorf("signed in are %+v", list)
		}
	}
}

// What failed changes nothing: neither the password nor the mail.
func TestAResetWithoutItsCodeChangesNothing(t *testing.T) {
	w := newWorld(t)
	ana := w.person("ana")
	r := auth.Reset{User: auth.User{ID: ana}, Code: code("newer", auth.FromWeb)}
	w.must(w.SaveReset(t.Context(), r, auth.Letter{To: "ana"}))
	c := auth.PasswordChange{User: ana, Hash: "new", Notice: auth.Letter{To: "changed"}, At: time.Now()}
	if _, err := w.ResetPassword(t.Context(), c, []byte("older")); !errors.Is(err, auth.ErrBadCode) {
		t.Errorf("%v", err)
	}
	a, err := w.AccountOf(t.Context(), ana)
	w.must(err)
	list, err := w.Sessions(t.Context(), ana, time.Now(), 10)
	w.must(err)
	if a.PasswordHash != "hash" || len(list) != 1 || w.mailTo("changed") != 0 {
		t.Errorf("%q, %d sessions, %d mails", a.PasswordHash, len(list), w.mailTo("changed"))
	}
}

// mailTo counts what waits to be sent to an address.
func (w *world) mailTo(address string) (n int) {
	w.Helper()
	list, err := w.Outbox().Claim(w.Context(), 100, 0)
	w.must(err)
	for _, p := range list {
		if p.Letter.To == address {
			n++
		}
	}
	return n
}

// However many guess at once, each is judged with those before it counted.
func TestGuessesAtAResetWaitForEachOther(t *testing.T) {
	w := newWorld(t)
	ana := w.person("ana")
	a, err := w.AccountOf(t.Context(), ana)
	w.must(err)
	w.must(w.SaveReset(t.Context(), auth.Reset{User: a.User, Code: code("r", auth.FromApp)}, auth.Letter{To: "ana"}))
	var all sync.WaitGroup
	var judged atomic.Int32
	for range 4 * auth.MaxTries {
		all.Go(func() {
			_, _, err := w.TryReset(t.Context(), auth.EmailKey(a.Email), func(r auth.Reset) auth.Verdict {
				if r.Code.Tries >= auth.MaxTries {
					return auth.Refused
				}
				judged.Add(1)
				return auth.Missed
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if judged.Load() != auth.MaxTries {
		t.Errorf("%d were judged", judged.Load())
	}
}

// An account that lost its address since it was looked up gets no code.
func TestOnlyAVerifiedAccountGetsAReset(t *testing.T) {
	w := newWorld(t)
	zoe := auth.Account{User: auth.User{ID: auth.NewUserID(), Name: "zoe", Email: "zoe@example.org"}, PasswordHash: "hash"}
	s := session()
	s.User = zoe.ID
	_, err := w.Register(t.Context(), zoe, s)
	w.must(err)
	w.must(w.SaveReset(t.Context(), auth.Reset{User: zoe.User, Code: code("r", auth.FromApp)}, auth.Letter{To: zoe.Email}))
	_, verdict, err := w.TryReset(t.Context(), zoe.Email, func(auth.Reset) auth.Verdict { return auth.Granted })
	if err != nil || verdict != auth.Missed || w.mailTo(zoe.Email) != 0 {
		t.Errorf("%v, %v, %d mails", verdict, err, w.mailTo(zoe.Email))
	}
}
