package mailer

import (
	"net/url"
	"strings"
	"time"

	"expresschat/auth"
	"expresschat/templates"
)

const (
	lockedSubject       = "Your ExpressChat sign-in is locked for a while"
	alreadyThereSubject = "You have an ExpressChat account"
)

// Locked writes the letter of auth.Notices. The error is ErrBadLink as of VerifyLink.
func (w *Writer) Locked(to, name string, at time.Time, forgot string) (auth.Letter, error) {
	host, err := hostOf(forgot)
	if err != nil {
		return auth.Letter{}, err
	}
	return w.write("locked", to, lockedSubject, templates.Locked{
		Name:   w.greetable(name),
		To:     to,
		At:     at.UTC().Format("2 January 2006, 15:04 UTC"),
		Forgot: forgot,
		Host:   host,
	})
}

// AlreadyThere writes the letter of auth.Notices. The error is ErrBadLink as of VerifyLink.
func (w *Writer) AlreadyThere(to, name, signIn, forgot string) (auth.Letter, error) {
	host, err := hostOf(signIn)
	if err != nil {
		return auth.Letter{}, err
	}
	if _, err := hostOf(forgot); err != nil {
		return auth.Letter{}, err
	}
	return w.write("already_there", to, alreadyThereSubject, templates.AlreadyThere{
		Name:   w.greetable(name),
		To:     to,
		SignIn: signIn,
		Forgot: forgot,
		Host:   host,
	})
}

// hostOf is where a link that a mail may carry leads to.
func hostOf(link string) (string, error) {
	u, err := url.Parse(link)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || strings.ContainsAny(link, " <>\"") {
		return "", ErrBadLink // url's own error would repeat the link
	}
	return u.Host, nil
}
