package auth_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"expresschat/auth"
)

const ana = "ana@example.org"

func TestApplicationsAreChecked(t *testing.T) {
	d := newDesk(t)
	good := auth.Application{Name: "Ana", Email: ana, Password: password, Source: auth.FromWeb}
	with := func(change func(*auth.Application)) auth.Application {
		a := good
		change(&a)
		return a
	}
	tests := map[string]struct {
		a    auth.Application
		want error
	}{
		"a good one":                  {good, nil},
		"a name of blanks":            {with(func(a *auth.Application) { a.Name = "  " }), auth.ErrBadName},
		"a name of 64 characters":     {with(func(a *auth.Application) { a.Name = strings.Repeat("ü", 64) }), nil},
		"a name of 65":                {with(func(a *auth.Application) { a.Name = strings.Repeat("ü", 65) }), auth.ErrBadName},
		"a name with a NUL":           {with(func(a *auth.Application) { a.Name = "a\x00b" }), auth.ErrBadName},
		"an address that is none":     {with(func(a *auth.Application) { a.Email = "ana" }), auth.ErrBadEmail},
		"an address with a name":      {with(func(a *auth.Application) { a.Email = "Ana <ana@example.org>" }), auth.ErrBadEmail},
		"an address of two lines":     {with(func(a *auth.Application) { a.Email = "ana@example.org\nBcc: x@y" }), auth.ErrBadEmail},
		"an address that is too long": {with(func(a *auth.Application) { a.Email = strings.Repeat("a", 251) + "@b.c" }), auth.ErrBadEmail},
		"a password of 7":             {with(func(a *auth.Application) { a.Password = "1234567" }), auth.ErrBadPassword},
		"a password of 8":             {with(func(a *auth.Application) { a.Password = "x8-chars" }), nil},
		"a password of 256":           {with(func(a *auth.Application) { a.Password = strings.Repeat("ü", 256) }), nil},
		"a password of 257":           {with(func(a *auth.Application) { a.Password = strings.Repeat("ü", 257) }), auth.ErrBadPassword},
		"a password of anything":      {with(func(a *auth.Application) { a.Password = "\x00 \t\n\x7f\xff12" }), nil},
	}
	for name, tt := range tests {
		if err := d.SignUp(t.Context(), tt.a); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestPasswordsAreNeverCut(t *testing.T) {
	d := newDesk(t)
	long := strings.Repeat("x", 200)
	if err := d.SignUp(t.Context(), auth.Application{Name: "Ana", Email: ana, Password: long + "1", Source: auth.FromWeb}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Verify(t.Context(), ana, d.code(ana)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.SignIn(t.Context(), ana, long+"2"); !errors.Is(err, auth.ErrWrongPassword) {
		t.Error(err)
	}
	if _, _, err := d.SignIn(t.Context(), ana, long+"1"); err != nil {
		t.Error(err)
	}
}

func TestSigningIn(t *testing.T) {
	d := newDesk(t)
	const waiting = "waiting@example.org"
	d.member(ana)
	d.apply(waiting, auth.FromApp)
	tests := map[string]struct {
		email, password string
		want            error
	}{
		"right":                       {ana, password, nil},
		"right, in another case":      {"ANA@Example.ORG", password, nil},
		"wrong":                       {ana, "wrong horse", auth.ErrWrongPassword},
		"nobody":                      {"zoe@example.org", password, auth.ErrNoUser},
		"nobody, with the decoy's":    {"zoe@example.org", "", auth.ErrNoUser},
		"not verified, right":         {waiting, password, auth.ErrNotVerified},
		"not verified, but wrong too": {waiting, "wrong horse", auth.ErrWrongPassword},
	}
	for name, tt := range tests {
		_, pair, err := d.SignIn(t.Context(), tt.email, tt.password)
		if !errors.Is(err, tt.want) || (err == nil) != (pair.Access != "" && pair.Refresh != "") {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestACodeWorksOnce(t *testing.T) {
	for _, source := range []auth.Source{auth.FromWeb, auth.FromApp} {
		t.Run(string(source), func(t *testing.T) {
			d := newDesk(t)
			d.apply(ana, source)
			first, err := d.Verify(t.Context(), ana, d.code(ana))
			if err != nil || first.Tokens.Access == "" || first.Again || first.User.Name != "Ana" {
				t.Fatalf("%+v, %v", first, err)
			}
			again, err := d.Verify(t.Context(), "ANA@example.org", d.code(ana))
			switch source {
			case auth.FromApp:
				if !errors.Is(err, auth.ErrBadCode) {
					t.Errorf("an app's used code: %v", err)
				}
			default:
				if err != nil || !again.Again || again.Tokens != (auth.Pair{}) {
					t.Errorf("a used link: %+v, %v", again, err)
				}
				d.pass(auth.CodeTTL)
				if _, err := d.Verify(t.Context(), ana, d.code(ana)); !errors.Is(err, auth.ErrBadCode) {
					t.Errorf("a used link after its time: %v", err)
				}
			}
		})
	}
}

func TestACodeDies(t *testing.T) {
	deaths := map[string]func(d *desk){
		"of age":          func(d *desk) { d.pass(auth.CodeTTL) },
		"by a resend":     func(d *desk) { _ = d.Resend(d.Context(), ana, auth.FromApp) },
		"by a new try":    func(d *desk) { d.apply(ana, auth.FromApp) },
		"by five guesses": func(d *desk) { d.guess(auth.MaxTries) },
	}
	for name, die := range deaths {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.apply(ana, auth.FromApp)
			code := d.code(ana)
			die(d)
			if _, err := d.Verify(t.Context(), ana, code); !errors.Is(err, auth.ErrBadCode) && code != d.code(ana) {
				t.Error(err)
			}
		})
	}
}

func (d *desk) guess(times int) {
	d.Helper()
	for range times {
		if _, err := d.Verify(d.Context(), ana, "no code"); !errors.Is(err, auth.ErrBadCode) {
			d.Error(err)
		}
	}
}

func TestACodeSurvivesFourGuesses(t *testing.T) {
	d := newDesk(t)
	d.apply(ana, auth.FromApp)
	d.guess(auth.MaxTries - 1)
	if _, err := d.Verify(t.Context(), ana, d.code(ana)); err != nil {
		t.Error(err)
	}
}

// Guesses that come at once are counted one by one: the right code among a hundred is
// found only if it is among the first five.
func TestGuessingAtOnceIsNoWayAround(t *testing.T) {
	d := newDesk(t)
	d.apply(ana, auth.FromApp)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { d.guess(1) })
	}
	wg.Wait()
	if _, err := d.Verify(t.Context(), ana, d.code(ana)); !errors.Is(err, auth.ErrBadCode) {
		t.Error(err)
	}
}

func TestResend(t *testing.T) {
	d := newDesk(t)
	if err := d.Resend(t.Context(), ana, auth.FromWeb); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("to nobody: %v", err)
	}
	d.apply(ana, auth.FromApp)
	old := d.code(ana)
	if err := d.Resend(t.Context(), "ANA@example.org", auth.FromWeb); err != nil {
		t.Fatal(err)
	}
	if d.code(ana) == old || d.wakes != 2 {
		t.Errorf("the code is the old one, or the postman was woken %d times", d.wakes)
	}
	if _, err := d.Verify(t.Context(), ana, d.code(ana)); err != nil {
		t.Fatal(err)
	}
	if err := d.Resend(t.Context(), ana, auth.FromWeb); !errors.Is(err, auth.ErrAlreadyVerified) {
		t.Errorf("to a verified one: %v", err)
	}
	if err := d.SignUp(t.Context(), auth.Application{Name: "Eve", Email: "Ana@EXAMPLE.org", Password: password}); !errors.Is(err, auth.ErrEmailTaken) {
		t.Errorf("a second account: %v", err)
	}
}

func TestTheNewestAttemptIsTheOneThatCounts(t *testing.T) {
	d := newDesk(t)
	d.apply(ana, auth.FromApp)
	newer := auth.Application{Name: "Anna", Email: ana, Password: "another password", Source: auth.FromApp}
	if err := d.SignUp(t.Context(), newer); err != nil {
		t.Fatal(err)
	}
	v, err := d.Verify(t.Context(), ana, d.code(ana))
	if err != nil || v.User.Name != "Anna" {
		t.Fatalf("%+v, %v", v, err)
	}
	if _, _, err := d.SignIn(t.Context(), ana, password); !errors.Is(err, auth.ErrWrongPassword) {
		t.Errorf("the older password: %v", err)
	}
	if _, _, err := d.SignIn(t.Context(), ana, newer.Password); err != nil {
		t.Errorf("the newer password: %v", err)
	}
	d.pass(time.Minute)
}
