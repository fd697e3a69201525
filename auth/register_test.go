package auth_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"expresschat/auth"
)

// digest is what a client makes of a password.
var digest = strings.Repeat("0f", 64)

// register registers somebody, and returns them with their token.
func (d *desk) register(id string) (auth.User, string) {
	d.Helper()
	u, token, err := d.Register(d.Context(), auth.Registration{Name: "Ana", ID: id, Password: digest})
	if err != nil {
		d.Fatal(err)
	}
	return u, token
}

// signsIn checks what comes of signing in for long, and returns who did.
func (d *desk) signsIn(what, login, password string, want error) auth.User {
	d.Helper()
	u, token, err := d.SignInLong(d.Context(), login, password)
	if !errors.Is(err, want) || (err == nil) != (token != "") {
		d.Errorf("%s: %v, want %v", what, err, want)
	}
	return u
}

func TestRegistrationsAreChecked(t *testing.T) {
	d := newDesk(t)
	const id = "019ac3f0-0000-7000-8000-00000000abcd"
	tests := map[string]struct {
		name, id, password string
		want               error
	}{
		"an address":             {"Ana", ana, digest, nil},
		"a phone number":         {"Ana", "+49 151 0000", digest, nil},
		"anything":               {"Ana", "<b>ana</b>", digest, nil},
		"blanks around it":       {"Ana", "  ben  ", digest, nil},
		"254 bytes":              {"Ana", strings.Repeat("ü", 127), digest, nil},
		"255 bytes":              {"Ana", strings.Repeat("ü", 127) + "x", digest, auth.ErrBadLogin},
		"no id":                  {"Ana", "", digest, auth.ErrBadLogin},
		"an id of blanks":        {"Ana", " \t ", digest, auth.ErrBadLogin},
		"an id with a NUL":       {"Ana", "a\x00b", digest, auth.ErrBadLogin},
		"an id of two lines":     {"Ana", "a\nb", digest, auth.ErrBadLogin},
		"an id that is no text":  {"Ana", "a\xffb", digest, auth.ErrBadLogin},
		"an id of ours":          {"Ana", id, digest, auth.ErrBadLogin},
		"one in upper case":      {"Ana", strings.ToUpper(id), digest, auth.ErrBadLogin},
		"one in braces":          {"Ana", " {" + id + "}", digest, auth.ErrBadLogin},
		"one as a URN":           {"Ana", "urn:uuid:" + id, digest, auth.ErrBadLogin},
		"one without hyphens":    {"Ana", strings.ReplaceAll(id, "-", ""), digest, auth.ErrBadLogin},
		"one and a letter":       {"Ana", id + "x", digest, nil},
		"a name of blanks":       {"  ", "c", digest, auth.ErrBadName},
		"no password":            {"Ana", "d", "", auth.ErrPasswordSize},
		"a password of 1 byte":   {"Ana", "e", "x", nil},
		"a password of 1024":     {"Ana", "f", strings.Repeat("x", 1024), nil},
		"a password of 1025":     {"Ana", "g", strings.Repeat("x", 1025), auth.ErrPasswordSize},
		"a password of anything": {"Ana", "h", "\x00 \n\xff", nil},
	}
	for name, tt := range tests {
		u, token, err := d.Register(t.Context(), auth.Registration{Name: tt.name, ID: tt.id, Password: tt.password})
		if !errors.Is(err, tt.want) || (err == nil) != (token != "") {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if err != nil {
			continue
		}
		if u.Email != strings.TrimSpace(tt.id) || u.CreatedAt.IsZero() || !u.UpdatedAt.Equal(u.CreatedAt) || u.Picture != "" {
			t.Errorf("%s: user %+v", name, u)
		}
		if id, err := d.AuthenticateLong(t.Context(), token); err != nil || id.User != u {
			t.Errorf("%s: the token is of %+v, %v", name, id.User, err)
		}
		d.signsIn(name, tt.id, tt.password, nil)
	}
	if d.wakes != 0 {
		t.Error("mail was sent")
	}
}

func TestARegisteredAccountSignsIn(t *testing.T) {
	d := newDesk(t)
	u, _ := d.register("+49 151 0000")
	for name, login := range map[string]string{
		"the id": "+49 151 0000", "with blanks": " +49 151 0000 ", "the user's id": string(u.ID), "in upper case": strings.ToUpper(string(u.ID)),
	} {
		if got := d.signsIn(name, login, digest, nil); got != u {
			t.Errorf("%s: %+v", name, got)
		}
		d.signsIn(name+", another password", login, password, auth.ErrWrongPassword)
	}
	d.signsIn("nobody's id", "+49 151 1111", digest, auth.ErrNoUser)
	d.signsIn("nobody's user id", auth.NewID(), digest, auth.ErrNoUser)
	d.signsIn("no id", "\x00", digest, auth.ErrNoUser)
}

func TestAVerifiedAccountSignsInForLong(t *testing.T) {
	d := newDesk(t)
	d.member(ana)
	u := d.signsIn("by address", "ANA@example.org", password, nil)
	if again := d.signsIn("by id", string(u.ID), password, nil); again != u || u.Name != "Ana" || u.CreatedAt.IsZero() {
		t.Errorf("%+v and %+v", u, again)
	}
	d.signsIn("with another password", ana, digest, auth.ErrWrongPassword)
}

func TestAnIDIsTakenByWhoeverHasIt(t *testing.T) {
	d := newDesk(t)
	d.member(ana)
	d.register("Ben@example.org")
	for _, id := range []string{"ANA@example.org", " ben@EXAMPLE.org "} {
		if _, _, err := d.Register(t.Context(), auth.Registration{Name: "Eve", ID: id, Password: digest}); !errors.Is(err, auth.ErrEmailTaken) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestOfThoseWhoRegisterAnIDAtOnceOneHasIt(t *testing.T) {
	d := newDesk(t)
	var wg sync.WaitGroup
	got := make(chan auth.User, 8)
	for range cap(got) {
		wg.Go(func() {
			u, _, err := d.Register(t.Context(), auth.Registration{Name: "Ana", ID: ana, Password: digest})
			switch {
			case err == nil:
				got <- u
			case !errors.Is(err, auth.ErrEmailTaken):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(got) != 1 {
		t.Fatalf("%d have it", len(got))
	}
	if u := d.signsIn("the one", ana, digest, nil); u != <-got {
		t.Errorf("it is %+v", u)
	}
}

// An id that nobody verified is nobody's claim on the address.
func TestAnUnverifiedAccountYieldsToWhoVerifiesItsAddress(t *testing.T) {
	d := newDesk(t)
	earlier, token := d.register("Ana@Example.org")
	if err := d.Resend(t.Context(), ana, auth.FromWeb); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("a code for an account that never signed up: %v", err)
	}
	d.apply(ana, auth.FromWeb)
	if err := d.Resend(t.Context(), ana, auth.FromWeb); err != nil {
		t.Errorf("a new code: %v", err)
	}
	d.signsIn("before the verification", ana, digest, nil)
	v, err := d.Verify(t.Context(), ana, d.code(ana))
	if err != nil {
		t.Fatal(err)
	}
	later := v.User.ID

	id, err := d.AuthenticateLong(t.Context(), token)
	if err != nil || id.User.ID != earlier.ID || id.User.Email != string(earlier.ID) || id.User.UpdatedAt.Before(earlier.UpdatedAt) {
		t.Errorf("the earlier session is of %+v, %v", id.User, err)
	}
	d.signsIn("the earlier by the address", ana, digest, auth.ErrWrongPassword)
	if u := d.signsIn("the earlier by their user id", string(earlier.ID), digest, nil); u != id.User {
		t.Errorf("signed in as %+v", u)
	}
	d.signsIn("the later by the earlier's user id", string(earlier.ID), password, auth.ErrWrongPassword)
	if u := d.signsIn("the later", ana, password, nil); u.ID != later || later == earlier.ID || u.Email != ana {
		t.Errorf("the later is %+v", u)
	}
	if got := d.check("the later's session", v.Tokens, nil); got.User.ID != later {
		t.Errorf("the later's session is of %+v", got.User)
	}
	if _, _, err := d.SignIn(t.Context(), string(earlier.ID), digest); !errors.Is(err, auth.ErrNotVerified) {
		t.Errorf("the earlier is still unverified: %v", err)
	}
	if _, _, err := d.Register(t.Context(), auth.Registration{Name: "Eve", ID: ana, Password: digest}); !errors.Is(err, auth.ErrEmailTaken) {
		t.Errorf("the address is taken: %v", err)
	}
}

func TestAPairIsForVerifiedAccounts(t *testing.T) {
	d := newDesk(t)
	d.register(ana)
	d.register("ben@example.org")
	d.apply("ben@example.org", auth.FromWeb)
	tests := map[string]struct {
		email, password string
		want            error
	}{
		"registered":                              {ana, digest, auth.ErrNotVerified},
		"registered, wrong":                       {ana, password, auth.ErrWrongPassword},
		"signed up too, the sign-up's password":   {"ben@example.org", password, auth.ErrNotVerified},
		"signed up too, the account's password":   {"ben@example.org", digest, auth.ErrWrongPassword},
		"signed up too, another password still":   {"ben@example.org", "wrong horse", auth.ErrWrongPassword},
		"neither registered nor signed up at all": {"cem@example.org", digest, auth.ErrNoUser},
	}
	for name, tt := range tests {
		if _, pair, err := d.SignIn(t.Context(), tt.email, tt.password); !errors.Is(err, tt.want) || pair != (auth.Pair{}) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	d.signsIn("the account for long", "ben@example.org", digest, nil)
	d.signsIn("the sign-up for long", "ben@example.org", password, auth.ErrWrongPassword)
}

// admitting is the settings of a server that admits them.
func admitting(a auth.Admission) auth.Config {
	c := testConfig
	c.Admission = a
	return c
}

func same(s auth.Store) auth.Store { return s }

func TestWhereAddressesAreVerifiedFirst(t *testing.T) {
	d := newDeskOn(t, admitting(auth.AdmitVerified), same)
	register := func(what, id, password string, want error) {
		t.Helper()
		_, token, err := d.Register(t.Context(), auth.Registration{Name: "Ana", ID: id, Password: password})
		if !errors.Is(err, want) || token != "" {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	register("a phone number", "+49 151 0000", digest, auth.ErrBadEmail)
	register("no password", ana, "", auth.ErrPasswordSize)
	register("an address", ana, "x", auth.ErrNotVerified)
	if d.wakes != 1 {
		t.Errorf("the postman was woken %d times", d.wakes)
	}
	d.signsIn("before the verification", ana, "x", auth.ErrNotVerified)
	d.signsIn("before, with another password", ana, "y", auth.ErrWrongPassword)
	v, err := d.Verify(t.Context(), ana, d.code(ana))
	if err != nil {
		t.Fatal(err)
	}
	if u := d.signsIn("after the verification", ana, "x", nil); u.ID != v.User.ID {
		t.Errorf("signed in as %+v", u)
	}
	register("an address that is taken", ana, "x", auth.ErrEmailTaken)
}

func TestWhereNobodyMayRegister(t *testing.T) {
	for _, a := range []auth.Admission{auth.AdmitNobody, ""} {
		t.Run(string(a), func(t *testing.T) {
			d := newDeskOn(t, admitting(a), same)
			if _, _, err := d.Register(t.Context(), auth.Registration{Name: "Ana", ID: ana, Password: digest}); !errors.Is(err, auth.ErrNotAdmitted) || !errors.Is(d.Admits(), auth.ErrNotAdmitted) {
				t.Error(err)
			}
			d.member(ana)
			d.signsIn("who has an account", ana, password, nil)
		})
	}
	if _, err := auth.New(admitting("some"), nil, nil, nil, nil); err == nil {
		t.Error("there is no such admission, and no error")
	}
}

func TestRenaming(t *testing.T) {
	d := newDesk(t)
	u, token := d.register(ana)
	renamed, err := d.Rename(t.Context(), u.ID, "  Änne ")
	if err != nil || renamed.Name != "Änne" || renamed.ID != u.ID || renamed.Email != ana ||
		!renamed.CreatedAt.Equal(u.CreatedAt) || !renamed.UpdatedAt.After(u.UpdatedAt) {
		t.Errorf("%+v, %v", renamed, err)
	}
	if id, err := d.AuthenticateLong(t.Context(), token); err != nil || id.User != renamed {
		t.Errorf("%+v, %v", id.User, err)
	}
	if _, err := d.Rename(t.Context(), u.ID, " "); !errors.Is(err, auth.ErrBadName) {
		t.Errorf("to nothing: %v", err)
	}
	if _, err := d.Rename(t.Context(), auth.NewUserID(), "Ana"); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("nobody: %v", err)
	}
	if len(d.renamed) != 1 || d.renamed[0] != u.ID {
		t.Errorf("the doors were told of %v", d.renamed)
	}
}

func TestPictures(t *testing.T) {
	d := newDesk(t)
	id := auth.NewUserID() // whose the picture is already
	u, token, err := d.Register(t.Context(), auth.Registration{User: id, Name: "Ana", ID: ana, Password: digest, Picture: "first.png"})
	if err != nil || u.ID != id || u.Picture != "first.png" {
		t.Fatalf("registered as %+v, %v", u, err)
	}
	for _, picture := range []string{"second.png", ""} {
		changed, err := d.SetPicture(t.Context(), u.ID, picture)
		if err != nil || changed.Picture != picture || changed.Name != u.Name || changed.Email != ana ||
			!changed.CreatedAt.Equal(u.CreatedAt) || !changed.UpdatedAt.After(u.UpdatedAt) {
			t.Errorf("%q: %+v, %v", picture, changed, err)
		}
		if id, err := d.AuthenticateLong(t.Context(), token); err != nil || id.User != changed {
			t.Errorf("%+v, %v", id.User, err)
		}
	}
	if _, err := d.SetPicture(t.Context(), auth.NewUserID(), "x.png"); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("nobody: %v", err)
	}
	if len(d.renamed) != 2 || d.renamed[0] != u.ID {
		t.Errorf("the doors were told of %v", d.renamed)
	}
}

// broken is a store that does not answer.
type broken struct{ auth.Store }

var errAway = errors.New("away")

// Account implements auth.Store.
func (broken) Account(context.Context, string) (auth.Account, error) {
	return auth.Account{}, errAway
}

func TestAStoreThatFailsIsNotNobody(t *testing.T) {
	d := newDeskOn(t, testConfig, func(s auth.Store) auth.Store { return broken{s} })
	d.signsIn("for long", ana, digest, errAway)
	if _, _, err := d.SignIn(t.Context(), ana, digest); !errors.Is(err, errAway) {
		t.Errorf("signing in: %v", err)
	}
	if err := d.Resend(t.Context(), ana, auth.FromWeb); !errors.Is(err, errAway) {
		t.Errorf("resending: %v", err)
	}
}
