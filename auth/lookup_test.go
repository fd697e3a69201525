package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"expresschat/auth"
	"expresschat/store/storetest"
)

func TestAnAddressThatNobodyCanHaveIsNobodys(t *testing.T) {
	d := newDesk(t)
	for name, email := range map[string]string{
		"NUL": "a\x00@example.org", "not UTF-8": "a\xff@example.org", "empty": "", "spaces": "  ",
		"too long": strings.Repeat("a", auth.MaxEmail) + "@example.org",
	} {
		if _, _, err := d.SignIn(t.Context(), email, password); !errors.Is(err, auth.ErrNoUser) {
			t.Errorf("%s: signing in: %v", name, err)
		}
		if err := d.Resend(t.Context(), email, auth.FromWeb); !errors.Is(err, auth.ErrNoUser) {
			t.Errorf("%s: resending: %v", name, err)
		}
		if _, err := d.Verify(t.Context(), email, "123456"); !errors.Is(err, auth.ErrBadCode) {
			t.Errorf("%s: verifying: %v", name, err)
		}
	}
}

// late is a store that looks for an account just before there is one.
type late struct{ auth.Store }

// Account implements auth.Store.
func (late) Account(context.Context, string) (auth.Account, error) {
	return auth.Account{}, auth.ErrNoUser
}

func TestSigningInWhileTheAddressIsBeingVerifiedIsNoFailure(t *testing.T) {
	d := newDesk(t)
	db := storetest.Open(t)
	var err error
	if d.Service, err = auth.New(testConfig, late{db}, d, d, d); err != nil {
		t.Fatal(err)
	}
	d.member(ana)
	if _, _, err := d.SignIn(t.Context(), ana, password); !errors.Is(err, auth.ErrNoUser) {
		t.Error(err)
	}
}
