package store_test

import (
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"expresschat/sql"
	"expresschat/store"
	"expresschat/store/storetest"
)

// Rooms that are older than the knowledge of who made them get it from their members. All
// of the shape can be taken back.
func TestOldRoomsGetTheirCreators(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDB(*config)
	defer db.Close()
	shape, err := goose.NewProvider(goose.DialectPostgres, db, sql.Migrations)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shape.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	const old = `
		INSERT INTO users (id, name, name_key, email, email_key, password_hash)
		SELECT ('00000000-0000-7000-8000-00000000000' || n)::uuid, 'n', 'n', 'e' || n, 'e' || n, ''
		FROM generate_series(1, 2) n;
		INSERT INTO rooms (id, kind, low, high, last_at, created_at, deleted_at)
		SELECT ('00000000-0000-7000-8000-00000000000' || n)::uuid, kind, low::uuid, high::uuid, now(), now(), gone::timestamptz
		FROM (VALUES
			(1, 'self', NULL, NULL, NULL),
			(3, 'personal', '00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002', NULL),
			(4, 'group', NULL, NULL, NULL),
			(5, 'group', NULL, NULL, '2020-01-01')
		) r(n, kind, low, high, gone);
		INSERT INTO members (room_id, user_id, role, joined_seq, joined_nth)
		SELECT ('00000000-0000-7000-8000-00000000000' || r)::uuid, ('00000000-0000-7000-8000-00000000000' || u)::uuid, role, seq, nth
		FROM (VALUES (1, 1, 'member', 0, 0), (3, 2, 'member', 0, 0), (3, 1, 'member', 0, 1), (4, 1, 'member', 1, 0), (4, 2, 'owner', 5, 0))
			m(r, u, role, seq, nth)`
	if _, err := db.ExecContext(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), url, store.Conns{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	var got string
	const creators = `SELECT string_agg(kind || coalesce(right(creator_id::text, 1), '-'), ' ' ORDER BY id) FROM rooms`
	if err := db.QueryRowContext(t.Context(), creators).Scan(&got); err != nil || got != "self1 personal2 group2 group-" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := shape.DownTo(t.Context(), 0); err != nil {
		t.Error(err)
	}
}
