package lane_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"expresschat/bus"
	"expresschat/chat"
)

func unavailable(context.Context, bus.Stamp) (bus.Event, error) { return nil, chat.ErrUnavailable }

func written(context.Context, bus.Stamp) (bus.Event, error) { return event(1), nil }

// A thousand who wait for a store that is away would wait one after another, long after
// it is back.
func TestWhileTheStoreIsAwayNobodyWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &page{}
		l, store := newLogOn(t, out)
		begun := time.Now()
		outcomes := make(chan error, 50)
		for range cap(outcomes) {
			go func() { outcomes <- l.Do(t.Context(), "room", unavailable) }()
		}
		for range cap(outcomes) {
			if err := <-outcomes; !errors.Is(err, chat.ErrUnavailable) {
				t.Error(err)
			}
		}
		if waited := time.Since(begun); waited >= 10*time.Second {
			t.Errorf("all were answered after %v", waited)
		}
		begun = time.Now()
		if err := l.Do(t.Context(), "room", written); !errors.Is(err, chat.ErrUnavailable) || time.Since(begun) > 0 {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		if err := l.Ready(); !errors.Is(err, chat.ErrUnavailable) {
			t.Errorf("ready: %v", err)
		}

		store.up.Store(true)
		time.Sleep(time.Second) // of the bubble
		if err := l.Ready(); err != nil {
			t.Errorf("ready: %v", err)
		}
		if err := l.Do(t.Context(), "room", written); err != nil || len(out.seqs) != 1 {
			t.Errorf("%v, published %v", err, out.seqs)
		}
	})
}

// What is stored after all, when everybody has given up, has to be told of.
func TestAWriteInDoubtIsRepeatedUntilItIsKnown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &page{}
		l, store := newLogOn(t, out)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var stamps []bus.Stamp
		err := l.Do(ctx, "room", func(_ context.Context, s bus.Stamp) (bus.Event, error) {
			stamps = append(stamps, s)
			switch {
			case len(stamps) == 1:
				return nil, chat.ErrInDoubt
			case !store.up.Load():
				return nil, chat.ErrUnavailable
			}
			return event(1), nil
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		time.Sleep(time.Minute) // of the bubble
		if err := l.Do(t.Context(), "room", written); !errors.Is(err, chat.ErrUnavailable) {
			t.Errorf("another one: %v", err)
		}
		store.up.Store(true)
		time.Sleep(time.Second)
		if err := l.Do(t.Context(), "room", func(context.Context, bus.Stamp) (bus.Event, error) { return event(2), nil }); err != nil {
			t.Error(err)
		}
		if len(out.seqs) != 2 || out.seqs[0] != 1 || stamps[0] != stamps[len(stamps)-1] {
			t.Errorf("published %v", out.seqs)
		}
	})
}

// A full disk is not full for a moment: nobody else has to wait for that.
func TestAFullStoreIsAskedOnce(t *testing.T) {
	t.Parallel()
	l, times := newLog(t, &page{}), 0
	err := l.Do(t.Context(), "room", func(context.Context, bus.Stamp) (bus.Event, error) {
		times++
		return nil, chat.ErrFull
	})
	if !errors.Is(err, chat.ErrFull) || times != 1 {
		t.Errorf("%v after %d attempts", err, times)
	}
	if err := l.Ready(); err != nil {
		t.Errorf("ready: %v", err)
	}
}

// An attempt that hangs is not the last one.
func TestAnAttemptEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, times := newLog(t, &page{}), 0
		err := l.Do(t.Context(), "room", func(ctx context.Context, _ bus.Stamp) (bus.Event, error) {
			if times++; times == 1 {
				<-ctx.Done()
				return nil, chat.ErrInDoubt
			}
			return event(1), nil
		})
		if err != nil || times != 2 {
			t.Errorf("%v after %d attempts", err, times)
		}
	})
}

// The last attempt has all that is left: what it begins with may take as long.
func TestTheLastAttemptHasTheRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, begun := newLog(t, &page{}), time.Now()
		var times []time.Duration
		err := l.Do(t.Context(), "room", func(ctx context.Context, _ bus.Stamp) (bus.Event, error) {
			at := time.Now()
			<-ctx.Done()
			times = append(times, time.Since(at))
			return nil, chat.ErrUnavailable
		})
		if !errors.Is(err, chat.ErrUnavailable) || len(times) != 2 || times[1] < times[0] || time.Since(begun) < 9*time.Second {
			t.Errorf("%v after attempts of %v", err, times)
		}
	})
}

func TestStopDoesNotWaitForAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, _ := newLogOn(t, &page{})
		inDoubt := func(context.Context, bus.Stamp) (bus.Event, error) { return nil, chat.ErrInDoubt }
		go func() { _ = l.Do(t.Context(), "room", inDoubt) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}
