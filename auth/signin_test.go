package auth_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/argon2"

	"expresschat/auth"
)

// counted makes a desk that counts the hashes it computes.
func counted(t *testing.T, c auth.Config, wrap func(auth.Store) auth.Store) (*desk, *atomic.Int64) {
	t.Helper()
	var n atomic.Int64
	c.KDF = func(password, salt []byte, time, memory uint32, lanes uint8, size uint32) []byte {
		n.Add(1)
		return argon2.IDKey(password, salt, time, memory, lanes, size)
	}
	return newDeskOn(t, c, wrap), &n
}

func asItIs(s auth.Store) auth.Store { return s }

// weaken gives an account a hash of the same password that costs half as much, and returns it.
func (d *desk) weaken(email string) string {
	d.Helper()
	a, err := d.store.Account(d.Context(), email)
	if err != nil {
		d.Fatal(err)
	}
	parts := strings.Split(a.PasswordHash, "$")
	weak := auth.WeakHash(password)
	if err := d.store.RaiseHash(d.Context(), a.ID, a.PasswordHash, weak); err != nil || len(parts) != 6 {
		d.Fatal(a.PasswordHash, err)
	}
	return weak
}

func (d *desk) stored(email string) string {
	d.Helper()
	a, err := d.store.Account(d.Context(), email)
	if err != nil {
		d.Fatal(err)
	}
	return a.PasswordHash
}

func TestASignInComputesOneHash(t *testing.T) {
	for _, hide := range []bool{false, true} {
		c := testConfig
		c.HideAccounts = hide
		t.Run(map[bool]string{false: "plain", true: "hidden"}[hide], func(t *testing.T) {
			d, hashes := counted(t, c, asItIs)
			d.member(ana)
			d.member("weak@example.org")
			d.member("odd@example.org")
			d.apply("waiting@example.org", auth.FromWeb)
			d.register("registered@example.org")
			weak := d.weaken("weak@example.org")
			odd, err := d.store.Account(t.Context(), "odd@example.org")
			if err != nil {
				t.Fatal(err)
			}
			if err := d.store.RaiseHash(t.Context(), odd.ID, odd.PasswordHash, "$2y$10$odd"); err != nil {
				t.Fatal(err)
			}
			for _, tt := range []struct {
				name, login, password string
				page, app             error
			}{
				{"right", ana, password, nil, nil},
				{"wrong", ana, "wrong horse", auth.ErrWrongPassword, auth.ErrWrongPassword},
				{"nobody", "zoe@example.org", password, auth.ErrNoUser, auth.ErrNoUser},
				{"nobody's id", auth.NewID(), password, auth.ErrNoUser, auth.ErrNoUser},
				{"what nobody can have", "a\x00b", password, auth.ErrNoUser, auth.ErrNoUser},
				{"far too long", strings.Repeat("a", 255), password, auth.ErrNoUser, auth.ErrNoUser},
				{"not verified", "waiting@example.org", password, auth.ErrNotVerified, auth.ErrNotVerified},
				{"not verified, wrong", "waiting@example.org", "wrong horse", auth.ErrWrongPassword, auth.ErrWrongPassword},
				{"registered", "registered@example.org", digest, auth.ErrNotVerified, nil},
				{"registered, wrong", "registered@example.org", "wrong", auth.ErrWrongPassword, auth.ErrWrongPassword},
				{"an odd hash", "odd@example.org", password, auth.ErrOddHash, auth.ErrOddHash},
				{"a weak hash, wrong", "weak@example.org", "wrong horse", auth.ErrWrongPassword, auth.ErrWrongPassword},
			} {
				before := hashes.Load()
				_, _, err := d.SignIn(t.Context(), tt.login, tt.password)
				between := hashes.Load()
				_, _, appErr := d.SignInLong(t.Context(), tt.login, tt.password)
				if page, app := between-before, hashes.Load()-between; page != 1 || app != 1 {
					t.Errorf("%s: %d hashes, of an app %d", tt.name, page, app)
				}
				for _, o := range [][2]error{{err, tt.page}, {appErr, tt.app}} {
					got, want := o[0], o[1]
					if hide && want != nil {
						if !errors.Is(got, auth.ErrBadSignIn) || errors.Is(got, auth.ErrNoUser) || errors.Is(got, auth.ErrNotVerified) {
							t.Errorf("%s: %v", tt.name, got)
						}
						if errors.Is(want, auth.ErrOddHash) != errors.Is(got, auth.ErrOddHash) {
							t.Errorf("%s: %v", tt.name, got)
						}
					} else if !errors.Is(got, want) {
						t.Errorf("%s: %v, want %v", tt.name, got, want)
					}
				}
			}
			if d.stored("weak@example.org") != weak {
				t.Error("a wrong password raised a hash")
			}
		})
	}
}

// The next who signs in has the weak hash replaced, once; what is stored is of the same
// password, and sessions that were begun by the old one go on.
func TestAWeakHashIsRaisedBySigningIn(t *testing.T) {
	d, hashes := counted(t, testConfig, asItIs)
	before := d.member(ana)
	weak := d.weaken(ana)
	for i, want := range []int64{2, 1} {
		n := hashes.Load()
		_, pair, err := d.SignIn(t.Context(), ana, password)
		if err != nil || hashes.Load()-n != want {
			t.Errorf("sign-in %d: %v, after %d hashes", i, err, hashes.Load()-n)
		}
		d.check("its session", pair, nil)
	}
	if d.stored(ana) == weak {
		t.Error("the weak hash is still there")
	}
	d.check("the session of before", before, nil)
	if _, _, err := d.SignIn(t.Context(), ana, "wrong horse"); !errors.Is(err, auth.ErrWrongPassword) {
		t.Error(err)
	}
}

// overtaken is a store of whose account somebody signs in just before one session starts, or
// the password is changed.
type overtaken struct {
	auth.Store
	once atomic.Bool
	by   func()
}

func (o *overtaken) StartSession(ctx context.Context, s auth.Session, hash string) error {
	if o.once.CompareAndSwap(false, true) {
		o.by()
	}
	return o.Store.StartSession(ctx, s, hash)
}

// Two sign in at once, and the first raises the hash that the second was checked against:
// that is no other password. One that was changed meanwhile is.
func TestARaisedHashIsNoOtherPassword(t *testing.T) {
	for name, tt := range map[string]struct {
		by   func(d *desk, who auth.Identity) error
		want error
	}{
		"raised":  {func(d *desk, _ auth.Identity) error { _, _, err := d.SignIn(d.Context(), ana, password); return err }, nil},
		"changed": {func(d *desk, who auth.Identity) error { return d.ChangePassword(d.Context(), who, password, changed) }, auth.ErrWrongPassword},
	} {
		t.Run(name, func(t *testing.T) {
			o := &overtaken{}
			d, hashes := counted(t, testConfig, func(s auth.Store) auth.Store { o.Store = s; return o })
			who := d.check("before", d.member(ana), nil)
			d.weaken(ana)
			var inside int64
			o.by = func() {
				n := hashes.Load()
				if err := tt.by(d, who); err != nil {
					t.Error(err)
				}
				inside = hashes.Load() - n
			}
			n := hashes.Load()
			_, _, err := d.SignInLong(t.Context(), ana, password)
			if !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			if own := hashes.Load() - n - inside; own != 2 {
				t.Errorf("%d hashes", own)
			}
		})
	}
}
