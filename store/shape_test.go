package store_test

import (
	"strings"
	"testing"

	"expresschat/server/doortest"
	"expresschat/store"
	"expresschat/store/storetest"
)

// What most tests stand on is what goose makes of an empty schema, to the last constraint.
func TestTheShapeOfTestsIsThatOfServers(t *testing.T) {
	t.Parallel()
	migrated := storetest.URL(t)
	s, err := store.Open(t.Context(), migrated, store.Conns{Lanes: 1, Others: 2}, noLog)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	of := func(url string) []string {
		const all = `
			SELECT current_schema(), string_agg(line, E'\n' ORDER BY line)
			FROM (
				SELECT format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default)
				FROM information_schema.columns
				WHERE table_schema = current_schema()
				UNION ALL
				SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()
				UNION ALL
				SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
				FROM pg_constraint
				WHERE connamespace = current_schema()::regnamespace
				UNION ALL
				SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
				UNION ALL
				SELECT pg_get_triggerdef(t.oid)
				FROM pg_trigger t
				JOIN pg_class c ON c.oid = t.tgrelid
				WHERE c.relnamespace = current_schema()::regnamespace AND NOT tgisinternal
				UNION ALL
				SELECT format('version %s %s', version_id, is_applied) FROM goose_db_version
			) lines(line)`
		var schema, shape string
		if err := doortest.Connect(t, url).QueryRow(t.Context(), all).Scan(&schema, &shape); err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.ReplaceAll(shape, schema, "schema"), "\n")
	}
	got, want := of(storetest.Shaped(t)), of(migrated)
	if len(want) < 100 || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the shape of tests:\n%s\nof a server:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
