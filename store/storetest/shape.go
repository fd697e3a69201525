package storetest

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"expresschat/sql"
)

// Shaped is URL with all migrations applied: a store that opens there finds nothing to do.
// They are sent as they stand, all at once. goose, whose part that is elsewhere, takes each
// file to pieces first, in buffers of four megabytes, and with the race detector that was
// a quarter of what a test of the store needs.
func Shaped(t testing.TB) string {
	t.Helper()
	url := URL(t)
	if err := shape(url); err != nil {
		t.Fatalf("shape schema: %v", err)
	}
	return url
}

func shape(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	up, versions, err := migrations()
	if err != nil {
		return err
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*config)
	defer db.Close()
	known, err := database.NewStore(database.DialectPostgres, goose.DefaultTablename)
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := known.CreateVersionTable(ctx, conn); err != nil {
		return err
	}
	for _, version := range versions {
		if err := known.Insert(ctx, conn, database.InsertRequest{Version: version}); err != nil {
			return err
		}
	}
	return conn.Raw(func(driver any) error {
		_, err := driver.(*stdlib.Conn).Conn().PgConn().Exec(ctx, up).ReadAll()
		return err
	})
}

// migrations are all of them, one behind the other, and their versions with the first one's
// predecessor, which goose has in its table too.
func migrations() (up string, versions []int64, err error) {
	versions = []int64{0}
	names, err := fs.Glob(sql.Migrations, "*.sql") // in order
	if err != nil {
		return "", nil, err
	}
	for _, name := range names {
		content, err := fs.ReadFile(sql.Migrations, name)
		if err != nil {
			return "", nil, err
		}
		number, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return "", nil, fmt.Errorf("version of %s: %w", name, err)
		}
		forward, _, _ := strings.Cut(string(content), "-- +goose Down")
		up += forward + ";\n"
		versions = append(versions, version)
	}
	return up, versions, nil
}
