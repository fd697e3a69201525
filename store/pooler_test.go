package store_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"expresschat/store/storetest"
)

// What PgBouncer has to ignore is what sessions are told at their start, but for what it
// knows itself.
func TestOperatorsKnowWhatAPoolerHasToIgnore(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile(filepath.Join("..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(manual), "\nignore_startup_parameters = ")
	line, _, _ := strings.Cut(rest, "\n")
	ignored := strings.Split(line, ", ")
	slices.Sort(ignored)
	told := slices.DeleteFunc(storetest.Open(t).Settings(), func(name string) bool {
		return name == "application_name" || name == "timezone" || name == "search_path" // that one is of the tests' URL
	})
	if !found || !slices.Equal(ignored, told) {
		t.Errorf("operations.md says %q, sessions are told %q", ignored, told)
	}
}
