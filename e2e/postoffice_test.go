package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// postOffice is a mail server that a test can close, and make slow.
type postOffice struct {
	net.Listener
	roots string // a file with the certificate by which to know it

	closed     atomic.Bool   // who comes is turned away at the door
	turnedAway chan struct{} // of those, as far as somebody waits for them

	// stuck makes it take a mail's content in and never answer.
	stuck   atomic.Bool
	reading chan struct{} // a mail is stuck
	over    chan struct{} // closed when nothing has to be stuck any more
	mails   chan delivered
}

// delivered is a mail that was accepted.
type delivered struct {
	letter
	tls bool
}

func newPostOffice(t testing.TB) *postOffice {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &postOffice{
		Listener: l, roots: filepath.Join(t.TempDir(), "roots.pem"),
		turnedAway: make(chan struct{}, 100), reading: make(chan struct{}, 100),
		over: make(chan struct{}), mails: make(chan delivered, 100),
	}
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		_, encrypted := c.TLSConnectionState()
		return &counter{office: p, mail: delivered{tls: encrypted}}, nil
	}))
	s.Domain = "localhost"
	s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{selfSigned(t, p.roots)}}
	s.ErrorLog = log.New(io.Discard, "", 0)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Serve(p)
	}()
	t.Cleanup(func() {
		close(p.over)
		_, _ = s.Close(), l.Close()
		<-ended
	})
	return p
}

// Accept lets somebody in when it is open.
func (p *postOffice) Accept() (net.Conn, error) {
	for {
		c, err := p.Listener.Accept()
		if err != nil || !p.closed.Load() {
			return c, err
		}
		_ = c.Close()
		p.turnedAway <- struct{}{}
	}
}

// settings make a server use it, with STARTTLS.
func (p *postOffice) settings(query string) []string {
	return []string{"CHAT_SMTP_URL=smtp://" + p.Addr().String() + query, "SSL_CERT_FILE=" + p.roots}
}

// next waits for the next mail.
func (p *postOffice) next(t testing.TB) delivered {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case m := <-p.mails:
		return m
	case <-limit.C:
		t.Fatal("no mail came")
		return delivered{}
	}
}

// counter is where one client is served.
type counter struct {
	office *postOffice
	mail   delivered
}

func (c *counter) Mail(string, *smtp.MailOptions) error { return nil }

func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.mail.To = to
	return nil
}

func (c *counter) Data(r io.Reader) error {
	if c.office.stuck.Load() {
		_, _ = io.Copy(io.Discard, r)
		c.office.reading <- struct{}{}
		<-c.office.over
		return errors.New("the office is closed")
	}
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	if c.mail.Text, err = plainText(m); err != nil {
		return err
	}
	c.office.mails <- c.mail
	return nil
}

func (c *counter) Reset()        {}
func (c *counter) Logout() error { return nil }

// plainText is what somebody reads who sees no HTML.
func plainText(m *mail.Message) (string, error) {
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return "", fmt.Errorf("a mail of type %q: %w", kind, errors.Join(err, errors.ErrUnsupported))
	}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := parts.NextPart()
		if err != nil {
			return "", err
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/plain") {
			text, err := io.ReadAll(part)
			return string(text), err
		}
	}
}

// selfSigned makes a certificate for this machine, and writes it to a file for those who
// shall trust it.
func selfSigned(t testing.TB, path string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "post office"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
