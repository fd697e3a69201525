package doortest

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// tables are those that events and requests change.
var tables = []string{"users", "sign_ups", "sessions", "refresh_tokens", "outbox", "resets", "departures", "rooms", "members", "messages", "toggles", kept}

// kept is what of the files counts: not those that are on their way to be collected.
const kept = "(SELECT name FROM files WHERE stored AND kept_until > now())"

// looks are tables of which not all is a change: for how long a file is kept that somebody
// wanted to send is none.
var looks = map[string]string{"files": "(SELECT name, owner_id, place, type, stored FROM files)"}

// Database is a look at what a house has stored, past its server.
type Database struct {
	*pgx.Conn
	t testing.TB
}

// Connect leads to the database at a URL until the test ends.
func Connect(t testing.TB, url string) Database {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return Database{conn, t}
}

// Rows is a digest of all rows of every table, by table: two that are equal mean that
// nothing was changed between them.
func (d Database) Rows() map[string]string {
	d.t.Helper()
	parts := make([]string, len(tables))
	for i, table := range tables {
		parts[i] = fmt.Sprintf(`SELECT '%s', count(*) || ' rows ' || coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM %s t`, table, cmp.Or(looks[table], table))
	}
	digests := map[string]string{}
	rows, err := d.Query(d.t.Context(), strings.Join(parts, " UNION ALL "))
	if err == nil {
		var table, digest string
		_, err = pgx.ForEachRow(rows, []any{&table, &digest}, func() error {
			digests[table] = digest
			return nil
		})
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return digests
}
