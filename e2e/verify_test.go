package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// applied signs somebody up and leaves them there.
func applied(t testing.TB, source string) (rest, applicant) {
	t.Helper()
	r, ana := restOf(t, shared.server), newApplicant("Ana")
	r.post("/signup", ana.form(source)).says(t, http.StatusOK, 1)
	return r, ana
}

func TestVerifyByLink(t *testing.T) {
	t.Parallel()
	r, ana := applied(t, "")
	link, err := ana.letter(t, 1).link()
	if err != nil {
		t.Fatal(err)
	}

	// A mail scanner that asks for the head uses nothing up, however often.
	for range 7 {
		r.do(http.MethodHead, link, nil, asBrowser()).setsNothing(t)
	}
	a := r.get(link, asBrowser())
	a.isPage(t, http.StatusOK)
	access, refresh := a.tokens(t)
	if !strings.Contains(a.body, "href=") {
		t.Errorf("the page leads nowhere: %s", a.short())
	}
	w := newWorld(t, "")
	w.users["ana"] = &user{name: ana.name, email: ana.email, access: access, refresh: refresh}
	w.open("ana")

	again := r.get(link, asBrowser())
	again.isPage(t, http.StatusOK)
	again.setsNothing(t)
	if len(again.header["Set-Cookie"]) > 0 {
		t.Errorf("a used link sets %v", again.header["Set-Cookie"])
	}
	r.post("/login", obj{"email": ana.email, "password": password}).says(t, http.StatusOK, 1)
}

func TestVerifyByAppCode(t *testing.T) {
	t.Parallel()
	r, ana := applied(t, "app")
	code := ana.digits(t, 1)
	a := r.get(verifyPath(ana.email, code, "app"))
	a.says(t, http.StatusOK, 1)
	access, refresh := a.tokens(t)
	check(t, "the tokens", a.json, obj{"accessToken": access, "refreshToken": refresh})

	again := r.get(verifyPath(ana.email, code, "app"))
	again.says(t, http.StatusBadRequest, 0)
	again.setsNothing(t)
}

func TestVerifyIsSpeltInManyWays(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/Verify", "/verify/", "/VERIFY"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			r, ana := applied(t, "app")
			query := strings.TrimPrefix(verifyPath(ana.email, ana.digits(t, 1), "app"), "/verify")
			a := r.get(path + query)
			a.says(t, http.StatusOK, 1)
			a.tokens(t)
		})
	}
}

func TestVerifyTakesTheAddressInOtherLetters(t *testing.T) {
	t.Parallel()
	r, ana := applied(t, "app")
	r.get(verifyPath(strings.ToUpper(ana.email), ana.digits(t, 1), "app")).says(t, http.StatusOK, 1)
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	_, ana := applied(t, "")
	_, ben := applied(t, "")
	anas, bens := ana.token(t, 1), ben.token(t, 1)
	tests := map[string]string{
		"a wrong code":             verifyPath(ana.email, "000000", ""),
		"somebody else's code":     verifyPath(ana.email, bens, ""),
		"no code":                  verifyPath(ana.email, "", ""),
		"no address":               verifyPath("", anas, ""),
		"neither":                  "/verify",
		"an address never seen":    verifyPath("no."+ana.email, anas, ""),
		"a code of strange things": verifyPath("no."+ana.email, "<script>'\"%00", ""),
	}
	for name, path := range tests {
		t.Run(name, func(t *testing.T) {
			r := restOf(t, shared.server)
			plain := r.get(path)
			plain.says(t, http.StatusBadRequest, 0)
			plain.setsNothing(t)
			r.get(path, header("Accept", "application/json")).says(t, http.StatusBadRequest, 0)
			page := r.get(path, asBrowser())
			page.isPage(t, http.StatusBadRequest)
			page.setsNothing(t)
			if !strings.Contains(strings.ToLower(page.body), "resend") {
				t.Errorf("the page does not offer to resend: %s", page.short())
			}
			if strings.Contains(page.body, "<script>'") {
				t.Errorf("the page repeats what it was given: %s", page.short())
			}
			r.get(path+sourceApp(path)).says(t, http.StatusBadRequest, 0)
		})
	}
}

func sourceApp(path string) string {
	if strings.Contains(path, "?") {
		return "&source=app"
	}
	return "?source=app"
}

func TestFiveWrongCodesKillTheRightOne(t *testing.T) {
	t.Parallel()
	r, ana := applied(t, "app")
	right := ana.digits(t, 1)
	wrong := "111111"
	if right == wrong {
		wrong = "222222"
	}
	for range 5 {
		r.get(verifyPath(ana.email, wrong, "app")).says(t, http.StatusBadRequest, 0)
	}
	r.get(verifyPath(ana.email, right, "app")).says(t, http.StatusBadRequest, 0)

	r.post("/resend", obj{"email": ana.email, "source": "app"}).says(t, http.StatusOK, 1)
	fresh := ana.digits(t, 2)
	r.get(verifyPath(ana.email, fresh, "app")).says(t, http.StatusOK, 1)
}

func TestFourWrongCodesKillNothing(t *testing.T) {
	t.Parallel()
	r, ana := applied(t, "app")
	right := ana.digits(t, 1)
	for _, wrong := range []string{"11111", "1111111", "abcdef", right + "0"} {
		r.get(verifyPath(ana.email, wrong, "app")).says(t, http.StatusBadRequest, 0)
	}
	r.get(verifyPath(ana.email, right, "app")).says(t, http.StatusOK, 1)
}

func TestAMailCarriesNamesAsText(t *testing.T) {
	t.Parallel()
	r, ana := restOf(t, shared.server), newApplicant("Ana")
	form := ana.form("")
	form["name"] = `<img src=x onerror=alert(1)> & "Ana"`
	r.post("/signup", form).says(t, http.StatusOK, 1)
	l := ana.letter(t, 1)
	if strings.Contains(l.HTML, "<img src=x") {
		t.Errorf("the mail has the name as HTML: %s", l.HTML)
	}
	link, err := l.link()
	if err != nil {
		t.Fatal(err)
	}
	a := r.get(link, asBrowser())
	a.isPage(t, http.StatusOK)
	if strings.Contains(a.body, "<img src=x") {
		t.Errorf("the page has the name as HTML: %s", a.short())
	}
}
