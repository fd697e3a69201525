package expresschat_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// requirements are those of OWASP ASVS 5.0, levels 1 and 2, that docs/security.md answers:
// by section how many there are, without those of level 3.
var requirements = map[string][]int{
	"4.4": upTo(4), "5.1": upTo(1), "5.2": upTo(3), "5.3": upTo(2), "5.4": upTo(3), "6.1": upTo(3), "6.2": upTo(11), "6.3": upTo(4), "6.4": upTo(4), "6.5": upTo(5), "6.6": upTo(3), "6.8": upTo(4),
	"7.1": upTo(3), "7.2": upTo(4), "7.3": upTo(2), "7.4": upTo(5), "7.5": upTo(2), "7.6": upTo(2),
	"8.1": upTo(2), "8.2": upTo(3), "8.3": upTo(1), "8.4": upTo(1), "9.1": upTo(3), "9.2": upTo(4), "10.4": upTo(11),
}

func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i + 1
	}
	return list
}

var (
	// requirement is a row of the tables: its number, what came of it, and the tests.
	requirement = regexp.MustCompile(`(?m)^\| (\d+\.\d+\.\d+) \| [12] \| [^|]+ \| (met|partly|no|n/a) \|([^|]*)\|([^|]*)\|$`)
	namedTest   = regexp.MustCompile("`([a-z0-9]+(?:/[a-z0-9]+)*)\\.((?:Test|Fuzz)\\w+)`")
)

// What docs/security.md says is shown by a test that there is, and no requirement is left out.
func TestSecurityIsShown(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range securityProblems(string(text), testExists) {
		t.Error(problem)
	}
}

func securityProblems(text string, exists func(dir, name string) bool) (problems []string) {
	var answered []string
	for _, row := range requirement.FindAllStringSubmatch(text, -1) {
		answered = append(answered, row[1])
		if shown := namedTest.MatchString(row[4]); shown == (row[2] == "no" || row[2] == "n/a") {
			problems = append(problems, fmt.Sprintf("%s is %s, and shown by a test is %v", row[1], row[2], shown))
		}
	}
	for section, numbers := range requirements {
		for _, n := range numbers {
			id := fmt.Sprintf("%s.%d", section, n)
			if !slices.Contains(answered, id) {
				problems = append(problems, id+" has no row")
			}
		}
	}
	for _, named := range namedTest.FindAllStringSubmatch(text, -1) {
		if !exists(named[1], named[2]) {
			problems = append(problems, fmt.Sprintf("there is no %s in %s", named[2], named[1]))
		}
	}
	return problems
}

// testExists looks for a test's function in the files of its package.
func testExists(dir, name string) bool {
	files, _ := filepath.Glob(filepath.Join(filepath.FromSlash(dir), "*_test.go"))
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && strings.Contains(string(text), "\nfunc "+name+"(")
	})
}

func TestSecurityIsShownCanFail(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	for section, numbers := range requirements {
		for _, n := range numbers {
			fmt.Fprintf(&rows, "| %s.%d | 1 | x | met | how | `auth.TestPairs` |\n", section, n)
		}
	}
	good := rows.String()
	for name, tt := range map[string]struct{ was, is, want string }{
		"all is well":     {"", "", ""},
		"a row is gone":   {"| 7.2.1 |", "| 7.2.99 |", "7.2.1 has no row"},
		"no test is met":  {"| 7.2.1 | 1 | x | met | how | `auth.TestPairs` |", "| 7.2.1 | 1 | x | met | how | |", "7.2.1"},
		"a test is gone":  {"`auth.TestPairs`", "`auth.TestPears`", "there is no TestPears in auth"},
		"another package": {"`auth.TestPairs`", "`store.TestPairs`", "there is no TestPairs in store"},
	} {
		problems := securityProblems(strings.Replace(good, tt.was, tt.is, 1), func(dir, name string) bool { return dir == "auth" && name == "TestPairs" })
		if got := strings.Join(problems, "; "); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
	if testExists("auth", "TestThatThereIsNot") || !testExists("auth", "TestPairs") {
		t.Error("tests are not found where they are")
	}
}
