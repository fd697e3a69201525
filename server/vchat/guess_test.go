package vchat_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/server/doortest"
	"expresschat/server/limits"
)

// onPage posts a JSON body to a route of ExpressChat.
func (h *house) onPage(path, token string, body m) (status int, text string, header http.Header) {
	h.Helper()
	r, err := http.NewRequestWithContext(h.Context(), http.MethodPost, h.url+path, strings.NewReader(toJSON(h.T, body)))
	h.must(err)
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answered, err := h.http.Do(r)
	h.must(err)
	defer answered.Body.Close()
	raw, err := io.ReadAll(answered.Body)
	h.must(err)
	return answered.StatusCode, string(raw), answered.Header
}

// notices are the subjects of what was mailed to an address since the last time, codes apart.
func (h *house) notices(to string) (list []string) {
	h.Helper()
	postings, err := h.store.Outbox().Claim(h.Context(), 100, time.Hour)
	h.must(err)
	for _, p := range postings {
		if p.Letter.To == to && p.Letter.Subject != "" {
			list = append(list, p.Letter.Subject)
		}
	}
	return list
}

// Whatever an account is called, and by whichever door, its tries are one count, which a
// restart keeps. Who has used them up has locked out whoever signs in, but no session, and
// not what asks for the password in one. The owner hears of it once.
func TestAnAccountHasOneCountOfTries(t *testing.T) {
	h := newHouse(t)
	ana := h.pagePerson("Ana")
	spellings := []string{ana.email, strings.ToUpper(ana.email), " " + ana.email + " ", string(ana.id)}
	_, _, err := h.auth.SignInLong(t.Context(), ana.email, "open-sesame")
	h.must(err)
	for i := range 10 {
		login := spellings[i%len(spellings)]
		if i%2 == 0 {
			if status, text, _ := h.onPage("/login", "", m{"email": login, "password": "wrong"}); status != http.StatusOK {
				t.Fatalf("guess %d: %d %s", i, status, text)
			}
		} else if r := h.call(person{}, "POST", "user/login", m{"email": login, "password": "wrong"}); r.status != http.StatusBadRequest {
			t.Fatalf("guess %d: %d %s", i, r.status, r.data)
		}
	}
	for _, login := range spellings {
		status, text, _ := h.onPage("/login", "", m{"email": login, "password": "open-sesame"})
		r := h.call(person{}, "POST", "user/login", m{"email": login, "password": "open-sesame"})
		if status != http.StatusTooManyRequests || r.status != http.StatusTooManyRequests {
			t.Errorf("%q: %d %s, by an app %d", login, status, text, r.status)
		}
	}
	if _, wait, err := limits.New(true, h.store, []byte("s")).SignIn(t.Context(), h.auth, &http.Request{}, ana.email); wait == 0 || err != nil {
		t.Errorf("after a restart: wait %v, %v", wait, err)
	}
	if got := h.notices(ana.email); !slices.Equal(got, []string{doortest.LockedSubject}) {
		t.Errorf("the owner was sent %q", got)
	}
	if _, err := h.auth.Authenticate(t.Context(), ana.tokens); err != nil {
		t.Errorf("the session: %v", err)
	}
	if status, text, _ := h.onPage("/password", ana.tokens.Access, m{"current": "open-sesame", "password": "open-sesame2"}); status != http.StatusOK || !strings.Contains(text, `"success":1`) {
		t.Errorf("the owner's change: %d %s", status, text)
	}

	h.must(limits.New(true, h.store, []byte("s")).ForgiveSignIn(t.Context(), h.auth, ana.email))
	if _, wait, _ := limits.New(true, h.store, []byte("s")).SignIn(t.Context(), h.auth, &http.Request{}, ana.email); wait != 0 {
		t.Error("what was given back is not there")
	}
}

// Who is locked out learns nothing of whether there is an account.
func TestARefusalIsTheSameForNobody(t *testing.T) {
	h := newHouse(t)
	ana, registered := h.pagePerson("Ana"), h.person("Ben")
	var seen []string
	for _, email := range []string{ana.email, registered.email, "nobody@example.org"} {
		n := 0
		for ; n < 20; n++ {
			status, text, header := h.onPage("/login", "", m{"email": email, "password": "wrong"})
			if status != http.StatusTooManyRequests {
				continue
			}
			after, err := strconv.Atoi(header.Get("Retry-After"))
			if err != nil || after < 1 || after > 60 {
				t.Errorf("Retry-After %q", header.Get("Retry-After"))
			}
			header.Del("Date")
			header.Del("Retry-After")
			seen = append(seen, fmt.Sprint(n, header, text))
			break
		}
	}
	if seen = slices.Compact(seen); len(seen) != 1 || !strings.HasPrefix(seen[0], "10 ") {
		t.Errorf("%q", seen)
	}
	if got := h.notices(registered.email); len(got) > 0 {
		t.Errorf("an address that nobody verified was sent %q", got)
	}
}

// Signing in gives an account its tries back, and only its own.
func TestSigningInGivesTriesBack(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	wrong := func(p person, times int) {
		t.Helper()
		for i := range times {
			if r := h.call(person{}, "POST", "user/login", m{"email": p.email, "password": "wrong"}); r.status != http.StatusBadRequest {
				t.Fatalf("guess %d: %d %s", i, r.status, r.data)
			}
		}
	}
	wrong(ana, 9)
	wrong(ben, 9)
	h.done(person{}, "POST", "user/login", m{"email": string(ana.id), "password": "open-sesame"})
	wrong(ana, 9)
	wrong(ben, 1)
	if r := h.call(person{}, "POST", "user/login", m{"email": ben.email, "password": "open-sesame"}); r.status != http.StatusTooManyRequests {
		t.Errorf("%d %s", r.status, r.data)
	}
	if got := h.notices(ana.email); len(got) > 0 {
		t.Errorf("the owner was sent %q", got)
	}
}

// Registering has a count of its own: whoever tries ids that are taken locks nobody out.
func TestRegisteringTakesNoTriesToSignIn(t *testing.T) {
	h := newHouse(t)
	ana := h.person("Ana")
	for range 5 {
		h.call(person{}, "POST", "user/register", m{"name": "Eve", "email": ana.email, "password": "x"})
	}
	if r := h.call(person{}, "POST", "user/register", m{"name": "Eve", "email": ana.email, "password": "x"}); r.status != http.StatusTooManyRequests {
		t.Errorf("a sixth time: %d %s", r.status, r.data)
	}
	h.done(person{}, "POST", "user/login", m{"email": ana.email, "password": "open-sesame"})
}

// With CHAT_HIDE_ACCOUNTS a login that fails has one status and one text. That an id is taken
// can't be hidden where anybody may register at once.
func TestALoginOfHiddenAccountsFailsInOneWay(t *testing.T) {
	h := newHouseOn(t, doortest.Plan{Admission: auth.AdmitAnybody, HideAccounts: true})
	ana, ben := h.pagePerson("Ana"), h.person("Ben")
	waiting := "waiting@example.org"
	h.must(h.auth.SignUp(t.Context(), auth.Application{Name: "W", Email: waiting, Password: "open-sesame", Source: auth.FromWeb}))
	var seen []string
	for login, password := range map[string]string{
		ana.email: "wrong", string(ana.id): "wrong", ben.email: "wrong",
		waiting: "open-sesame", "nobody@example.org": "x", auth.NewID(): "x",
	} {
		r := h.call(person{}, "POST", "user/login", m{"email": login, "password": password})
		r.header.Del("Date")
		seen = append(seen, fmt.Sprint(r.status, r.data, r.header))
	}
	slices.Sort(seen)
	if seen = slices.Compact(seen); len(seen) != 1 || !strings.HasPrefix(seen[0], "400") {
		t.Errorf("%q", seen)
	}
	if r := h.call(person{}, "POST", "user/register", m{"name": "Eve", "email": ben.email, "password": "x"}); r.status != http.StatusBadRequest {
		t.Errorf("registering: %d %s", r.status, r.data)
	}
}
