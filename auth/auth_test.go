package auth_test

import (
	"context"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// desk is a Service on a real database, with a clock, and letters that are read here.
type desk struct {
	*testing.T
	*auth.Service
	store auth.Store

	mu      sync.Mutex
	now     time.Time
	codes   map[string]string // the newest, by address
	wakes   int
	revoked []auth.SessionID
	renamed []auth.UserID // as often as the doors were told
	deleted []auth.UserID
}

func (d *desk) VerifyLink(to, _, link string) (auth.Letter, error) {
	return d.linked(to, link, "/verify")
}

func (d *desk) ResetLink(to, _, link string) (auth.Letter, error) {
	return d.linked(to, link, "/reset")
}

func (d *desk) linked(to, link, path string) (auth.Letter, error) {
	u, err := url.Parse(link)
	if err != nil || u.Query().Get("email") != to || u.Path != path || u.Host != "chat.example" {
		d.Errorf("the link is %q", link)
	}
	return d.letter(to, u.Query().Get("token"))
}

func (d *desk) ResetCode(to, name, code string) (auth.Letter, error) {
	return d.VerifyCode(to, name, code)
}

func (d *desk) PasswordChanged(to, _ string) (auth.Letter, error) {
	return auth.Letter{To: to, Subject: changedSubject}, nil
}

func (d *desk) VerifyCode(to, _, code string) (auth.Letter, error) {
	if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
		d.Errorf("the code is %q", code)
	}
	return d.letter(to, code)
}

func (d *desk) letter(to, code string) (auth.Letter, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.codes[to] = code
	return auth.Letter{To: to}, nil
}

func (d *desk) Wake() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wakes++
}

func (d *desk) SessionRevoked(_ auth.UserID, s auth.SessionID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.revoked = append(d.revoked, s)
}

func (d *desk) NameChanged(_ context.Context, u auth.UserID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.renamed = append(d.renamed, u)
}

func (d *desk) AccountDeleted(u auth.UserID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.deleted = append(d.deleted, u)
}

func (d *desk) code(email string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.codes[email]
}

func (d *desk) pass(t time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(t)
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

var testConfig = auth.Config{
	AccessSecret: []byte(strings.Repeat("a", 32)), RefreshSecret: []byte(strings.Repeat("r", 32)),
	AccessTTL: 15 * time.Minute, RefreshTTL: 720 * time.Hour, Admission: auth.AdmitAnybody,
	PublicURL: &url.URL{Scheme: "https", Host: "chat.example"},
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	return newDeskOn(t, testConfig, func(s auth.Store) auth.Store { return s })
}

// newDeskOn makes one of other settings, and of what wrap makes of its store.
func newDeskOn(t *testing.T, c auth.Config, wrap func(auth.Store) auth.Store) *desk {
	t.Helper()
	t.Parallel()
	d := &desk{T: t, now: time.Now(), codes: map[string]string{}}
	c.Now = d.clock
	var err error
	d.store = wrap(storetest.Open(t))
	if d.Service, err = auth.New(c, d.store, d, d, d); err != nil {
		t.Fatal(err)
	}
	return d
}

const (
	password       = "correct horse"
	changedSubject = "changed"
)

func (d *desk) apply(email string, source auth.Source) {
	d.Helper()
	err := d.SignUp(d.Context(), auth.Application{Name: "Ana", Email: email, Password: password, Source: source})
	if err != nil {
		d.Fatal(err)
	}
}

// member signs somebody up, verified, and returns their first pair.
func (d *desk) member(email string) auth.Pair {
	d.Helper()
	d.apply(email, auth.FromWeb)
	v, err := d.Verify(d.Context(), email, d.code(email))
	if err != nil {
		d.Fatal(err)
	}
	return v.Tokens
}
