package auth_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/store"
)

// forget has a code sent to a member.
func (d *desk) forget(email string, source auth.Source) string {
	d.Helper()
	if err := d.Forgot(d.Context(), email, source); err != nil {
		d.Fatal(err)
	}
	return d.code(email)
}

// mail is all that waits to be sent: to whom, and the subject.
func (d *desk) mail() []string {
	d.Helper()
	list, err := d.store.(*store.Store).Outbox().Claim(d.Context(), 100, time.Minute)
	if err != nil {
		d.Fatal(err)
	}
	var found []string
	for _, p := range list {
		found = append(found, strings.TrimSpace(p.Letter.To+" "+p.Letter.Subject))
	}
	return found
}

func (d *desk) reset(what, email, code string, want error) {
	d.Helper()
	if err := d.Reset(d.Context(), email, code, changed); !errors.Is(err, want) {
		d.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestAForgottenPasswordIsReset(t *testing.T) {
	for _, source := range []auth.Source{auth.FromWeb, auth.FromApp} {
		t.Run(string(source), func(t *testing.T) {
			d := newDesk(t)
			here, bens := d.member(ana), d.member("ben@example.org")
			app := d.long(ana, password)
			d.mail()
			d.forget("ANA@example.org ", source)
			code := d.code(ana)
			if (len(code) == 6) != (source == auth.FromApp) {
				t.Errorf("the code is %q", code)
			}
			if err := d.Reset(t.Context(), ana, code, "short"); !errors.Is(err, auth.ErrBadPassword) {
				t.Errorf("a short password: %v", err)
			}
			d.check("before", here, nil)

			d.reset("the code", ana, code, nil)
			d.check("a session", here, auth.ErrUnauthenticated)
			d.checkLong("an app's", app, auth.ErrUnauthenticated)
			d.check("somebody else's", bens, nil)
			ended := []auth.SessionID{d.session(here.Access), d.session(app)}
			slices.Sort(ended)
			slices.Sort(d.revoked)
			if !slices.Equal(d.revoked, ended) {
				t.Errorf("announced %v, want %v", d.revoked, ended)
			}
			if mail := d.mail(); !slices.Equal(mail, []string{ana, ana + " " + changedSubject}) {
				t.Errorf("mailed %q", mail)
			}
			if _, _, err := d.SignIn(t.Context(), ana, password); !errors.Is(err, auth.ErrWrongPassword) {
				t.Errorf("signing in with the old one: %v", err)
			}
			if _, _, err := d.SignIn(t.Context(), ana, changed); err != nil {
				t.Errorf("signing in with the new one: %v", err)
			}
			d.reset("the code again", ana, code, auth.ErrBadCode)
		})
	}
}

// Whoever has no verified account gets no mail, and nobody is told so.
func TestOnlyTheVerifiedAreMailed(t *testing.T) {
	d := newDesk(t)
	const waiting, registered = "waiting@example.org", "registered@example.org"
	d.apply(waiting, auth.FromWeb)
	if _, _, err := d.Register(t.Context(), auth.Registration{Name: "Zoe", ID: registered, Password: password}); err != nil {
		t.Fatal(err)
	}
	d.mail()
	for _, email := range []string{waiting, registered, "nobody@example.org", "", "a\x00b", strings.Repeat("x", 300)} {
		d.forget(email, auth.FromWeb)
	}
	if mail := d.mail(); len(mail) > 0 {
		t.Errorf("mailed %q", mail)
	}
	for _, email := range []string{waiting, registered, "nobody@example.org", "", "a\x00b"} {
		d.reset(email, email, d.code(""), auth.ErrBadCode)
	}
}

func TestACodeForAPasswordDies(t *testing.T) {
	deaths := map[string]func(d *desk){
		"of age":             func(d *desk) { d.pass(auth.CodeTTL) },
		"of a newer one":     func(d *desk) { d.forget(ana, auth.FromWeb) },
		"of five wrong ones": func(d *desk) { d.guessReset(auth.MaxTries) },
	}
	for name, die := range deaths {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.member(ana)
			code := d.forget(ana, auth.FromApp)
			die(d)
			d.reset("the dead one", ana, code, auth.ErrBadCode)
			d.forget(ana, auth.FromApp)
			d.guessReset(auth.MaxTries - 1)
			d.reset("one that lives", ana, d.code(ana), nil)
		})
	}
}

// guessReset presents as many wrong codes.
func (d *desk) guessReset(n int) {
	d.Helper()
	for range n {
		d.reset("a guess", ana, "no code", auth.ErrBadCode)
	}
}

// A code that verifies an address sets no password, and the other way about.
func TestCodesAreForOnePurpose(t *testing.T) {
	d := newDesk(t)
	d.apply(ana, auth.FromWeb)
	sent := d.code(ana)
	if _, err := d.Verify(t.Context(), ana, sent); err != nil {
		t.Fatal(err)
	}
	code := d.forget(ana, auth.FromWeb)
	if _, err := d.Verify(t.Context(), ana, code); !errors.Is(err, auth.ErrBadCode) {
		t.Errorf("verified by a code for a password: %v", err)
	}
	d.reset("the code that verified", ana, sent, auth.ErrBadCode)
	// Even where the same code is kept, its hash is another.
	d.keepInstead(sent)
	d.reset("the hash of the code that verified", ana, sent, auth.ErrBadCode)
}

// keepInstead puts what is kept of ana's verification code into her reset.
func (d *desk) keepInstead(code string) {
	d.Helper()
	su, err := d.store.PendingSignUp(d.Context(), ana)
	if err != nil {
		d.Fatal(err)
	}
	r := auth.Reset{User: auth.User{ID: su.ID}, Code: su.Code}
	if err := d.store.SaveReset(d.Context(), r, auth.Letter{To: ana}); err != nil {
		d.Fatal(err)
	}
}

// together is a store whose right codes are told to all who show one at the same moment.
type together struct {
	auth.Store
	shown sync.WaitGroup
}

// TryReset implements auth.Store.
func (s *together) TryReset(ctx context.Context, emailKey string, judge func(auth.Reset) auth.Verdict) (auth.Reset, auth.Verdict, error) {
	r, verdict, err := s.Store.TryReset(ctx, emailKey, judge)
	s.shown.Done()
	s.shown.Wait()
	return r, verdict, err
}

// However many come with the right code at once, one of them sets the password.
func TestACodeSetsOnePassword(t *testing.T) {
	const many = 4
	d := newDeskOn(t, testConfig, func(s auth.Store) auth.Store {
		both := &together{Store: s}
		both.shown.Add(many)
		return both
	})
	d.member(ana)
	code := d.forget(ana, auth.FromWeb)
	var all sync.WaitGroup
	var won atomic.Int32
	for range many {
		all.Go(func() {
			err := d.Reset(t.Context(), ana, code, changed)
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, auth.ErrBadCode) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d set it", won.Load())
	}
}
