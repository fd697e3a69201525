package auth_test

import (
	"time"

	"expresschat/auth"
)

// Locked implements auth.Notices.
func (d *desk) Locked(to, name string, at time.Time, forgot string) (auth.Letter, error) {
	if !at.Equal(d.clock()) || forgot != "https://chat.example/auth#forgot" {
		d.Errorf("locked at %v, and leads to %q", at, forgot)
	}
	return auth.Letter{To: to, Subject: "locked", Text: name}, nil
}

// AlreadyThere implements auth.Notices.
func (d *desk) AlreadyThere(to, name, signIn, forgot string) (auth.Letter, error) {
	if signIn != "https://chat.example/auth" || forgot != "https://chat.example/auth#forgot" {
		d.Errorf("leads to %q and %q", signIn, forgot)
	}
	return auth.Letter{To: to, Subject: "already there", Text: name}, nil
}
