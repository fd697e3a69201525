package auth

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPasswordsThatAreTriedFirst(t *testing.T) {
	t.Parallel()
	for password, common := range map[string]bool{
		"password":              true,
		" PassWord\t":           true,
		"12345678":              true,
		"!QAZ2wsx":              true, // the first line
		"expresschat":           true,
		"ExpressChat2026":       true,
		"ana@example.org":       true,
		"ANA.LUISA":             true,
		"ana luísa":             true,
		"correct horse battery": false,
		"password\nmustang1":    false,
		"passwor":               false,
		"ssword12\n":            false,
		"        ":              false,
		"expresschat and more":  false,
		"example.org":           false,
	} {
		if got := isCommon(password, "Ana.Luisa@example.org", "Ana Luísa") || isCommon(password, "ana@example.org"); got != common {
			t.Errorf("%q is common: %v", password, got)
		}
	}
}

func TestTheListOfCommonPasswords(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSuffix(commonPasswords, "\n"), "\n")
	if len(lines) != 10_000 || !slices.IsSorted(lines) || len(slices.Compact(lines)) != 10_000 {
		t.Errorf("%d lines, sorted: %v", len(lines), slices.IsSorted(lines))
	}
	for _, line := range lines {
		n := utf8.RuneCountInString(line)
		if n < MinPassword || n > MaxPassword || line != strings.ToLower(strings.TrimSpace(line)) {
			t.Errorf("%q", line)
		}
		if err := checkPassword(line); err != ErrCommonPassword {
			t.Errorf("%q: %v", line, err)
		}
	}
}
