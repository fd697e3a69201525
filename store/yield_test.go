package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/store"
	"expresschat/store/storetest"
)

func account(email string) auth.Account {
	return auth.Account{User: auth.User{ID: auth.NewUserID(), Name: "n", Email: email}, PasswordHash: "p"}
}

// register makes an account that nobody verified.
func (w *world) register(email string) (auth.User, error) {
	s := session()
	a := account(email)
	s.Kind, s.User = auth.LongSession, a.ID
	return w.Register(w.Context(), a, s)
}

// yielded checks who has an address: the one who verified it, and not the one who
// registered it.
func (w *world) yielded(email string, verified, registered auth.UserID) {
	w.Helper()
	a, err := w.Account(w.Context(), email)
	w.must(err)
	if a.ID != verified || !a.Verified {
		w.Errorf("the address is of %+v", a)
	}
	if registered == "" {
		return
	}
	earlier, err := w.AccountOf(w.Context(), registered)
	w.must(err)
	byID, err := w.Account(w.Context(), string(registered))
	w.must(err)
	if earlier != byID || earlier.Email != string(registered) || earlier.Verified || earlier.ID == verified {
		w.Errorf("the earlier account is %+v", earlier)
	}
}

func TestAnAccountHasWhatItWasMadeOf(t *testing.T) {
	w := newWorld(t)
	u, err := w.register("Ana")
	w.must(err)
	a, err := w.Account(t.Context(), "ana")
	w.must(err)
	if a.User != u || a.PasswordHash != "p" || a.Verified || u.Email != "Ana" || u.CreatedAt.IsZero() {
		t.Errorf("%+v of %+v", a, u)
	}
	if _, err := w.register("ANA"); !errors.Is(err, auth.ErrEmailTaken) {
		t.Errorf("a second time: %v", err)
	}
	if _, err := w.Person(t.Context(), u.ID); err != nil {
		t.Error(err)
	}
	if _, err := w.AccountOf(t.Context(), auth.NewUserID()); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("nobody: %v", err)
	}
}

func TestAVerifiedAccountDoesNotYield(t *testing.T) {
	w := newWorld(t)
	first := w.signUp("a@example.org", "c")
	_, _, err := w.Redeem(t.Context(), "a@example.org", session(), grant)
	w.must(err)
	if _, err := w.register("a@example.org"); !errors.Is(err, auth.ErrEmailTaken) {
		t.Errorf("registered: %v", err)
	}
	// As if somebody's attempt had been kept while the address was being verified.
	w.must(w.Execute(t.Context(), `UPDATE sign_ups SET id = $1, used_at = NULL`, auth.NewUserID()))
	if _, _, err := w.Redeem(t.Context(), "a@example.org", session(), grant); !errors.Is(err, auth.ErrEmailTaken) {
		t.Errorf("redeemed: %v", err)
	}
	w.yielded("a@example.org", first.ID, "")
}

// Somebody who is just registering an address holds its verification up, and yields, or
// is not there at all.
func TestVerifyingWhileTheAddressIsBeingRegistered(t *testing.T) {
	for name, end := range map[string]func(pgx.Tx, context.Context) error{"kept": pgx.Tx.Commit, "given up": pgx.Tx.Rollback} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := storetest.URL(t)
			db, err := store.Open(t.Context(), url, store.Conns{Lanes: 2, Others: 4}, noLog)
			w := &world{TB: t, Store: db}
			w.must(err)
			t.Cleanup(db.Close)
			su := w.signUp("a@example.org", "c")

			conn, err := pgx.Connect(t.Context(), url)
			w.must(err)
			t.Cleanup(func() { _ = conn.Close(context.Background()) })
			tx, err := conn.Begin(t.Context())
			w.must(err)
			registered := auth.NewUserID()
			_, err = tx.Exec(t.Context(), `
				INSERT INTO users (id, name, name_key, email, email_key, password_hash)
				VALUES ($1, 'n', 'n', 'a@example.org', 'a@example.org', 'p')`, registered)
			w.must(err)
			redeemed := make(chan error, 1)
			go func() {
				_, _, err := w.Redeem(t.Context(), "a@example.org", session(), grant)
				redeemed <- err
			}()
			for waiting := 0; waiting == 0; {
				w.must(tx.QueryRow(t.Context(), `
					SELECT count(*)
					FROM pg_stat_activity
					WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))`).Scan(&waiting))
			}
			w.must(end(tx, t.Context()))
			w.must(<-redeemed)
			if name != "kept" {
				registered = ""
			}
			w.yielded("a@example.org", su.ID, registered)
		})
	}
}

// However they come together, who verifies an address has it, and who registered it has an
// account of their own, or none.
func TestVerifyingAndRegisteringAtOnce(t *testing.T) {
	w := newWorld(t)
	for range 20 {
		email := auth.NewID() + "@example.org"
		su := w.signUp(email, "c")
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, v, err := w.Redeem(t.Context(), email, session(), grant); err != nil || v != auth.Granted {
				t.Errorf("verdict %v, %v", v, err)
			}
		})
		registered := make(chan auth.UserID, 3)
		for range cap(registered) {
			wg.Go(func() {
				u, err := w.register(email)
				if err == nil {
					registered <- u.ID
				} else if !errors.Is(err, auth.ErrEmailTaken) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		close(registered)
		if len(registered) > 1 {
			t.Errorf("%d have registered it", len(registered))
		}
		w.yielded(email, su.ID, <-registered)
	}
}

func TestALongSessionIsProlongedOnce(t *testing.T) {
	w := newWorld(t)
	s := session()
	s.Kind, s.User = auth.LongSession, w.person("ana")
	w.must(w.StartSession(t.Context(), s, "hash"))
	now := time.Now()
	until := s.ExpiresAt.Add(time.Hour)
	if did, err := w.ProlongSession(t.Context(), s.ID, now, s.ExpiresAt.Add(-time.Minute), until); err != nil || did {
		t.Errorf("before it is due: %v, %v", did, err)
	}
	var wg sync.WaitGroup
	moved := make(chan bool, 8)
	for range cap(moved) {
		wg.Go(func() {
			did, err := w.ProlongSession(t.Context(), s.ID, now, until.Add(-time.Minute), until)
			if err != nil {
				t.Error(err)
			}
			if did {
				moved <- true
			}
		})
	}
	wg.Wait()
	if len(moved) != 1 {
		t.Errorf("moved %d times", len(moved))
	}
	found, _, err := w.LiveSession(t.Context(), s.ID, s.ExpiresAt.Add(time.Minute))
	w.must(err)
	if found.Kind != auth.LongSession || found.ExpiresAt.Sub(until).Abs() > time.Microsecond {
		t.Errorf("session %+v, want it until %v", found, until)
	}
	if did, err := w.ProlongSession(t.Context(), s.ID, until.Add(time.Second), until.Add(time.Hour), until.Add(2*time.Hour)); err != nil || did {
		t.Errorf("after its end: %v, %v", did, err)
	}
}
