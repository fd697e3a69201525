package limits

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"expresschat/auth"
)

func TestWhoseLimitItIs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ from, want string }{
		"a client":                      {"192.0.2.1:4711", "192.0.2.1"},
		"one by an IPv6 socket":         {"[::ffff:192.0.2.1]:4711", "192.0.2.1"},
		"behind a proxy":                {"192.0.2.1:0", "192.0.2.1"},
		"IPv6, by its network":          {"[2001:db8::1:2:3:4]:4711", "2001:db8::/64"},
		"of the same link":              {"[fe80::1%eth0]:4711", "fe80::/64"},
		"the operator":                  {"127.0.0.1:4711", ""},
		"the operator by IPv6":          {"[::1]:4711", ""},
		"the operator by both":          {"[::ffff:127.0.0.1]:4711", ""},
		"somebody else's loopback":      {"127.0.0.2:4711", "127.0.0.2"},
		"what is not an address at all": {"@", ""},
	}
	for name, tt := range tests {
		if got := Client(&http.Request{RemoteAddr: tt.from}); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// counts is a store that gives each bucket some tries, and keeps what it was asked.
type counts struct {
	tries map[string]int // left, by key; a bucket that is not in it has two
	asked int
	err   error
}

func (c *counts) SpendTries(_ context.Context, buckets []auth.Bucket) (all []auth.Spent, err error) {
	c.asked++
	for _, b := range buckets {
		key := string(b.Key)
		if _, known := c.tries[key]; !known {
			c.tries[key] = 2
		}
		passed := c.tries[key] > 0
		if passed {
			c.tries[key]--
		}
		ahead := time.Duration(b.Fast.Burst-c.tries[key]) * b.Fast.Every
		all = append(all, auth.Spent{Passed: passed, Fast: ahead})
	}
	return all, c.err
}

func (c *counts) ForgetTries(_ context.Context, key []byte) error {
	delete(c.tries, string(key))
	return c.err
}

func newLimits(on bool) (*Limits, *counts) {
	c := &counts{tries: map[string]int{}}
	return New(on, c, []byte("secret")), c
}

// A flood of what is refused asks the store once in a while. What else the flood would spend
// is left alone.
func TestRefusalsAreRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, store := newLimits(true)
		guess := func(what string) time.Duration {
			t.Helper()
			wait, err := l.Spend(t.Context(), Try{PerAccount, "x", what}, Try{PerClient, "client", "192.0.2.1"})
			if err != nil {
				t.Error(err)
			}
			return wait
		}
		for i, want := range []bool{false, false, true} { // the network has two
			if wait := guess(strconv.Itoa(i)); (wait > 0) != want {
				t.Errorf("guess %d has to wait %v", i, wait)
			}
		}
		asked := store.asked
		for i := range 1000 {
			if wait := guess("flood " + strconv.Itoa(i)); wait != time.Second {
				t.Fatalf("wait %v", wait)
			}
		}
		if store.asked != asked || len(store.tries) != 4 {
			t.Errorf("the store was asked %d times more, and has %d buckets", store.asked-asked, len(store.tries))
		}
		time.Sleep(time.Second) // of the bubble's clock
		if guess("later"); store.asked != asked+1 {
			t.Error("the store is not asked any more")
		}
	})
}

// Another server may have given tries back: a long refusal is not believed for long, but
// whoever waits is told how long it is.
func TestALongRefusalIsNotBelievedForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, store := newLimits(true)
		spend := func() time.Duration {
			wait, _ := l.Spend(t.Context(), Try{PerMailbox, "mail", "ana"})
			return wait
		}
		for range 3 {
			spend()
		}
		if wait := spend(); wait != time.Minute || store.asked != 3 {
			t.Errorf("wait %v, asked %d times", wait, store.asked)
		}
		time.Sleep(believedFor)
		clear(store.tries)
		if wait := spend(); wait != 0 {
			t.Errorf("wait %v", wait)
		}
	})
}

func TestForgivenHereIsForgivenAtOnce(t *testing.T) {
	t.Parallel()
	l, _ := newLimits(true)
	ana := Try{PerAccount, "x", "ana"}
	for range 3 {
		_, _ = l.Spend(t.Context(), ana)
	}
	if wait, _ := l.Spend(t.Context(), ana); wait == 0 {
		t.Fatal("there is no limit")
	}
	if err := l.Forgive(t.Context(), "x", "ana"); err != nil {
		t.Error(err)
	}
	if wait, _ := l.Spend(t.Context(), ana); wait > 0 {
		t.Errorf("has to wait %v", wait)
	}
}

// Nothing is counted, and nothing asked, where there are no limits, and of nobody.
func TestWhatIsNotCounted(t *testing.T) {
	t.Parallel()
	off, store := newLimits(false)
	on, other := newLimits(true)
	for range 5 {
		if wait, err := off.Spend(t.Context(), Try{PerAccount, "x", "ana"}); wait != 0 || err != nil {
			t.Errorf("%v, %v", wait, err)
		}
		if wait, err := on.Spend(t.Context(), Try{PerAccount, "x", ""}, From(&http.Request{RemoteAddr: "127.0.0.1:1"})); wait != 0 || err != nil {
			t.Errorf("%v, %v", wait, err)
		}
	}
	if store.asked+other.asked != 0 {
		t.Errorf("the stores were asked %d and %d times", store.asked, other.asked)
	}
}

// What can't be counted does not pass.
func TestWithoutAnAnswerNothingPasses(t *testing.T) {
	t.Parallel()
	l, store := newLimits(true)
	store.err = errors.New("away")
	if _, err := l.Spend(t.Context(), Try{PerAccount, "x", "ana"}); !errors.Is(err, store.err) {
		t.Error(err)
	}
}

func TestNobodyCanReadWhatIsCounted(t *testing.T) {
	t.Parallel()
	l, store := newLimits(true)
	long := strings.Repeat("x", 60_000)
	_, _ = l.Spend(t.Context(), Try{PerAccount, "x", "ana@example.org"}, Try{PerAccount, "y", "ana@example.org"}, Try{PerAccount, "x", long})
	if len(store.tries) != 3 {
		t.Errorf("%d buckets", len(store.tries))
	}
	for key := range store.tries {
		if strings.Contains(key, "ana") || len(key) != sha256.Size {
			t.Errorf("a key is %q", key)
		}
	}
	elsewhere := New(true, store, []byte("another secret"))
	_, _ = elsewhere.Spend(t.Context(), Try{PerAccount, "x", "ana@example.org"})
	if len(store.tries) != 4 {
		t.Error("another server's secret makes the same keys")
	}
}
