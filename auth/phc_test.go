package auth

import (
	"fmt"
	"strings"
	"testing"
)

func TestStoredHashesWithinBounds(t *testing.T) {
	t.Parallel()
	const salt, key = "c2FsdHNhbHRzYWx0c2Fs", "a2V5a2V5a2V5a2V5a2V5a2V5"
	of := func(m, t, p int) string {
		return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", m, t, p, salt, key)
	}
	tests := map[string]struct {
		text string
		good bool
	}{
		"the least":                {of(minMemory, minTime, 1), true},
		"the most":                 {of(maxMemory, maxTime, maxLanes), true},
		"too little memory":        {of(minMemory-1, 1, 1), false},
		"too much memory":          {of(maxMemory+1, 1, 1), false},
		"no memory":                {of(0, 1, 1), false},
		"no turn":                  {of(minMemory, 0, 1), false},
		"too many turns":           {of(minMemory, maxTime+1, 1), false},
		"no lane":                  {of(minMemory, 1, 0), false},
		"too many lanes":           {of(minMemory, 1, maxLanes+1), false},
		"more than a number takes": {strings.Replace(of(minMemory, 1, 1), "t=1", "t=4294967297", 1), false},
		"a sign":                   {strings.Replace(of(minMemory, 1, 1), "t=1", "t=+1", 1), false},
		"another order":            {strings.Replace(of(minMemory, 1, 1), "t=1,p=1", "p=1,t=1", 1), false},
		"another version":          {strings.Replace(of(minMemory, 1, 1), "v=19", "v=16", 1), false},
		"another function":         {strings.Replace(of(minMemory, 1, 1), "argon2id", "argon2i", 1), false},
		"a short salt":             {strings.Replace(of(minMemory, 1, 1), salt, "c2FsdA", 1), false},
		"a short key":              {strings.Replace(of(minMemory, 1, 1), key, "a2V5", 1), false},
		"a long key":               {strings.Replace(of(minMemory, 1, 1), key, strings.Repeat(key, 4), 1), false},
		"padding":                  {of(minMemory, 1, 1) + "=", false},
		"something behind it":      {of(minMemory, 1, 1) + "$", false},
		"nothing":                  {"", false},
		"bcrypt":                   {"$2y$10$abcdefghijklmnopqrstuv", false},
	}
	for name, tt := range tests {
		h, err := decodeHash(tt.text)
		if (err == nil) != tt.good || tt.good && h.String() != tt.text {
			t.Errorf("%s: %v, %v", name, h, err)
		}
	}
}

// What OWASP counts as equal is not weaker than itself, and half of it is.
func TestWeakHashes(t *testing.T) {
	t.Parallel()
	today := cost{hashMemory, hashTime, hashLanes}
	for c, want := range map[cost]bool{
		today: false, {hashMemory / 2, hashTime, 1}: true, {hashMemory / 2, hashTime * 2, 1}: false, {hashMemory * 2, hashTime, 4}: false,
	} {
		if got := c.less(today); got != want {
			t.Errorf("%v is weak: %v", c, got)
		}
	}
}
