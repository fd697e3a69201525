// Package storetest gives tests a real Postgres: one private server for a package's
// tests, and in it a schema for each test, so that they run in parallel and none sees
// another's rows.
package storetest

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/store"
	"expresschat/store/localpg"
)

// databaseURL names the server that the tests use. Set beforehand, it leads to one that
// is running already.
const databaseURL = "CHAT_TEST_DATABASE_URL"

const patience = time.Minute

// Main runs a package's tests with a Postgres of their own, and ends it after them.
// TestMain calls it and exits with its result.
func Main(m *testing.M) int {
	if os.Getenv(databaseURL) != "" {
		return m.Run()
	}
	stop, err := start()
	if err != nil {
		fmt.Fprintln(os.Stderr, "storetest:", err)
		return 1
	}
	defer stop()
	return m.Run()
}

func start() (stop func(), err error) {
	// Not below the test's own folder: where we are root, Postgres' user has to get in.
	dir, err := os.MkdirTemp("", "storetest-*")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	pg, err := localpg.Start(ctx, localpg.Options{
		DataDir: filepath.Join(dir, "data"), SystemDir: filepath.Join(dir, "system"),
		// It does not outlive the tests, and nobody copies it.
		Settings: map[string]string{
			"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
			"wal_level": "minimal", "max_wal_senders": "0", "max_connections": "300",
		},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	if err := os.Setenv(databaseURL, pg.URL()); err != nil {
		return nil, err
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := pg.Stop(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "storetest:", err)
		}
		_ = os.RemoveAll(dir)
	}, nil
}

// Open gives a test a store in a new schema of its own, which goes with the test.
func Open(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), Shaped(t), store.Conns{Lanes: 4, Others: 4}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// URL makes a new schema, which goes with the test, and returns how to reach it.
func URL(t testing.TB) string {
	t.Helper()
	base := os.Getenv(databaseURL)
	if base == "" {
		t.Fatalf("%s is not set: TestMain has to call storetest.Main", databaseURL)
	}
	schema := "test_" + auth.NewID()[24:]
	execute(t, base, `CREATE SCHEMA `+schema)
	t.Cleanup(func() { execute(t, base, `DROP SCHEMA `+schema+` CASCADE`) })
	u, err := url.Parse(base)
	if err != nil {
		t.Fatalf("%s is no URL: %v", databaseURL, err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

func execute(t testing.TB, database, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("execute: %v", err)
	}
}
