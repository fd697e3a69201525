package mailer_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// received is a mail that a mailServer took over.
type received struct {
	from, to string
	smtputf8 bool
	tls      bool
	user     string // empty without authentication
	data     string
}

// mailServer is a real mail server on a port of its own, with room for misbehaviour.
type mailServer struct {
	*smtp.Server

	addr  string
	roots *x509.CertPool // those that know its certificate
	mails chan received

	password string                                  // asked for if set, of "ana"
	offers   []string                                // ways to say it, PLAIN if not set
	rcpt     func(to string) error                   // answers RCPT if set
	data     func(c *smtp.Conn, mail received) error // answers the content if set
	reset    func(c *smtp.Conn)                      // called after that answer if set
}

// newMailServer is not started, so that its behaviour can be set.
func newMailServer(t *testing.T) *mailServer {
	t.Helper()
	cert, roots := certificate(t)
	s := &mailServer{roots: roots, mails: make(chan received, 16)}
	s.Server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &mailSession{server: s, conn: c}, nil
	}))
	s.Domain = "localhost"
	s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	s.AllowInsecureAuth = true
	s.ErrorLog = log.New(io.Discard, "", 0)
	return s
}

// start listens where there is room until the test ends, with TLS from the first byte
// if implicit.
func (s *mailServer) start(t *testing.T, implicit bool) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	s.addr = l.Addr().String()
	if implicit {
		l = tls.NewListener(l, s.TLSConfig)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Serve(l)
	}()
	t.Cleanup(func() {
		_ = s.Close()
		_ = l.Close() // in case Serve had not begun
		<-ended
	})
}

type mailSession struct {
	server *mailServer
	conn   *smtp.Conn
	mail   received
}

func (s *mailSession) AuthMechanisms() []string {
	switch {
	case s.server.password == "":
		return nil
	case s.server.offers == nil:
		return []string{sasl.Plain}
	default:
		return s.server.offers
	}
}

func (s *mailSession) Auth(mechanism string) (sasl.Server, error) {
	check := func(right bool) error {
		if !right {
			return smtp.ErrAuthFailed
		}
		s.mail.user = "ana by " + mechanism
		return nil
	}
	switch mechanism {
	case sasl.Login:
		return &dialogue{
			asks:  []string{"Username:", "Password:"},
			check: func(said []string) error { return check(said[0] == "ana" && said[1] == s.server.password) },
		}, nil
	case "CRAM-MD5":
		mac := hmac.New(md5.New, []byte(s.server.password))
		mac.Write([]byte("<1@localhost>"))
		want := "ana " + hex.EncodeToString(mac.Sum(nil))
		return &dialogue{
			asks:  []string{"<1@localhost>"},
			check: func(said []string) error { return check(said[0] == want) },
		}, nil
	default:
		return sasl.NewPlainServer(func(_, user, password string) error {
			return check(user == "ana" && password == s.server.password)
		}), nil
	}
}

// dialogue is the server's part of an authentication that is questions and answers.
type dialogue struct {
	asks  []string
	said  []string
	check func(said []string) error
}

func (d *dialogue) Next(response []byte) (challenge []byte, done bool, err error) {
	if response != nil {
		d.said = append(d.said, string(response))
	}
	if len(d.said) == len(d.asks) {
		return nil, true, d.check(d.said)
	}
	return []byte(d.asks[len(d.said)]), false, nil
}

func (s *mailSession) Mail(from string, opts *smtp.MailOptions) error {
	if s.server.password != "" && s.mail.user == "" {
		return smtp.ErrAuthRequired
	}
	_, s.mail.tls = s.conn.TLSConnectionState()
	s.mail.from, s.mail.smtputf8 = from, opts.UTF8
	return nil
}

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.to = to
	if s.server.rcpt != nil {
		return s.server.rcpt(to)
	}
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mail.data = string(data)
	if s.server.data != nil {
		if err := s.server.data(s.conn, s.mail); err != nil {
			return err
		}
	}
	select {
	case s.server.mails <- s.mail:
		return nil
	default:
		return errors.New("the test takes no more mail")
	}
}

func (s *mailSession) Reset() {
	if s.server.reset != nil && s.mail.data != "" {
		s.server.reset(s.conn)
	}
}

func (*mailSession) Logout() error { return nil }

// certificate makes one for 127.0.0.1 that only the pool trusts.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "mail"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}
