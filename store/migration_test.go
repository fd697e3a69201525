package store_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"expresschat/auth"
	"expresschat/sql"
	"expresschat/store"
	"expresschat/store/storetest"
)

var noLog = slog.New(slog.DiscardHandler)

// Who had an account before there were any that nobody verified had verified theirs, and
// stays signed in.
func TestEarlierAccountsAreVerified(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	w := &world{TB: t}
	config, err := pgx.ParseConfig(url)
	w.must(err)
	db := stdlib.OpenDB(*config)
	t.Cleanup(func() { _ = db.Close() })
	p, err := goose.NewProvider(goose.DialectPostgres, db, sql.Migrations)
	w.must(err)
	_, err = p.UpTo(t.Context(), 1)
	w.must(err)
	ana, session := auth.NewUserID(), auth.NewSessionID()
	then := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	_, err = db.ExecContext(t.Context(), `
		INSERT INTO users (id, name, name_key, email, email_key, password_hash, created_at)
		VALUES ($1, 'Ana', 'ana', 'ana@example.org', 'ana@example.org', 'p', $2)`, ana, then)
	w.must(err)
	_, err = db.ExecContext(t.Context(), `
		INSERT INTO sessions (id, user_id, expires_at)
		VALUES ($1, $2, now() + interval '1 hour')`, session, ana)
	w.must(err)

	w.Store, err = store.Open(t.Context(), url, store.Conns{Lanes: 1, Others: 2}, noLog)
	w.must(err)
	t.Cleanup(w.Close)
	a, err := w.Account(t.Context(), "ana@example.org")
	w.must(err)
	if !a.Verified || !a.CreatedAt.Equal(then) || !a.UpdatedAt.Equal(then) || a.Picture != "" {
		t.Errorf("account %+v", a)
	}
	s, u, err := w.LiveSession(t.Context(), session, time.Now())
	w.must(err)
	if s.Kind != auth.PairSession || u.ID != ana {
		t.Errorf("session %+v of %+v", s, u)
	}
}
