package auth

import (
	_ "embed"
	"regexp"
	"strings"
)

// commonPasswords is a line for each, in lower case: those that whoever guesses tries first,
// as far as they are long enough for the rule of passwords. Its NOTICE says where it is from.
//
//go:embed common_passwords.txt
var commonPasswords string

// ours are the passwords that come to mind at the name of what one signs up for.
var ours = regexp.MustCompile(`^expresschat\d*$`)

// isCommon tells whether a password is among the first that anybody tries: a common one, or
// what somebody is called. It looks at the list from its beginning, which is nothing beside
// the hash that follows.
func isCommon(password string, called ...string) bool {
	p := strings.ToLower(strings.TrimSpace(password))
	if p == "" || strings.Contains(p, "\n") { // which are none, or several lines, of the list
		return false
	}
	for _, name := range called {
		name = strings.ToLower(strings.TrimSpace(name))
		local, _, _ := strings.Cut(name, "@")
		if p == name || p == local {
			return true
		}
	}
	return ours.MatchString(p) || strings.Contains(commonPasswords, "\n"+p+"\n") || strings.HasPrefix(commonPasswords, p+"\n")
}
