package auth_test

import (
	"errors"
	"slices"
	"testing"

	"expresschat/auth"
)

func TestDeletingAnAccount(t *testing.T) {
	d := newDesk(t)
	here, bens := d.member(ana), d.member("ben@example.org")
	app := d.long(ana, password)
	who := d.check("before", here, nil)
	if err := d.DeleteAccount(t.Context(), who, "wrong"); !errors.Is(err, auth.ErrWrongPassword) {
		t.Errorf("a wrong password: %v", err)
	}
	d.check("after a wrong password", here, nil)
	code := d.forget(ana, auth.FromWeb)

	if err := d.DeleteAccount(t.Context(), who, password); err != nil {
		t.Fatal(err)
	}
	d.check("a session", here, auth.ErrUnauthenticated)
	d.checkLong("an app's", app, auth.ErrUnauthenticated)
	d.check("somebody else's", bens, nil)
	ended := []auth.SessionID{d.session(here.Access), d.session(app)}
	slices.Sort(ended)
	slices.Sort(d.revoked)
	if !slices.Equal(d.revoked, ended) || !slices.Equal(d.deleted, []auth.UserID{who.User.ID}) {
		t.Errorf("announced %v and %v, want %v", d.revoked, d.deleted, ended)
	}
	if err := d.DeleteAccount(t.Context(), who, password); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("a second time: %v", err)
	}
	d.reset("a code of before", ana, code, auth.ErrBadCode)
	if _, err := d.Rename(t.Context(), who.User.ID, "Ana"); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("renamed: %v", err)
	}
	if _, _, err := d.SignIn(t.Context(), ana, password); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("signed in: %v", err)
	}
	for _, login := range []string{ana, string(who.User.ID)} {
		for _, password := range []string{password, ""} {
			if _, _, err := d.SignInLong(t.Context(), login, password); !errors.Is(err, auth.ErrNoUser) {
				t.Errorf("signed in as %s: %v", login, err)
			}
		}
	}

	again := d.check("signed up again", d.member(ana), nil)
	if again.User.ID == who.User.ID {
		t.Error("it is the same user")
	}
}
