package templates

// Locked is the data of the mail "locked". Name may be empty, and then the mail leaves it
// out; At is a time in words.
type Locked struct {
	Name   string
	To     string
	At     string
	Forgot string // a link
	Host   string
}

// AlreadyThere is the data of the mail "already_there". Name may be empty, and then the mail
// leaves it out.
type AlreadyThere struct {
	Name   string
	To     string
	SignIn string // a link, as is Forgot
	Forgot string
	Host   string
}
