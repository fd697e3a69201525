package lane_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"expresschat/bus"
	"expresschat/chat"
	"expresschat/chat/lane"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// page notes what was published.
type page struct {
	mu   sync.Mutex
	seqs []int64
}

func (p *page) Publish(e bus.Event, then func()) {
	p.mu.Lock()
	p.seqs = append(p.seqs, e.(bus.Placed).Where().Seq)
	p.mu.Unlock()
	if then != nil {
		then()
	}
}

// wall is a store that answers when asked whether it is there, or not.
type wall struct {
	lane.Store
	up atomic.Bool
}

func (w *wall) Ping(context.Context) error {
	if w.up.Load() {
		return nil
	}
	return chat.ErrUnavailable
}

func event(seq int64) bus.Event { return bus.MessageSent{Place: bus.Place{Seq: seq}} }

func newLog(t *testing.T, out lane.Publisher) *lane.Log {
	t.Helper()
	l, store := newLogOn(t, out)
	store.up.Store(true)
	return l
}

// newLogOn has a store that does not answer.
func newLogOn(t *testing.T, out lane.Publisher) (*lane.Log, *wall) {
	t.Helper()
	store := &wall{}
	return newLogWith(t, store, out), store
}

func newLogWith(t *testing.T, store lane.Store, out lane.Publisher) *lane.Log {
	t.Helper()
	l := lane.New(2, store, out)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = l.Stop(ctx)
	})
	return l
}

func TestOneRoomsWritesAreOneAtATimeAndPublishedInOrder(t *testing.T) {
	t.Parallel()
	out := &page{}
	l := newLog(t, out)
	var seq int64 // guarded by the lane alone: the race detector is the check
	var wg sync.WaitGroup
	var last bus.MessageID
	for range 200 {
		wg.Go(func() {
			err := l.Do(t.Context(), "room", func(_ context.Context, s bus.Stamp) (bus.Event, error) {
				if s.ID <= last {
					t.Errorf("id %s after %s", s.ID, last)
				}
				last = s.ID
				seq++
				return event(seq), nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i, got := range out.seqs {
		if got != int64(i+1) {
			t.Fatalf("event %d is %d", i, got)
		}
	}
}

func TestAnErrorPublishesNothing(t *testing.T) {
	t.Parallel()
	out := &page{}
	l := newLog(t, out)
	err := l.Do(t.Context(), "room", func(context.Context, bus.Stamp) (bus.Event, error) {
		return event(1), chat.ErrNotMember
	})
	if !errors.Is(err, chat.ErrNotMember) || len(out.seqs) != 0 {
		t.Errorf("%v, published %v", err, out.seqs)
	}
}

func TestAnUnknownOutcomeIsAskedForAgainWithTheSameStamp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &page{}
		l := newLog(t, out)
		var stamps []bus.Stamp
		err := l.Do(t.Context(), "room", func(_ context.Context, s bus.Stamp) (bus.Event, error) {
			stamps = append(stamps, s)
			if len(stamps) < 3 {
				return nil, chat.ErrUnavailable
			}
			return event(1), nil
		})
		if err != nil || len(stamps) != 3 || stamps[0] != stamps[2] || len(out.seqs) != 1 {
			t.Errorf("%v after %v, published %v", err, stamps, out.seqs)
		}
	})
}

func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLog(t, &page{})
		err := l.Do(t.Context(), "room", func(context.Context, bus.Stamp) (bus.Event, error) {
			return nil, chat.ErrUnavailable
		})
		if !errors.Is(err, chat.ErrUnavailable) {
			t.Error(err)
		}
	})
}

func TestAWriteThatNobodyWaitsForIsNotBegun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLog(t, &page{})
		release := make(chan struct{})
		go func() {
			_ = l.Do(t.Context(), "room", func(context.Context, bus.Stamp) (bus.Event, error) {
				<-release
				return nil, nil
			})
		}()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		begun := false
		outcome := make(chan error, 1)
		go func() {
			outcome <- l.Do(ctx, "room", func(context.Context, bus.Stamp) (bus.Event, error) {
				begun = true
				return nil, nil
			})
		}()
		synctest.Wait()
		cancel()
		if err := <-outcome; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		close(release)
		synctest.Wait()
		if begun {
			t.Error("it was begun")
		}
	})
}

// A caller who gives up leaves a write that has begun alone: what is committed has to be
// published.
func TestAWriteOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &page{}
		l := newLog(t, out)
		ctx, cancel := context.WithCancel(t.Context())
		release := make(chan struct{})
		err := l.Do(ctx, "room", func(inner context.Context, _ bus.Stamp) (bus.Event, error) {
			cancel()
			<-release
			return event(1), inner.Err()
		})
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		close(release)
		synctest.Wait()
		if len(out.seqs) != 1 {
			t.Error("not published")
		}
	})
}

func TestStopCarriesOutWhatIsQueuedAndTakesNothingMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &page{}
		l := newLog(t, out)
		release := make(chan struct{})
		for range 3 {
			go func() {
				_ = l.Do(context.Background(), "room", func(context.Context, bus.Stamp) (bus.Event, error) {
					<-release
					return event(1), nil
				})
			}()
		}
		synctest.Wait()
		stopped := make(chan error, 1)
		go func() { stopped <- l.Stop(context.Background()) }()
		synctest.Wait()
		if err := l.Do(t.Context(), "room", nil); !errors.Is(err, chat.ErrBusy) {
			t.Errorf("after Stop: %v", err)
		}
		close(release)
		if err := <-stopped; err != nil || len(out.seqs) != 3 {
			t.Errorf("%v, published %v", err, out.seqs)
		}
	})
}
