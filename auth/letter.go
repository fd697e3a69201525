package auth

import "time"

// Letter is one outgoing mail to one person. Text and HTML say the same.
type Letter struct {
	To      string
	Subject string
	Text    string
	HTML    string
}

// Letters writes the mails that accounts need. It is an adapter's part to know
// templates; what they say of codes and links is given here.
type Letters interface {
	// VerifyLink asks the owner of an address to open link, which works once and
	// for ten minutes.
	VerifyLink(to, name, link string) (Letter, error)
	// VerifyCode tells the owner of an address the six-digit code of an app's
	// sign-up, which works once and for ten minutes.
	VerifyCode(to, name, code string) (Letter, error)
	// ResetLink gives the owner of an account link, where they set another password, once
	// and for ten minutes.
	ResetLink(to, name, link string) (Letter, error)
	// ResetCode tells the owner of an account the six-digit code that sets another password
	// in an app, once and for ten minutes.
	ResetCode(to, name, code string) (Letter, error)
	// PasswordChanged tells the owner of an account that its password was changed.
	PasswordChanged(to, name string) (Letter, error)
}

// Posting is a letter on its way. Its ID stays the same over all attempts, so that a
// receiver can tell a repeat.
type Posting struct {
	ID        string
	Letter    Letter
	Attempts  int // that have failed so far
	CreatedAt time.Time
}
