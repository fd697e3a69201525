package auth

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds on what people may call themselves and sign in with, in characters; the
// email's is RFC 5321's, in bytes.
const (
	MaxName     = 64
	MinPassword = 8
	MaxPassword = 256
	MaxEmail    = 254
)

// CleanName trims a name and checks it. The error is ErrBadName. Groups are named by
// the same rule.
func CleanName(s string) (string, error) {
	s = strings.TrimSpace(s)
	n := utf8.RuneCountInString(s)
	if n < 1 || n > MaxName || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", ErrBadName
	}
	return s, nil
}

// cleanEmail trims an address and checks that it is one and nothing else: no display
// name, no comment. The error is ErrBadEmail.
func cleanEmail(s string) (string, error) {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > MaxEmail || strings.ContainsFunc(s, unicode.IsControl) || !utf8.ValidString(s) {
		return "", ErrBadEmail
	}
	return s, nil
}

// EmailKey is the form in which addresses are compared: without regard to case.
func EmailKey(email string) string {
	return strings.ToLower(strings.TrimSpace(email))
}

func checkPassword(s string) error {
	if n := utf8.RuneCountInString(s); n < MinPassword || n > MaxPassword {
		return ErrBadPassword
	}
	return nil
}
