package templates

import "time"

// VerifyLink is the data of the mails "verify_link" and "reset_link". Name may be empty, and then the
// mail leaves it out; Host is the chat's, as the link names it.
type VerifyLink struct {
	Name string
	To   string
	Link string
	Host string
}

// VerifyCode is the data of the mails "verify_code" and "reset_code". Name may be empty, and then the
// mail leaves it out.
type VerifyCode struct {
	Name string
	To   string
	Code string
}

// PasswordChanged is the data of the mail "password_changed". Name may be empty, and then
// the mail leaves it out.
type PasswordChanged struct {
	Name string
	To   string
}

// Verified is the data of the page "verified". The page leads on to ChatURL, by a link
// and after a few seconds by itself.
type Verified struct {
	Name    string
	ChatURL string
}

// VerifyFailed is the data of the page "verify_failed", whose form posts email to
// /resend. Email may be empty; it fills the form in.
type VerifyFailed struct {
	Email string
}

// Resent is the data of the page "resent", which answers that form.
type Resent struct {
	Email string
}

// Mailbox is the data of the page "mailbox", newest mail first.
type Mailbox struct {
	Mails []MailboxMail
}

// MailboxMail is one mail of the page "mailbox". HTML is shown in a frame that may do
// nothing.
type MailboxMail struct {
	To      string
	Subject string
	SentAt  time.Time
	Text    []TextPart
	HTML    string
}

// TextPart is a run of plain text, and a link where Href is set.
type TextPart struct {
	Text string
	Href string
}
