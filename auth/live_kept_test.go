package auth

import (
	"fmt"
	"runtime"
	"testing"
	"time"
)

func keptSessionOf(u User) Session {
	now := time.Now()
	return Session{ID: NewSessionID(), Kind: PairSession, User: u.ID, ExpiresAt: now.Add(time.Hour), CreatedAt: now, UsedAt: now}
}

func keptPerson(i int) User {
	return User{ID: NewUserID(), Name: fmt.Sprint("Somebody ", i), Email: fmt.Sprint("somebody-", i, "@example.org")}
}

// However many come, what is kept is bounded, and nothing of those that went stays behind.
func TestWhatIsKeptIsBounded(t *testing.T) {
	t.Parallel()
	k := newKept(10)
	k.restart(true)
	crowd := keptPerson(0)
	for i := range 100 {
		u := crowd
		if i%2 == 1 {
			u = keptPerson(i)
		}
		s := keptSessionOf(u)
		k.put(k.at(), s, u)
		if _, found, ok := k.find(s.ID, time.Now()); !ok || found != u {
			t.Fatalf("session %d is not kept", i)
		}
	}
	indexed := 0
	for id, u := range k.users {
		indexed += len(u.sessions)
		if u.ID != id || len(u.sessions) == 0 {
			t.Errorf("an entry of %s with %d sessions under %s", u.ID, len(u.sessions), id)
		}
	}
	if len(k.sessions) != 10 || indexed != 10 {
		t.Errorf("%d sessions, %d of them indexed", len(k.sessions), indexed)
	}
	k.dropUser(crowd.ID)
	for id, s := range k.sessions {
		if s.of.ID == crowd.ID {
			t.Errorf("%s is of the user who was dropped", id)
		}
	}
	for id := range k.sessions {
		k.drop(id)
	}
	if len(k.sessions)+len(k.users) != 0 {
		t.Errorf("%d sessions and %d users are left of none", len(k.sessions), len(k.users))
	}
}

// Of those who have all seen that a session is due, one writes.
func TestOneOfThoseAtOnceWrites(t *testing.T) {
	t.Parallel()
	k := newKept(10)
	k.restart(true)
	u := keptPerson(1)
	s := keptSessionOf(u)
	now := time.Now()
	for range 2 { // before it is kept, the database decides
		if !k.use(s.ID, now, now) || !k.prolong(s.ID, s.ExpiresAt, s.ExpiresAt.Add(time.Hour)) {
			t.Error("nobody writes of what is not kept")
		}
	}
	k.put(k.at(), s, u)
	due, until := s.ExpiresAt, s.ExpiresAt.Add(time.Hour)
	for i := range 3 {
		if mine := k.use(s.ID, now.Add(time.Hour), now); mine != (i == 0) {
			t.Errorf("use %d: %v", i, mine)
		}
		if mine := k.prolong(s.ID, due, until); mine != (i == 0) {
			t.Errorf("prolonging %d: %v", i, mine)
		}
	}
	k.put(k.at(), s, u) // a row that somebody had read before
	found, _, ok := k.find(s.ID, now)
	if !ok || !found.ExpiresAt.Equal(until) || !found.UsedAt.Equal(now.Add(time.Hour)) {
		t.Errorf("%+v", found)
	}
}

// It fails of more than what maxKept says of a session.
func BenchmarkMemoryOfASession(b *testing.B) {
	const sessions = 50_000
	var before, after runtime.MemStats
	for b.Loop() {
		k := newKept(maxKept)
		k.restart(true)
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range sessions {
			u := keptPerson(i)
			k.put(k.at(), keptSessionOf(u), u)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		each := float64(after.HeapAlloc-before.HeapAlloc) / sessions
		b.ReportMetric(each, "B/session")
		if each > 600 {
			b.Errorf("a session takes %.0f bytes", each)
		}
		runtime.KeepAlive(k)
	}
}
