package auth_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"expresschat/auth"
)

const changed = "a better horse"

func TestChangingThePassword(t *testing.T) {
	d := newDesk(t)
	here, bens := d.member(ana), d.member("ben@example.org")
	_, there, err := d.SignIn(t.Context(), ana, password)
	if err != nil {
		t.Fatal(err)
	}
	app := d.long(ana, password)
	who := d.check("before", here, nil)
	for name, tt := range map[string]struct {
		current, password string
		want              error
	}{
		"a wrong one":     {"wrong password", changed, auth.ErrWrongPassword},
		"none":            {"", changed, auth.ErrWrongPassword},
		"a short one":     {password, changed[:auth.MinPassword-1], auth.ErrBadPassword},
		"a very long one": {password, strings.Repeat("x", auth.MaxPassword+1), auth.ErrBadPassword},
	} {
		if err := d.ChangePassword(t.Context(), who, tt.current, tt.password); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	d.check("after what was refused", there, nil)

	d.mail()
	if err := d.ChangePassword(t.Context(), who, password, changed); err != nil {
		t.Fatal(err)
	}
	if mail := d.mail(); !slices.Equal(mail, []string{ana + " " + changedSubject}) {
		t.Errorf("mailed %q", mail)
	}
	d.check("this session", here, nil)
	d.check("this one, renewed", d.refresh(here.Refresh), nil)
	d.check("the other one", there, auth.ErrUnauthenticated)
	d.checkLong("the app", app, auth.ErrUnauthenticated)
	d.check("somebody else", bens, nil)
	ended := []auth.SessionID{d.session(there.Access), d.session(app)}
	slices.Sort(ended)
	slices.Sort(d.revoked)
	if !slices.Equal(d.revoked, ended) {
		t.Errorf("announced %v, want %v", d.revoked, ended)
	}
	if _, _, err := d.SignIn(t.Context(), ana, password); !errors.Is(err, auth.ErrWrongPassword) {
		t.Errorf("signing in with the old one: %v", err)
	}
	if _, _, err := d.SignIn(t.Context(), ana, changed); err != nil {
		t.Errorf("signing in with the new one: %v", err)
	}
}
