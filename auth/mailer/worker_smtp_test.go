package mailer_test

import (
	"net"
	"net/mail"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"
)

// In these tests the mail server stands outside the bubble, because a goroutine that
// waits for a connection would hold the bubble's time still.

func TestAServerThatWasDownGetsTheMailOnceItIsBack(t *testing.T) {
	t.Parallel()
	// An address of 127/8 that nobody else uses, since nothing may listen there at first.
	const addr = "127.94.18.7:24525"
	s := newMailServer(t)
	comeBack := make(chan struct{})
	isBack := make(chan error, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-comeBack
		l, err := net.Listen("tcp", addr)
		if isBack <- err; err == nil {
			_ = s.Serve(l)
		}
	}()
	back := sync.OnceFunc(func() { close(comeBack) })
	t.Cleanup(func() {
		back()
		_ = s.Close()
		<-ended
	})
	sender := newSMTP(t, "smtp://"+addr+"?tls=none")
	synctest.Test(t, func(t *testing.T) {
		w := start(t, sender.Send)
		w.add(posting("p1", "ben@mail.example"))
		w.Wake()
		time.Sleep(10 * time.Minute)
		if n := w.read(); len(n.failed) < 5 || len(n.sent) != 0 {
			t.Errorf("with the server down: %+v", n)
		}
		back()
		if err := <-isBack; err != nil {
			t.Errorf("listen: %v", err)
		}
		time.Sleep(15 * time.Minute)
		if n := w.read(); len(n.sent) != 1 || len(n.waiting) != 0 {
			t.Errorf("with the server back: %+v", n)
		}
		w.stop()
		if !strings.Contains(w.log.String(), "connection refused") {
			t.Errorf("logged %s", w.log)
		}
	})
	if m := <-s.mails; m.to != "ben@mail.example" || len(s.mails) != 0 {
		t.Errorf("got %+v and %d more", m, len(s.mails))
	}
}

func TestAMailThatIsRepeatedKeepsItsMessageID(t *testing.T) {
	t.Parallel()
	s := newMailServer(t)
	taken := make(chan received, 2)
	var answers atomic.Int32
	s.data = func(c *smtp.Conn, m received) error {
		taken <- m
		if answers.Add(1) == 1 {
			return c.Conn().Close() // it has the mail, but we do not know
		}
		return nil
	}
	s.start(t, false)
	sender := newSMTP(t, "smtp://"+s.addr+"?tls=none")
	synctest.Test(t, func(t *testing.T) {
		w := start(t, sender.Send)
		w.add(posting("p1", "ben@mail.example"))
		w.Wake()
		time.Sleep(time.Minute)
		w.stop()
		if n := w.read(); len(n.failed) != 1 || len(n.sent) != 1 {
			t.Errorf("got %+v", n)
		}
	})
	var ids []string
	for range 2 {
		m, err := mail.ReadMessage(strings.NewReader((<-taken).data))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.Header.Get("Message-ID"))
	}
	if ids[0] == "" || ids[0] != ids[1] {
		t.Errorf("message ids are %v", ids)
	}
}

func TestARecipientThatTheServerRefusesIsDropped(t *testing.T) {
	t.Parallel()
	s := newMailServer(t)
	s.rcpt = func(to string) error {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user: " + to}
	}
	s.start(t, false)
	sender := newSMTP(t, "smtp://"+s.addr+"?tls=none")
	synctest.Test(t, func(t *testing.T) {
		w := start(t, sender.Send)
		w.add(posting("p1", "ben@mail.example"))
		w.Wake()
		time.Sleep(time.Minute)
		w.stop() // and checks the log
		if n := w.read(); len(n.dropped) != 1 || len(n.waiting) != 0 {
			t.Errorf("got %+v", n)
		}
		if !strings.Contains(w.log.String(), "550 5.1.1") {
			t.Errorf("logged %s", w.log)
		}
	})
}
