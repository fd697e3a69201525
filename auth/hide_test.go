package auth_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/store"
)

// mails are the subjects of what was sent since the last time, in no order, and to whom.
func (d *desk) mails() []string {
	d.Helper()
	postings, err := d.store.(*store.Store).Outbox().Claim(d.Context(), 100, time.Hour)
	if err != nil {
		d.Fatal(err)
	}
	var list []string
	for _, p := range postings {
		list = append(list, p.Letter.Subject+" to "+p.Letter.To)
	}
	slices.Sort(list)
	return list
}

// Whoever signs up, or asks for a code, hears the same whatever there is; the owner of an
// account hears of it, once a day.
func TestNobodyLearnsWhoHasAnAccount(t *testing.T) {
	c := testConfig
	c.HideAccounts = true
	d, hashes := counted(t, c, asItIs)
	d.member(ana)
	d.apply("waiting@example.org", auth.FromWeb)
	d.mails()
	for _, email := range []string{"ANA@example.org", "waiting@example.org", "new@example.org"} {
		for range 2 {
			n := hashes.Load()
			err := d.SignUp(t.Context(), auth.Application{Name: "Eve", Email: email, Password: "evil horse", Source: auth.FromWeb})
			if err != nil || hashes.Load()-n != 1 {
				t.Errorf("%s: %v, after %d hashes", email, err, hashes.Load()-n)
			}
		}
	}
	want := []string{" to new@example.org", " to new@example.org", " to waiting@example.org", " to waiting@example.org", "already there to " + ana}
	if got := d.mails(); !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
	for _, email := range []string{ana, "waiting@example.org", "nobody@example.org", "", "a\x00b"} {
		if err := d.Resend(t.Context(), email, auth.FromWeb); err != nil {
			t.Errorf("resend to %q: %v", email, err)
		}
	}
	if got := d.mails(); !slices.Equal(got, []string{" to waiting@example.org"}) {
		t.Errorf("resent %q", got)
	}
	// Who signed up for ana's address can't find out that way either.
	if _, _, err := d.SignIn(t.Context(), ana, "evil horse"); !errors.Is(err, auth.ErrBadSignIn) {
		t.Error(err)
	}
	if _, _, err := d.SignIn(t.Context(), "new@example.org", "evil horse"); !errors.Is(err, auth.ErrBadSignIn) || errors.Is(err, auth.ErrNotVerified) {
		t.Error(err)
	}
	if _, _, err := d.SignIn(t.Context(), ana, password); err != nil {
		t.Errorf("the owner: %v", err)
	}
}

// The same where the address of a VChat app's registration has to be verified.
func TestNobodyLearnsItByRegistering(t *testing.T) {
	c := testConfig
	c.HideAccounts, c.Admission = true, auth.AdmitVerified
	d := newDeskOn(t, c, asItIs)
	d.member(ana)
	d.mails()
	for _, id := range []string{ana, "new@example.org"} {
		if _, _, err := d.Register(t.Context(), auth.Registration{Name: "Eve", ID: id, Password: digest}); !errors.Is(err, auth.ErrNotVerified) {
			t.Errorf("%s: %v", id, err)
		}
	}
	if got := d.mails(); !slices.Equal(got, []string{" to new@example.org", "already there to " + ana}) {
		t.Errorf("sent %q", got)
	}
}

// Only a verified address hears that its account is locked, once a day.
func TestTheOwnerHearsOfALock(t *testing.T) {
	d := newDesk(t)
	ofAna := d.check("ana", d.member(ana), nil).User.ID
	registered, _ := d.register("ben@example.org")
	d.mails()
	for _, user := range []auth.UserID{ofAna, registered.ID, ofAna, auth.NewUserID(), ""} {
		if err := d.TellLocked(t.Context(), user); err != nil {
			t.Errorf("%s: %v", user, err)
		}
	}
	if got := d.mails(); !slices.Equal(got, []string{"locked to " + ana}) {
		t.Errorf("sent %q", got)
	}
}

func TestCommonPasswordsAreRefused(t *testing.T) {
	d := newDesk(t)
	who := d.check("ana", d.member(ana), nil)
	for _, password := range []string{"Password1", "ana@example.org", "expresschat"} {
		err := d.SignUp(t.Context(), auth.Application{Name: "Ana", Email: ana, Password: password})
		if !errors.Is(err, auth.ErrCommonPassword) {
			t.Errorf("signing up with %q: %v", password, err)
		}
	}
	if err := d.ChangePassword(t.Context(), who, password, "Ana@Example.org"); !errors.Is(err, auth.ErrCommonPassword) {
		t.Errorf("changing to one: %v", err)
	}
	// What an app registers with may be a hash of one, and is taken as it is.
	if _, _, err := d.Register(t.Context(), auth.Registration{Name: "Ana", ID: "x", Password: "open-sesame"}); err != nil {
		t.Errorf("registering: %v", err)
	}
}
