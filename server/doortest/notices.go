package doortest

import (
	"time"

	"expresschat/auth"
)

// Subjects of the notices that a house sends.
const (
	LockedSubject       = "locked"
	AlreadyThereSubject = "already there"
)

// Locked implements auth.Notices.
func (*Mailbox) Locked(to, _ string, _ time.Time, _ string) (auth.Letter, error) {
	return auth.Letter{To: to, Subject: LockedSubject}, nil
}

// AlreadyThere implements auth.Notices.
func (*Mailbox) AlreadyThere(to, _, _, _ string) (auth.Letter, error) {
	return auth.Letter{To: to, Subject: AlreadyThereSubject}, nil
}
