package mailer

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// quitTimeout bounds the goodbye after a mail was accepted, which changes nothing.
const quitTimeout = time.Second

// SMTP sends mail through one mail server, with a connection for each mail. It may be
// used from many goroutines.
type SMTP struct {
	target target
	from   *mail.Address // domain in ASCII
	helo   string
	tls    *tls.Config
}

var _ Sender = (*SMTP)(nil)

// Option changes how an SMTP connects.
type Option func(*SMTP)

// WithRootCAs trusts the certificates of pool instead of those of the system.
func WithRootCAs(pool *x509.CertPool) Option {
	return func(s *SMTP) { s.tls.RootCAs = pool }
}

// NewSMTP sends through the server at rawURL, as from, which is an address with or
// without a name ("ExpressChat <no-reply@localhost>"). The URL is one of
//
//	smtp://user:password@host         port 587, STARTTLS or nothing is sent
//	smtps://user:password@host        port 465, TLS from the first byte
//	smtp://host?tls=opportunistic     STARTTLS if the server offers it
//	smtp://host?tls=none              never encrypted
//
// with a port where it differs, and user and password percent-encoded. Errors are one
// line and never hold the password.
func NewSMTP(rawURL, from string, opts ...Option) (*SMTP, error) {
	t, err := parseTarget(rawURL)
	if err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	sender, err := parseAddress(from)
	if err != nil {
		return nil, errors.New("mail sender: not an address like ExpressChat <no-reply@example.com>")
	}
	s := &SMTP{
		target: t,
		from:   sender,
		helo:   heloName(),
		tls:    &tls.Config{ServerName: t.host, MinVersion: tls.VersionTLS12},
	}
	for _, opt := range opts {
		opt(s)
	}
	return s, nil
}

// Send hands p to the mail server and returns once the server has taken it over. The
// error is ErrRejected if the server refused the recipient or the mail for good, or
// if the recipient is no address. ctx bounds the whole exchange.
func (s *SMTP) Send(ctx context.Context, p Posting) error {
	e, err := s.compose(p)
	if err != nil {
		return fmt.Errorf("compose mail: %w", err)
	}
	conn, err := s.dial(ctx)
	if err != nil {
		return fmt.Errorf("connect to mail server: %w", err)
	}
	defer func() { _ = conn.Close() }()
	// A deadline in the past wakes whatever is blocked on the connection.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := s.exchange(conn, e); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("send mail: %w", ctx.Err())
		}
		return fmt.Errorf("send mail: %w", err)
	}
	return nil
}

func (s *SMTP) dial(ctx context.Context) (net.Conn, error) {
	addr := net.JoinHostPort(s.target.host, strconv.Itoa(s.target.port))
	if s.target.security == implicitTLS {
		return (&tls.Dialer{Config: s.tls}).DialContext(ctx, "tcp", addr)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
}

// exchange says all of one mail over a fresh connection. Nil means accepted: what goes
// wrong after that is nobody's loss.
func (s *SMTP) exchange(conn net.Conn, e envelope) error {
	c, err := smtp.NewClient(conn, s.target.host)
	if err != nil {
		return refusal("connection", err)
	}
	if err := s.open(c); err != nil {
		return err
	}
	if ok, _ := c.Extension("SMTPUTF8"); !ok && e.utf8 {
		return fmt.Errorf("%w: the server takes ASCII addresses only", ErrRejected)
	}
	// Asked for without need, it would keep mail from servers further on that lack it.
	c.SkipSMTPUTF8(!e.utf8)
	if err := c.Mail(e.from); err != nil {
		return refusal("MAIL", err)
	}
	if err := c.Rcpt(e.to); err != nil {
		return final(refusal("RCPT", err))
	}
	body, err := c.Data()
	if err != nil {
		return refusal("DATA", err)
	}
	if _, err := bytes.NewReader(e.message).WriteTo(body); err != nil {
		return refusal("content", err) // not closed: that would end half a mail as a whole one
	}
	if err := body.Close(); err != nil {
		return final(refusal("content", err))
	}
	_ = c.UpdateDeadline(quitTimeout)
	_ = c.Quit()
	return nil
}

// open greets, encrypts and authenticates, as the URL asks.
func (s *SMTP) open(c *smtp.Client) error {
	if err := c.Hello(s.helo); err != nil {
		return refusal("EHLO", err)
	}
	offered, _ := c.Extension("STARTTLS")
	switch {
	case s.target.security == startTLS && !offered:
		return errors.New("the server does not offer STARTTLS")
	case s.target.security == startTLS, s.target.security == opportunistic && offered:
		if err := c.StartTLS(s.tls); err != nil {
			return refusal("STARTTLS", err)
		}
	}
	if s.target.user == "" {
		return nil
	}
	_, mechanisms := c.Extension("AUTH")
	login, err := s.login(strings.Fields(strings.ToUpper(mechanisms)))
	if err != nil {
		return err
	}
	if err := c.Auth(login); err != nil {
		return refusal("AUTH", err)
	}
	return nil
}

// login picks a way to authenticate. Within TLS the plain ones come first, because
// every server has them right; without TLS those that do not show the password.
func (s *SMTP) login(offered []string) (smtp.Auth, error) {
	user, password, host := s.target.user, s.target.password, s.target.host
	bare := s.target.security == plaintext // as the operator wants it
	order := []string{"PLAIN", "LOGIN", "SCRAM-SHA-256", "CRAM-MD5"}
	if bare {
		order = []string{"SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN"}
	}
	for _, mechanism := range order {
		if !slices.Contains(offered, mechanism) {
			continue
		}
		switch mechanism {
		case "PLAIN":
			return smtp.PlainAuth("", user, password, host, bare), nil
		case "LOGIN":
			return smtp.LoginAuth(user, password, host, bare), nil
		case "SCRAM-SHA-256":
			return smtp.ScramSHA256Auth(user, password), nil
		case "CRAM-MD5":
			return smtp.CRAMMD5Auth(user, password), nil
		}
	}
	return nil, errors.New("the server offers no way to authenticate that we know")
}

// heloName is how we introduce ourselves.
func heloName() string {
	name, err := os.Hostname()
	if err != nil || name == "" || strings.ContainsAny(name, " \r\n") {
		return "localhost"
	}
	return name
}
