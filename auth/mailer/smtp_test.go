package mailer_test

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"expresschat/auth/mailer"
)

func newSMTP(t *testing.T, url string, opts ...mailer.Option) *mailer.SMTP {
	t.Helper()
	s, err := mailer.NewSMTP(url, "ExpressChat <no-reply@localhost>", opts...)
	if err != nil {
		t.Fatalf("new SMTP: %v", err)
	}
	return s
}

func TestSendSecurely(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ before, after string }{
		"STARTTLS":      {"smtp://ana:p%40ss%2F@", ""},
		"implicit TLS":  {"smtps://ana:p%40ss%2F@", ""},
		"opportunistic": {"smtp://", "?tls=opportunistic"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newMailServer(t)
			user := ""
			if strings.Contains(test.before, "@") {
				s.password, user = "p@ss/", "ana by PLAIN"
			}
			s.start(t, strings.HasPrefix(test.before, "smtps"))
			c := newSMTP(t, test.before+s.addr+test.after, mailer.WithRootCAs(s.roots))
			if err := c.Send(t.Context(), posting("p1", "ben@mail.example")); err != nil {
				t.Fatalf("send: %v", err)
			}
			if m := <-s.mails; !m.tls || m.user != user || m.to != "ben@mail.example" {
				t.Errorf("got %+v", m)
			}
		})
	}
}

func TestWaysToAuthenticate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		offers          []string
		plain, starttls string // the way taken
	}{
		"PLAIN":        {[]string{"PLAIN"}, "PLAIN", "PLAIN"},
		"LOGIN":        {[]string{"LOGIN"}, "LOGIN", "LOGIN"},
		"CRAM-MD5":     {[]string{"CRAM-MD5"}, "CRAM-MD5", "CRAM-MD5"},
		"all of them":  {[]string{"LOGIN", "PLAIN", "XYZ", "CRAM-MD5"}, "CRAM-MD5", "PLAIN"},
		"none of ours": {[]string{"XYZ"}, "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newMailServer(t)
			s.password, s.offers = "secret", test.offers
			s.start(t, false)
			for query, want := range map[string]string{"?tls=none": test.plain, "": test.starttls} {
				c := newSMTP(t, "smtp://ana:secret@"+s.addr+query, mailer.WithRootCAs(s.roots))
				err := c.Send(t.Context(), posting("p1", "ben@mail.example"))
				if want == "" {
					if err == nil || errors.Is(err, mailer.ErrRejected) {
						t.Errorf("got %v, want an error that may pass", err)
					}
					continue
				}
				if err != nil {
					t.Fatalf("send: %v", err)
				}
				if m := <-s.mails; m.tls != (query == "") || m.user != "ana by "+want {
					t.Errorf("with %q: got %+v", query, m)
				}
			}
		})
	}
}

func TestNothingIsSentWithoutTheTLSThatWasAskedFor(t *testing.T) {
	t.Parallel()
	stripped := newMailServer(t)
	stripped.TLSConfig = nil
	stripped.start(t, false)
	untrusted := newMailServer(t)
	untrusted.start(t, false)
	for name, url := range map[string]string{
		"not offered":                  "smtp://" + stripped.addr,
		"untrusted":                    "smtp://" + untrusted.addr,
		"untrusted, but opportunistic": "smtp://" + untrusted.addr + "?tls=opportunistic",
	} {
		err := newSMTP(t, url).Send(t.Context(), posting("p1", "ben@mail.example"))
		if err == nil || errors.Is(err, mailer.ErrRejected) {
			t.Errorf("%s: got %v, want an error that may pass", name, err)
		}
	}
	if len(stripped.mails)+len(untrusted.mails) != 0 {
		t.Error("mail was sent")
	}
}

func TestTheMessage(t *testing.T) {
	t.Parallel()
	s := newMailServer(t)
	s.start(t, false)
	c := newSMTP(t, "smtp://"+s.addr+"?tls=none")
	p := posting("p1", "ben@grüße.example")
	p.Letter.Text = "a line\n.\nand ünïcode " + strings.Repeat("long ", 300)
	p.Letter.HTML = "<p>a line</p>\n"
	var ids []string
	for range 2 {
		if err := c.Send(t.Context(), p); err != nil {
			t.Fatalf("send: %v", err)
		}
		got := <-s.mails
		if got.from != "no-reply@localhost" || got.to != "ben@xn--gre-6ka8l.example" || got.smtputf8 {
			t.Errorf("envelope is %+v", got)
		}
		m, err := mail.ReadMessage(strings.NewReader(got.data))
		if err != nil {
			t.Fatalf("read message: %v", err)
		}
		ids = append(ids, m.Header.Get("Message-ID"))
		if date, err := m.Header.Date(); err != nil || date.Unix() != p.CreatedAt.Unix() {
			t.Errorf("date is %v, %v", date, err)
		}
		if from := m.Header.Get("From"); from != `"ExpressChat" <no-reply@localhost>` {
			t.Errorf("from is %s", from)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || subject != "Grüße" {
			t.Errorf("subject is %q, %v", subject, err)
		}
		parts := alternatives(t, m)
		if parts["text/plain"] != p.Letter.Text || parts["text/html"] != p.Letter.HTML {
			t.Errorf("got %q", parts)
		}
	}
	if ids[0] != ids[1] || !strings.HasSuffix(ids[0], "@localhost>") {
		t.Errorf("message ids are %v", ids)
	}
	if err := c.Send(t.Context(), posting("p2", "ben@mail.example")); err != nil {
		t.Fatal(err)
	}
	if other := <-s.mails; strings.Contains(other.data, ids[0]) {
		t.Error("two postings share a message id")
	}
}

// alternatives reads the parts of a multipart/alternative message by their type.
func alternatives(t *testing.T, m *mail.Message) map[string]string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type is %s, %v", kind, err)
	}
	parts := map[string]string{}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return parts
		}
		if err != nil {
			t.Fatalf("read part: %v", err)
		}
		kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatalf("read part: %v", err)
		}
		parts[kind] = strings.ReplaceAll(string(body), "\r\n", "\n")
	}
}

func TestNoHeaderOrCommandCanBeSmuggledIn(t *testing.T) {
	t.Parallel()
	s := newMailServer(t)
	s.start(t, false)
	c := newSMTP(t, "smtp://"+s.addr+"?tls=none")
	p := posting("p1>\r\nBcc: eve@mail.example", "ben@mail.example")
	p.Letter.Subject = "hi\r\nBcc: eve@mail.example\r\n\r\nbody"
	p.Letter.Text = "hi\r\n.\r\nRCPT TO:<eve@mail.example>\r\n"
	if err := c.Send(t.Context(), p); err != nil {
		t.Fatalf("send: %v", err)
	}
	got := <-s.mails
	m, err := mail.ReadMessage(strings.NewReader(got.data))
	if err != nil {
		t.Fatalf("read message: %v", err)
	}
	if m.Header.Get("Bcc") != "" || got.to != "ben@mail.example" || alternatives(t, m)["text/plain"] != "hi\n.\nRCPT TO:<eve@mail.example>\n" {
		t.Errorf("got %+v", got)
	}
	for _, to := range []string{"", "ben", "ben@mail.example>\r\nRCPT TO:<eve@mail.example", "a@b.example, c@d.example"} {
		err := c.Send(t.Context(), posting("p2", to))
		if !errors.Is(err, mailer.ErrRejected) || (to != "" && strings.Contains(err.Error(), to)) {
			t.Errorf("to %q: got %v, want ErrRejected without the address", to, err)
		}
	}
}

func TestAddressesInUnicode(t *testing.T) {
	t.Parallel()
	able, ascii := newMailServer(t), newMailServer(t)
	able.EnableSMTPUTF8 = true
	able.start(t, false)
	ascii.start(t, false)
	p := posting("p1", "jürgen@mail.example")
	if err := newSMTP(t, "smtp://"+able.addr+"?tls=none").Send(t.Context(), p); err != nil {
		t.Fatalf("send: %v", err)
	}
	if m := <-able.mails; !m.smtputf8 || m.to != "jürgen@mail.example" {
		t.Errorf("got %+v", m)
	}
	if err := newSMTP(t, "smtp://"+ascii.addr+"?tls=none").Send(t.Context(), p); !errors.Is(err, mailer.ErrRejected) {
		t.Errorf("got %v, want ErrRejected", err)
	}
}

func TestAnswersOfTheServer(t *testing.T) {
	t.Parallel()
	answer := func(code int, class int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{class, 1, 1}, Message: "ben@mail.example 123456"}
	}
	tests := map[string]struct {
		rcpt, data error
		rejected   bool
	}{
		"no such recipient":      {rcpt: answer(550, 5), rejected: true},
		"greylisted":             {rcpt: answer(450, 4)},
		"we must log in":         {rcpt: answer(530, 5)},
		"content refused":        {data: answer(554, 5), rejected: true},
		"content not taken now":  {data: answer(451, 4)},
		"no room for it so far":  {data: answer(452, 4)},
		"recipient's domain out": {rcpt: answer(556, 5), rejected: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newMailServer(t)
			s.rcpt = func(string) error { return test.rcpt }
			s.data = func(*smtp.Conn, received) error { return test.data }
			s.start(t, false)
			err := newSMTP(t, "smtp://"+s.addr+"?tls=none").Send(t.Context(), posting("p1", "ben@mail.example"))
			if err == nil || errors.Is(err, mailer.ErrRejected) != test.rejected {
				t.Fatalf("got %v, want ErrRejected to be %t", err, test.rejected)
			}
			if strings.Contains(err.Error(), "ben") || strings.Contains(err.Error(), "123456") || !strings.Contains(err.Error(), ".1.1") {
				t.Errorf("the error says %v", err)
			}
		})
	}
}

func TestAWrongPasswordIsNotTheRecipientsFault(t *testing.T) {
	t.Parallel()
	s := newMailServer(t)
	s.password = "secret"
	s.start(t, false)
	err := newSMTP(t, "smtp://ana:wr0ng@"+s.addr+"?tls=none").Send(t.Context(), posting("p1", "ben@mail.example"))
	if err == nil || errors.Is(err, mailer.ErrRejected) || !strings.Contains(err.Error(), "535") || strings.Contains(err.Error(), "wr0ng") {
		t.Errorf("got %v", err)
	}
}

func TestAConnectionLostBeforeTheAnswerIsAFailure(t *testing.T) {
	t.Parallel()
	s := newMailServer(t)
	s.data = func(c *smtp.Conn, _ received) error { return c.Conn().Close() }
	s.start(t, false)
	err := newSMTP(t, "smtp://"+s.addr+"?tls=none").Send(t.Context(), posting("p1", "ben@mail.example"))
	if err == nil || errors.Is(err, mailer.ErrRejected) {
		t.Errorf("got %v, want an error that may pass", err)
	}
}

func TestAConnectionLostAfterTheAnswerIsASuccess(t *testing.T) {
	t.Parallel()
	s := newMailServer(t)
	s.reset = func(c *smtp.Conn) { _ = c.Conn().Close() }
	s.start(t, false)
	err := newSMTP(t, "smtp://"+s.addr+"?tls=none").Send(t.Context(), posting("p1", "ben@mail.example"))
	if err != nil || len(s.mails) != 1 {
		t.Errorf("got %v and %d mails", err, len(s.mails))
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := newMailServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.data = func(*smtp.Conn, received) error {
		cancel()
		<-t.Context().Done() // never answers
		return nil
	}
	s.start(t, false)
	err := newSMTP(t, "smtp://"+s.addr+"?tls=none").Send(ctx, posting("p1", "ben@mail.example"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want canceled", err)
	}
}
