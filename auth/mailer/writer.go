package mailer

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"expresschat/auth"
	"expresschat/templates"
)

const (
	linkSubject = "Confirm your ExpressChat sign-up"
	codeSubject = "Your ExpressChat sign-up code"

	resetLinkSubject = "A new password for ExpressChat"
	resetCodeSubject = "Your ExpressChat code for a new password"
	changedSubject   = "Your ExpressChat password was changed"
)

// maxName bounds a name in a letter, in runes: a name greets, it is no place for a
// stranger's message to somebody else's address.
const maxName = 40

// ErrBadLink is the error of a link that a mail must not carry.
var ErrBadLink = errors.New("not an http or https link")

var _ auth.Letters = (*Writer)(nil)

// Writer writes letters from templates. It may be used from many goroutines.
type Writer struct {
	set      *templates.Set
	linkLike *regexp.Regexp
	joiners  *strings.Replacer
}

// NewWriter writes with the templates of set.
func NewWriter(set *templates.Set) *Writer {
	return &Writer{
		set: set,
		// What a mail client might turn into a link by itself: a scheme, an address, or
		// words joined by a dot of some script.
		linkLike: regexp.MustCompile(`://|@|[\p{L}\p{N}][.\x{3002}\x{FF0E}\x{FF61}][\p{L}\p{N}]{2}`),
		joiners:  strings.NewReplacer("\u200c", "", "\u200d", ""),
	}
}

// VerifyLink writes the letter of auth.Letters. The error is ErrBadLink unless link is
// an absolute http or https URL.
func (w *Writer) VerifyLink(to, name, link string) (auth.Letter, error) {
	return w.writeLink("verify_link", to, linkSubject, name, link)
}

// VerifyCode writes the letter of auth.Letters.
func (w *Writer) VerifyCode(to, name, code string) (auth.Letter, error) {
	return w.writeCode("verify_code", to, codeSubject, name, code)
}

// ResetLink writes the letter of auth.Letters. Errors are as those of VerifyLink.
func (w *Writer) ResetLink(to, name, link string) (auth.Letter, error) {
	return w.writeLink("reset_link", to, resetLinkSubject, name, link)
}

// ResetCode writes the letter of auth.Letters.
func (w *Writer) ResetCode(to, name, code string) (auth.Letter, error) {
	return w.writeCode("reset_code", to, resetCodeSubject, name, code)
}

// PasswordChanged writes the letter of auth.Letters.
func (w *Writer) PasswordChanged(to, name string) (auth.Letter, error) {
	return w.write("password_changed", to, changedSubject, templates.PasswordChanged{
		Name: w.greetable(name),
		To:   to,
	})
}

func (w *Writer) writeLink(letter, to, subject, name, link string) (auth.Letter, error) {
	u, err := url.Parse(link)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || strings.ContainsAny(link, " <>\"") {
		return auth.Letter{}, ErrBadLink // url's own error would repeat the token
	}
	return w.write(letter, to, subject, templates.VerifyLink{
		Name: w.greetable(name),
		To:   to,
		Link: link,
		Host: u.Host,
	})
}

func (w *Writer) writeCode(letter, to, subject, name, code string) (auth.Letter, error) {
	return w.write(letter, to, subject, templates.VerifyCode{Name: w.greetable(name), To: to, Code: code})
}

func (w *Writer) write(name, to, subject string, data any) (auth.Letter, error) {
	var text, html strings.Builder
	if err := w.set.Text(&text, name, data); err != nil {
		return auth.Letter{}, fmt.Errorf("write mail: %w", err)
	}
	if err := w.set.HTML(&html, name, data); err != nil {
		return auth.Letter{}, fmt.Errorf("write mail: %w", err)
	}
	return auth.Letter{To: to, Subject: subject, Text: text.String(), HTML: html.String()}, nil
}

// greetable makes one short line of a name, or nothing of a name that could pass for
// a link: anybody may sign up with any name and somebody else's address, and our mail
// must not carry their advertisement.
func (w *Writer) greetable(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '\u200c' || r == '\u200d': // joiners: scripts and emoji need them
			return r
		case !unicode.IsGraphic(r): // controls, and what turns the direction of text
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.Join(strings.Fields(name), " ")
	if w.linkLike.MatchString(w.joiners.Replace(name)) {
		return ""
	}
	if runes := []rune(name); len(runes) > maxName {
		name = strings.TrimSpace(string(runes[:maxName])) + "…"
	}
	return name
}
