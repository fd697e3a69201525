package store_test

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"expresschat/chat"
	"expresschat/store"
	"expresschat/store/cable"
	"expresschat/store/storetest"
)

// What one connection for writes went silent by, the others did as well: what is written next
// begins with a new one, and need not find that out.
func TestWritesBehindASilence(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(context.Context, *store.Store) error{
		"batch": func(ctx context.Context, s *store.Store) error {
			_, _, err := s.Commit(ctx, chat.Batch{})
			return err
		},
		"one that stands alone": func(ctx context.Context, s *store.Store) error {
			return s.InLane(ctx, func(tx pgx.Tx) error {
				_, err := tx.Exec(ctx, `SELECT`)
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, wire := overACable(t, store.Conns{Lanes: 3, Others: 1}, slog.New(slog.DiscardHandler))
			err := s.InLane(t.Context(), func(pgx.Tx) error { // beside another one
				return s.InLane(t.Context(), func(pgx.Tx) error { return nil })
			})
			if err != nil || s.IdleLanes() != 2 {
				t.Fatalf("%d connections: %v", s.IdleLanes(), err)
			}
			wire.Silence()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if err := write(ctx, s); err == nil {
				t.Error("written over a silent connection")
			}
			if n := s.IdleLanes(); n != 0 {
				t.Fatalf("%d silent connections are trusted still", n)
			}
			if err := write(t.Context(), s); err != nil {
				t.Error(err)
			}
		})
	}
}

// A connection in use is not let go of because another one got no answer.
func TestAConnectionInUseStays(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	pid := func(then func(pgx.Tx) error) (pid int, err error) {
		err = s.InLane(t.Context(), func(tx pgx.Tx) error {
			if err := tx.QueryRow(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
				return err
			}
			return then(tx)
		})
		return pid, err
	}
	used, err := pid(func(pgx.Tx) error {
		brief, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		err := s.InLane(brief, func(tx pgx.Tx) error {
			_, err := tx.Exec(brief, `SELECT pg_sleep(60)`)
			return err
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a minute in 100 ms: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if next, err := pid(func(pgx.Tx) error { return nil }); err != nil || next != used {
		t.Errorf("connection %d is used behind %d: %v", next, used, err)
	}
}

// overACable is a store that reaches its database over a cable.
func overACable(t *testing.T, conns store.Conns, log *slog.Logger) (*store.Store, *cable.Cable) {
	t.Helper()
	at, err := url.Parse(storetest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	wire := cable.New(t, filepath.Join(at.Query().Get("host"), ".s.PGSQL."+at.Query().Get("port")))
	q := at.Query()
	q.Del("host")
	q.Del("port")
	at.Host, at.RawQuery = wire.Address(), q.Encode()
	s, err := store.Open(t.Context(), at.String(), conns, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, wire
}

// What a connection held that is given up is free soon: those who write to the same rooms wait
// for it.
func TestASilentConnectionLetsGo(t *testing.T) {
	t.Parallel()
	s, wire := overACable(t, store.Conns{Lanes: 2, Others: 1}, slog.New(slog.DiscardHandler))
	lock := func(ctx context.Context, then func(tx pgx.Tx) error) error {
		return s.InLane(ctx, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext(current_schema()))`); err != nil {
				return err
			}
			return then(tx)
		})
	}
	if err := lock(t.Context(), func(pgx.Tx) error { return nil }); err != nil { // there is a connection then
		t.Fatal(err)
	}
	brief, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	locked := false
	err := lock(brief, func(tx pgx.Tx) error {
		locked = true
		wire.Silence()
		_, err := tx.Exec(brief, `SELECT`)
		return err
	})
	if !locked || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("locked %v, over a silent connection: %v", locked, err)
	}
	if err := lock(t.Context(), func(pgx.Tx) error { return nil }); err != nil { // waits for it for three seconds
		t.Error(err)
	}
}
