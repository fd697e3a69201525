package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"expresschat/auth"
)

// bucket has a burst of three, and one a minute; and of five, and one an hour.
func bucket(key string) auth.Bucket {
	return auth.Bucket{Key: []byte(key), Fast: auth.Rate{Burst: 3, Every: time.Minute}, Slow: auth.Rate{Burst: 5, Every: time.Hour}}
}

// later lets time pass for all tries.
func (w *world) later(d time.Duration) {
	w.Helper()
	w.must(w.Execute(w.Context(), `UPDATE tries SET tat = tat - $1::interval, slow_tat = slow_tat - $1::interval`, d))
}

// spend takes a try of each bucket and returns which passed.
func (w *world) spend(keys ...string) (passed []bool, all []auth.Spent) {
	w.Helper()
	var buckets []auth.Bucket
	for _, k := range keys {
		buckets = append(buckets, bucket(k))
	}
	all, err := w.SpendTries(w.Context(), buckets)
	w.must(err)
	if len(all) != len(keys) {
		w.Fatalf("%d of %d", len(all), len(keys))
	}
	for _, s := range all {
		passed = append(passed, s.Passed)
	}
	return passed, all
}

func (w *world) passes(what string, want int, key string) {
	w.Helper()
	n := 0
	for range want + 2 {
		if passed, _ := w.spend(key); passed[0] {
			n++
		}
	}
	if n != want {
		w.Errorf("%s: %d pass, want %d", what, n, want)
	}
}

func TestTriesComeBack(t *testing.T) {
	w := newWorld(t)
	w.passes("at first", 3, "a")
	_, all := w.spend("a")
	if fast := all[0].Fast; fast <= 2*time.Minute || fast > 3*time.Minute {
		t.Errorf("it is %v ahead", fast)
	}
	w.passes("of somebody else", 3, "b")
	w.later(time.Minute)
	w.passes("after a minute", 1, "a")
	w.later(time.Hour)
	w.passes("after an hour, the fifth and the one of that hour", 2, "a")
	w.later(time.Hour)
	w.passes("after another one", 1, "a")
	w.later(24 * time.Hour)
	w.passes("after a day", 3, "a")
	w.must(w.ForgetTries(t.Context(), []byte("a")))
	w.passes("forgiven", 3, "a")
}

// Buckets of one statement are told apart, whatever their keys' order, and one that refuses
// does not keep another from counting.
func TestTriesOfSeveralBuckets(t *testing.T) {
	w := newWorld(t)
	w.passes("z", 3, "z")
	for range 3 {
		if passed, all := w.spend("z", "a"); passed[0] || !passed[1] || all[0].Fast <= all[1].Fast-time.Minute {
			t.Errorf("%+v", all)
		}
	}
	if passed, _ := w.spend("a", "new"); passed[0] || !passed[1] {
		t.Errorf("%v", passed)
	}
}

// Many come at once, for the same two buckets named in either order, in their first moment.
// They wait for each other in one order and never in a circle, and no more pass than the
// burst. Without the order by key Postgres ends a deadlock with an error.
func TestTriesAtOnceAreCountedOneByOne(t *testing.T) {
	w := newWorld(t)
	for _, round := range []string{"1", "2", "3"} {
		var all sync.WaitGroup
		var passed [2]atomic.Int64
		for i := range 16 {
			names := []int{0, 1}
			if i%2 == 1 {
				names = []int{1, 0}
			}
			all.Go(func() {
				ok, _ := w.spend(round+string(rune('a'+names[0])), round+string(rune('a'+names[1])))
				for at, name := range names {
					if ok[at] {
						passed[name].Add(1)
					}
				}
			})
		}
		all.Wait()
		if a, b := passed[0].Load(), passed[1].Load(); a != 3 || b != 3 {
			t.Errorf("%d and %d passed", a, b)
		}
	}
}

func TestSweepKeepsTriesThatCount(t *testing.T) {
	w := newWorld(t)
	w.passes("a", 3, "a")
	w.later(4 * time.Minute) // past at one rate, not at the other
	w.passes("b", 3, "b")
	w.must(w.Sweep(t.Context()))
	w.passes("b, after the sweep", 0, "b")
	w.passes("a, after the sweep", 2, "a")
	w.later(24 * time.Hour)
	w.must(w.Sweep(t.Context()))
	left, err := w.CountTries(t.Context())
	w.must(err)
	if left != 0 {
		t.Errorf("%d rows are left", left)
	}
}

func TestNoticesArePostedRarely(t *testing.T) {
	w := newWorld(t)
	to := func(address string) auth.Letter { return auth.Letter{To: address} }
	post := func(key string, l auth.Letter) {
		t.Helper()
		w.must(w.PostRarely(t.Context(), []byte(key), 24*time.Hour, l))
	}
	sent := func(want int) {
		t.Helper()
		got, err := w.Outbox().Claim(t.Context(), 10, time.Hour)
		w.must(err)
		if len(got) != want {
			t.Errorf("%d letters, want %d", len(got), want)
		}
	}
	post("a", to("ana@example.org"))
	post("a", to("ana@example.org"))
	post("b", to("ben@example.org"))
	post("nobody", auth.Letter{})
	sent(2)
	w.later(23 * time.Hour)
	post("a", to("ana@example.org"))
	sent(0)
	w.later(time.Hour)
	post("a", to("ana@example.org"))
	post("a", to("ana@example.org"))
	sent(1)
}

// A hash is replaced only if it is still there.
func TestRaisingAHash(t *testing.T) {
	w := newWorld(t)
	ana := w.person("ana")
	w.must(w.RaiseHash(t.Context(), ana, "hash", "raised"))
	w.must(w.RaiseHash(t.Context(), ana, "hash", "late"))
	a, err := w.AccountOf(t.Context(), ana)
	w.must(err)
	if a.PasswordHash != "raised" {
		t.Errorf("it is %q", a.PasswordHash)
	}
}
