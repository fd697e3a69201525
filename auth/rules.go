package auth

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Bounds on what people may call themselves and sign in with, in characters; the
// email's is RFC 5321's, in bytes.
const (
	MaxName     = 64
	MinPassword = 8
	MaxPassword = 256
	MaxEmail    = 254
)

// MaxOpaquePassword bounds a password that somebody registers with, in bytes. It may be what
// a client made of one, so no other rule makes sense.
const MaxOpaquePassword = 1024

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
	if len(s) > MaxEmail {
		return "", ErrBadEmail // before it is parsed: there is no bound on that
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || strings.ContainsFunc(s, unicode.IsControl) || !utf8.ValidString(s) {
		return "", ErrBadEmail
	}
	return s, nil
}

// cleanLogin trims what somebody wants to sign in with: an address, a phone number or
// anything else that is theirs alone. It must not read as an id, in any of the forms that
// ids are written in, because ids are looked up in the same place. The error is ErrBadLogin.
func cleanLogin(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > MaxEmail || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", ErrBadLogin
	}
	if uuid.Validate(EmailKey(s)) == nil {
		return "", ErrBadLogin
	}
	return s, nil
}

// EmailKey is the form in which addresses are compared: without regard to case.
func EmailKey(email string) string {
	return strings.ToLower(strings.TrimSpace(email))
}

// lookupKey is EmailKey for an address that somebody else looks up. The error is ErrNoUser
// if nobody can have it, and a store must not be asked for it: Postgres takes no NUL.
func lookupKey(email string) (string, error) {
	key := EmailKey(email)
	// In lower case some letters are longer, so it is not the key that is bounded.
	if key == "" || len(strings.TrimSpace(email)) > MaxEmail || strings.ContainsRune(key, 0) || !utf8.ValidString(email) {
		return "", ErrNoUser
	}
	return key, nil
}

func checkOpaquePassword(s string) error {
	if len(s) < 1 || len(s) > MaxOpaquePassword {
		return ErrPasswordSize
	}
	return nil
}

// checkPassword checks a password that somebody chooses, who is called so. The error is
// ErrBadPassword or ErrCommonPassword.
func checkPassword(s string, called ...string) error {
	if n := utf8.RuneCountInString(s); n < MinPassword || n > MaxPassword {
		return ErrBadPassword
	}
	if isCommon(s, called...) {
		return ErrCommonPassword
	}
	return nil
}
