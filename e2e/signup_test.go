package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// applicant is somebody who has not signed up yet.
type applicant struct{ name, email string }

func newApplicant(firstName string) applicant {
	name := unique(firstName)
	return applicant{name, addressOf(name)}
}

func (a applicant) form(source string) obj {
	form := obj{"name": a.name, "email": a.email, "password": password}
	if source != "" {
		form["source"] = source
	}
	return form
}

// letter waits for the nth mail to the applicant.
func (a applicant) letter(t testing.TB, n int) letter {
	t.Helper()
	l, err := shared.server.awaitLetter(t.Context(), a.email, n)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// token is the code in the link of the nth mail.
func (a applicant) token(t testing.TB, n int) string {
	t.Helper()
	code, err := a.letter(t, n).token()
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// digits is the six-digit code in the nth mail.
func (a applicant) digits(t testing.TB, n int) string {
	t.Helper()
	code, err := a.letter(t, n).digits()
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestSignUpSendsALink(t *testing.T) {
	t.Parallel()
	r, ana := restOf(t, shared.server), newApplicant("Ana")
	answer := r.post("/signup", ana.form(""))
	answer.says(t, http.StatusOK, 1)
	answer.setsNothing(t)
	l := ana.letter(t, 1)
	if u, err := l.address(); err != nil || "http://"+u.Host != shared.server.publicURL() {
		t.Errorf("the link leads to %v: %v", u, err)
	}
	if l.Subject == "" || l.HTML == "" {
		t.Errorf("mail without a subject or without HTML: %+v", l)
	}
}

func TestSignUpFromAnAppSendsSixDigits(t *testing.T) {
	t.Parallel()
	r, ana := restOf(t, shared.server), newApplicant("Ana")
	r.post("/signup", ana.form("app")).says(t, http.StatusOK, 1)
	l := ana.letter(t, 1)
	if _, err := l.digits(); err != nil {
		t.Error(err)
	}
	if link, err := l.link(); err == nil {
		t.Errorf("a mail to an app has a link: %s", link)
	}
}

func TestSignUpTakesAForm(t *testing.T) {
	t.Parallel()
	r, ana := restOf(t, shared.server), newApplicant("Ana")
	r.post("/signup", url.Values{"name": {ana.name}, "email": {ana.email}, "password": {password}}).
		says(t, http.StatusOK, 1)
	ana.letter(t, 1)
}

func TestSignUpRefuses(t *testing.T) {
	t.Parallel()
	with := func(key string, value any) func(obj) { return func(form obj) { form[key] = value } }
	without := func(key string) func(obj) { return func(form obj) { delete(form, key) } }
	tests := map[string]struct {
		change func(obj)
		status int
	}{
		"no name":                      {without("name"), http.StatusNotFound},
		"no email":                     {without("email"), http.StatusNotFound},
		"no password":                  {without("password"), http.StatusNotFound},
		"an empty name":                {with("name", ""), http.StatusNotFound},
		"an empty email":               {with("email", ""), http.StatusNotFound},
		"an empty password":            {with("password", ""), http.StatusNotFound},
		"no email address":             {with("email", "ana at example.org"), http.StatusBadRequest},
		"an address with a name":       {with("email", "Ana <ana@example.org>"), http.StatusBadRequest},
		"a line break in the address":  {with("email", "ana@example.org\r\nBcc: x@example.org"), http.StatusBadRequest},
		"a short password":             {with("password", "short"), http.StatusBadRequest},
		"a control character in names": {with("name", "Ana\x07"), http.StatusBadRequest},
		"an endless name":              {with("name", strings.Repeat("a", 5000)), http.StatusBadRequest},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form := newApplicant("Ana").form("")
			tt.change(form)
			restOf(t, shared.server).post("/signup", form).says(t, tt.status, -1)
		})
	}
}

func TestBodiesThatAreNotWhatIsExpected(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{
		"half an object":  `{"name": "Ana", "email":`,
		"no JSON at all":  `name=Ana`,
		"nothing":         ``,
		"a list":          `[1, 2, 3]`,
		"a number":        `17`,
		"null":            `null`,
		"other types":     `{"name": 5, "email": ["a"], "password": {"x": 1}, "token": 7}`,
		"deep in nesting": strings.Repeat("[", 20000),
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := restOf(t, shared.server)
			for _, route := range []string{"/signup", "/login", "/resend", "/update-access-token"} {
				a := r.post(route, body)
				a.isJSON(t)
				if a.status < 400 || a.status >= 500 || a.json["success"] == 1.0 {
					t.Errorf("%s answers %d: %s", route, a.status, a.short())
				}
				if (name == "half an object" || name == "no JSON at all") && a.status != http.StatusBadRequest {
					t.Errorf("%s answers %d to a body that is not JSON, want 400: %s", route, a.status, a.short())
				}
			}
		})
	}
}

func TestSignUpOfAVerifiedAddress(t *testing.T) {
	t.Parallel()
	ana := newUser(t, shared.server, "Ana")
	r := restOf(t, shared.server)
	for _, email := range []string{ana.email, strings.ToUpper(ana.email)} {
		r.post("/signup", obj{"name": "Eve", "email": email, "password": password}).
			says(t, http.StatusNotFound, 0)
	}
}

func TestASecondSignUpIsAnAttemptOfItsOwn(t *testing.T) {
	t.Parallel()
	r, ana := restOf(t, shared.server), newApplicant("Ana")
	r.post("/signup", ana.form("")).says(t, http.StatusOK, 1)
	oldCode := ana.token(t, 1)
	second := ana.form("")
	second["name"], second["password"] = "Second "+ana.name, "another horse battery"
	r.post("/signup", second).says(t, http.StatusOK, 1)
	newCode := ana.token(t, 2)

	r.get(verifyPath(ana.email, oldCode, "app")).says(t, http.StatusBadRequest, 0)
	access, refresh := r.get(verifyPath(ana.email, newCode, "")).tokens(t)

	r.post("/login", obj{"email": ana.email, "password": password}).says(t, http.StatusOK, 0)
	r.post("/login", obj{"email": ana.email, "password": "another horse battery"}).says(t, http.StatusOK, 1)
	w := newWorld(t, "")
	w.users["ana"] = &user{name: "Second " + ana.name, email: ana.email, access: access, refresh: refresh}
	c := w.open("ana")
	check(t, "the account", c.must("fetch-user-details", obj{}), obj{"success": true})
	check(t, "the account", c.await("user-details"), obj{"Name": "Second " + ana.name, "Email": ana.email})
}

func TestResend(t *testing.T) {
	t.Parallel()
	r, ana := restOf(t, shared.server), newApplicant("Ana")
	verified := newUser(t, shared.server, "Ben")

	r.post("/resend", obj{}).says(t, http.StatusNotFound, -1)
	r.post("/resend", obj{"email": ""}).says(t, http.StatusNotFound, -1)
	r.post("/resend", obj{"email": ana.email}).says(t, http.StatusNotFound, -1)
	r.post("/resend", obj{"email": verified.email}).says(t, http.StatusNotFound, 0)

	r.post("/signup", ana.form("")).says(t, http.StatusOK, 1)
	first := ana.token(t, 1)
	r.post("/resend", obj{"email": ana.email}).says(t, http.StatusOK, 1)
	second := ana.token(t, 2)
	r.post("/resend", url.Values{"email": {ana.email}, "source": {"app"}}).says(t, http.StatusOK, 1)
	third := ana.digits(t, 3)

	for _, dead := range []string{first, second} {
		r.get(verifyPath(ana.email, dead, ""), header("Accept", "application/json")).
			says(t, http.StatusBadRequest, 0)
	}
	r.get(verifyPath(ana.email, third, "app")).says(t, http.StatusOK, 1)
	r.post("/resend", obj{"email": ana.email}).says(t, http.StatusNotFound, 0)
}
