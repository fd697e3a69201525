package mailer

import (
	"errors"
	"net/url"
	"strconv"
)

const (
	submissionPort  = 587 // RFC 6409
	submissionsPort = 465 // RFC 8314
)

// security is how a connection to a mail server is kept private.
type security int

const (
	startTLS      security = iota // TLS after STARTTLS, or nothing is sent
	implicitTLS                   // TLS from the first byte
	opportunistic                 // TLS if the server offers it
	plaintext                     // no TLS
)

// target is a mail server and how to reach it, as its URL says.
type target struct {
	host     string
	port     int
	security security
	user     string // empty without authentication
	password string
}

// parseTarget reads a URL as NewSMTP documents it. No error repeats any part of the
// URL but its scheme: what stands where in a URL with a stray character in the password
// is anybody's guess.
func parseTarget(rawURL string) (target, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Opaque != "" {
		return target{}, errors.New("not a URL like smtp://user:password@host:587 " +
			"(special characters in user and password must be percent-encoded)")
	}
	var t target
	switch u.Scheme {
	case "smtp":
		t.port = submissionPort
	case "smtps":
		t.port, t.security = submissionsPort, implicitTLS
	default:
		return target{}, errors.New("the scheme must be smtp or smtps")
	}
	if (u.Path != "" && u.Path != "/") || u.Fragment != "" {
		return target{}, errors.New("nothing but ?tls= may follow host and port " +
			"(special characters in user and password must be percent-encoded)")
	}
	if t.host = u.Hostname(); t.host == "" {
		return target{}, errors.New("the host is missing")
	}
	if p := u.Port(); p != "" {
		if t.port, err = strconv.Atoi(p); err != nil || t.port < 1 || t.port > 65535 {
			return target{}, errors.New("the port must be between 1 and 65535")
		}
	}
	if err := t.readQuery(u); err != nil {
		return target{}, err
	}
	return t, t.readUser(u)
}

// readQuery takes the way of TLS from ?tls=.
func (t *target) readQuery(u *url.URL) error {
	if u.RawQuery == "" {
		return nil
	}
	if u.Scheme == "smtps" {
		return errors.New("smtps is always encrypted and takes no ?tls=")
	}
	switch u.RawQuery {
	case "tls=none":
		t.security = plaintext
	case "tls=opportunistic":
		t.security = opportunistic
	default:
		return errors.New("only ?tls=none and ?tls=opportunistic are understood")
	}
	return nil
}

// readUser takes user and password, which must come together.
func (t *target) readUser(u *url.URL) error {
	if u.User == nil {
		return nil
	}
	t.user = u.User.Username()
	t.password, _ = u.User.Password()
	if t.user == "" || t.password == "" {
		return errors.New("user and password must be given together, or neither")
	}
	if t.security == opportunistic {
		return errors.New("?tls=opportunistic takes no password: whoever is on the way could read it " +
			"(leave ?tls= out, or accept that with ?tls=none)")
	}
	return nil
}
