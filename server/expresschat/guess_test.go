package expresschat_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/argon2"

	"expresschat/auth"
	"expresschat/server/doortest"
)

// answerTo is all of an answer that may tell two of them apart, but the time of day.
func (h *house) answerTo(path string, body map[string]string) string {
	h.Helper()
	text, err := json.Marshal(body)
	h.must(err)
	r, err := http.NewRequestWithContext(h.Context(), http.MethodPost, h.url+path, strings.NewReader(string(text)))
	h.must(err)
	r.Header.Set("Content-Type", asJSON)
	answered, err := h.http.Do(r)
	h.must(err)
	defer answered.Body.Close()
	got, err := io.ReadAll(answered.Body)
	h.must(err)
	answered.Header.Del("Date")
	return fmt.Sprint(answered.Status, answered.Header, string(got))
}

// With CHAT_HIDE_ACCOUNTS whoever asks gets the same bytes, whatever there is.
func TestHiddenAccountsAnswerTheSameBytes(t *testing.T) {
	h := newHouseOn(t, doortest.Plan{HideAccounts: true})
	ana := h.person("Ana")
	waiting, registered := "waiting@example.org", "registered@example.org"
	h.must(h.auth.SignUp(t.Context(), auth.Application{Name: "W", Email: waiting, Password: "open-sesame", Source: auth.FromWeb}))
	_, _, err := h.auth.Register(t.Context(), auth.Registration{Name: "R", ID: registered, Password: "open-sesame"})
	h.must(err)
	for _, tt := range []struct {
		what, path, want string
		body             func(email string) map[string]string
		emails           []string
	}{
		{
			"sign-up", "/signup", "200 OK", func(email string) map[string]string {
				return map[string]string{"name": "Eve", "email": email, "password": "evil-sesame"}
			},
			[]string{ana.email, waiting, registered, "new@example.org"},
		},
		{
			"a code", "/resend", "200 OK", func(email string) map[string]string { return map[string]string{"email": email} },
			[]string{ana.email, waiting, registered, "nobody@example.org"},
		},
		{
			"the right password of who is not verified", "/login", "200 OK", func(email string) map[string]string {
				return map[string]string{"email": email, "password": "evil-sesame"}
			},
			[]string{ana.email, waiting, registered, "new@example.org", "nobody@example.org"},
		},
	} {
		first := h.answerTo(tt.path, tt.body(tt.emails[0]))
		if !strings.HasPrefix(first, tt.want) {
			t.Errorf("%s: %s", tt.what, first)
		}
		for _, email := range tt.emails[1:] {
			if got := h.answerTo(tt.path, tt.body(email)); got != first {
				t.Errorf("%s: of %s\n%s, of an account\n%s", tt.what, email, got, first)
			}
		}
	}
	if got := h.answerTo("/login", map[string]string{"email": ana.email, "password": "open-sesame"}); !strings.Contains(got, `"success":1`) {
		t.Errorf("the owner: %s", got)
	}
}

// held is a KDF that computes nothing while it holds.
type held struct {
	holds          atomic.Bool
	begun, release chan struct{}
	once           sync.Once
}

func newHeld() *held { return &held{begun: make(chan struct{}, 1000), release: make(chan struct{})} }

func (k *held) derive(password, salt []byte, time, memory uint32, lanes uint8, size uint32) []byte {
	if k.holds.Load() {
		k.begun <- struct{}{}
		<-k.release
	}
	return argon2.IDKey(password, salt, time, memory, lanes, size)
}

func (k *held) let() {
	k.once.Do(func() {
		k.holds.Store(false)
		close(k.release)
	})
}

// While every slot for hashing is held and as many wait as may, one more who wants to sign in
// hears so at once, and messages go on as if nothing was: no clock is needed to see that,
// because no hash ends before they are through.
func TestAFloodOfSignInsIsPushedBack(t *testing.T) {
	k := newHeld()
	h := newHouseOn(t, doortest.Plan{KDF: k.derive})
	t.Cleanup(k.let)
	ana, ben := h.person("Ana"), h.person("Ben")
	a, b := h.connect(ana), h.connect(ben)
	made := a.emit("create-personal-chat", map[string]any{"Receiver": ben.id})()
	k.holds.Store(true)

	const more = 5
	slots := max(runtime.GOMAXPROCS(0)/2, 1)
	places := slots * 65 // those of the slots, and who waits for them
	answers := make(chan string)
	for i := range places + more {
		go func() {
			answers <- h.answerTo("/login", map[string]string{"email": fmt.Sprintf("%d@example.org", i), "password": "x"})
		}()
	}
	for range slots {
		<-k.begun
	}
	late := 0 // who waited for longer than a request may take, on a machine that is busy
	for refused := 0; refused < more; {
		switch got := <-answers; {
		case strings.HasPrefix(got, "503") && strings.Contains(got, "Too many") && strings.Contains(got, "Retry-After:[1]") && strings.Contains(got, `"success":-1`):
			refused++
		case strings.HasPrefix(got, "503") && strings.Contains(got, "too long"):
			if late++; late == places-slots {
				t.Fatalf("all who waited have given up, and %d were refused", refused)
			}
		default:
			t.Fatalf("one too many: %s", got)
		}
	}
	for range 100 {
		got := a.emit("send-personal-message", map[string]any{"ChatId": made["ChatId"], "Content": "x"})()
		if got["success"] != true {
			t.Fatalf("a message was answered by %v", got)
		}
	}
	b.first("receive-personal-message")
	if len(k.begun) != 0 {
		t.Errorf("%d hashes more than there are slots", len(k.begun))
	}
	k.let()
	for range places - late {
		if got := <-answers; !strings.HasPrefix(got, "404") && !strings.Contains(got, "too long") {
			t.Errorf("who waited: %s", got)
		}
	}
}

// What people are told of a password that is tried first helps them to a better one.
func TestACommonPasswordIsExplained(t *testing.T) {
	h := newHouse(t)
	ana := h.person("Ana")
	for name, q := range map[string]request{
		"signing up": {method: "POST", path: "/signup", kind: asJSON, body: `{"name":"Eve","email":"eve@example.org","password":"Sunshine1"}`},
		"changing it": {
			method: "POST", path: "/password", kind: asJSON,
			body: `{"current":"open-sesame","password":"sunshine1"}`, bearer: ana.tokens.Access,
		},
	} {
		if got := h.ask(q); got.String() != "400:-1" || !strings.Contains(got.text, "three words") {
			t.Errorf("%s: %v %s", name, got, got.text)
		}
	}
}
