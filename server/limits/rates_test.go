package limits_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"expresschat/server/limits"
)

// What a socket may do at once, and a second.
const burst, rate = 600, 60

func enter(t *testing.T, u *limits.Users, id string) *limits.Socket {
	t.Helper()
	s, ok := u.Enter(id)
	if !ok {
		t.Fatal("there is no room")
	}
	return s
}

// spend tries n light events and returns how many were taken.
func spend(s *limits.Socket, n int) (taken int) {
	for range n {
		if s.Spend(limits.Light) == nil {
			taken++
		}
	}
	return taken
}

func TestASocketHasABurstAndThenItsRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := enter(t, limits.NewUsers(true), "ana")
		if got := spend(s, 5*burst); got != burst {
			t.Errorf("%d at once, want %d", got, burst)
		}
		var refused *limits.RateError
		if err := s.Spend(limits.Light); !errors.As(err, &refused) || refused.RetryAfter() != 1 {
			t.Errorf("%v", err)
		}
		time.Sleep(time.Duration(refused.RetryAfter()) * time.Second)
		if got := spend(s, burst); got != rate {
			t.Errorf("%d after a second, want %d", got, rate)
		}
		time.Sleep(time.Hour)
		if got := spend(s, 5*burst); got != burst {
			t.Errorf("%d after a rest, want %d", got, burst)
		}
	})
}

// A person never meets it: messages as fast as anybody types, readings of a lively group, a
// chat opened now and then.
func TestAPersonIsNeverRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := enter(t, limits.NewUsers(true), "ana")
		for range 600 { // seconds
			for range 20 {
				if err := s.Spend(limits.Light); err != nil {
					t.Fatal(err)
				}
			}
			for _, weight := range []int{limits.Query, limits.Light, limits.Member, limits.Making} {
				if err := s.Spend(weight); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
		}
	})
}

// All sockets of a user together have twice what one has, and going away gets nobody more.
func TestAUserHasARateToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u := limits.NewUsers(true)
		taken := 0
		for range 10 {
			s := enter(t, u, "ana")
			taken += spend(s, burst)
			s.Leave()
			s.Leave()
		}
		if taken != 2*burst {
			t.Errorf("%d, want %d", taken, 2*burst)
		}
		if err := u.Spend("ana", limits.Light); !errors.Is(err, limits.ErrRate) {
			t.Errorf("by a request: %v", err)
		}
		if err := u.Spend("ben", limits.Light); err != nil {
			t.Errorf("somebody else: %v", err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := u.Known(); n != 0 {
			t.Errorf("%d users are still known", n)
		}
	})
}

// What comes behind something that was refused is refused for as long as the client was told
// to wait, however little it weighs: nothing overtakes.
func TestNothingOvertakesWhatWasRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := enter(t, limits.NewUsers(true), "ana")
		spend(s, burst-limits.Making+1)
		if s.Spend(limits.Making) == nil || s.Spend(limits.Light) == nil {
			t.Error("not refused")
		}
		if s.Wait(limits.Light) != 0 {
			t.Error("what can wait has to")
		}
		time.Sleep(999 * time.Millisecond)
		if s.Spend(limits.Light) == nil {
			t.Error("it was told to wait for a second")
		}
		time.Sleep(time.Millisecond)
		if err := s.Spend(limits.Making); err != nil {
			t.Error(err)
		}
	})
}

func TestRefusalsAreToldAFewTimesASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := enter(t, limits.NewUsers(true), "ana")
		told := 0
		for range 1000 {
			for range 10 {
				if s.MayTell() {
					told++
				}
			}
			time.Sleep(10 * time.Millisecond)
		}
		if told < 40 || told > 44 {
			t.Errorf("told %d times in ten seconds", told)
		}
	})
}

func TestRatesThatAreOff(t *testing.T) {
	t.Parallel()
	u := limits.NewUsers(false)
	if got := spend(enter(t, u, "ana"), 10*burst); got != 10*burst {
		t.Errorf("%d", got)
	}
	if err := u.Spend("ana", 1e6); err != nil {
		t.Error(err)
	}
	var none *limits.Socket
	if spend(none, 1) != 1 || !none.MayTell() {
		t.Error("none is refused")
	}
	none.Leave()
}

// However many come at the same time, whether rates are on or not, MaxSockets get in, and as
// many others once those have left.
func TestSocketsOfAUserAreCounted(t *testing.T) {
	t.Parallel()
	u := limits.NewUsers(false)
	for range 3 {
		var all sync.WaitGroup
		var in atomic.Int32
		sockets := make([]*limits.Socket, 4*limits.MaxSockets)
		for i := range sockets {
			all.Go(func() {
				if s, ok := u.Enter("ana"); ok {
					in.Add(1)
					sockets[i] = s
				}
			})
		}
		all.Wait()
		if n := in.Load(); n != limits.MaxSockets || !u.Full("ana") || u.Full("ben") {
			t.Errorf("%d came in", n)
		}
		for _, s := range sockets {
			s.Leave()
			s.Leave()
		}
	}
	if n := u.Known(); n != 0 {
		t.Errorf("%d are still known", n)
	}
}

// Nothing runs beside a test that counts allocations, so this one isn't parallel.
func TestSpendingAllocatesNothing(t *testing.T) {
	s := enter(t, limits.NewUsers(true), "ana")
	if n := testing.AllocsPerRun(100, func() { _ = s.Spend(limits.Light) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkSpend(b *testing.B) {
	for _, paced := range []bool{false, true} {
		u := limits.NewUsers(paced)
		b.Run(fmt.Sprintf("paced=%v", paced), func(b *testing.B) {
			b.ReportAllocs()
			s, _ := u.Enter("ana")
			for b.Loop() {
				_ = s.Spend(0)
			}
		})
		b.Run(fmt.Sprintf("paced=%v,many", paced), func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				s, _ := u.Enter("ben")
				for pb.Next() {
					_ = s.Spend(0)
				}
			})
		})
	}
}
