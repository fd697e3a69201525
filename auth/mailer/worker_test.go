package mailer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"expresschat/auth/mailer"
)

var errBusy = errors.New("the server answered 451 to RCPT")

// senderFunc is a Sender that is one function.
type senderFunc func(ctx context.Context, p mailer.Posting) error

func (f senderFunc) Send(ctx context.Context, p mailer.Posting) error { return f(ctx, p) }

// attempts remembers when a posting was tried.
type attempts struct {
	mu sync.Mutex
	at []time.Time
}

func (a *attempts) add() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at = append(a.at, time.Now())
}

func (a *attempts) times() []time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.at)
}

// running is a worker in a bubble of fake time.
type running struct {
	*mailer.Worker
	*memory

	log  *bytes.Buffer // to be read once stopped
	stop func() time.Duration
}

// start runs a worker. Its stop ends it, and returns how long that took.
func start(t *testing.T, send senderFunc) running {
	t.Helper()
	var log bytes.Buffer
	box := &memory{}
	w := mailer.NewWorker(box, send, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.Run(ctx)
	}()
	synctest.Wait()
	stop := func() time.Duration {
		began := time.Now()
		cancel()
		<-ended
		if strings.Contains(log.String(), "@") || strings.Contains(log.String(), "123456") {
			t.Errorf("the log tells too much: %s", &log)
		}
		return time.Since(began)
	}
	return running{w, box, &log, stop}
}

func TestWakeSendsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t, func(context.Context, mailer.Posting) error { return nil })
		began := time.Now()
		w.add(posting("p1", "ana@mail.example"), posting("p2", "ana@mail.example"))
		w.Wake()
		w.Wake()
		synctest.Wait()
		if len(w.read().sent) != 2 || len(w.read().waiting) != 0 || !time.Now().Equal(began) {
			t.Errorf("sent %v after %v", w.read().sent, time.Since(began))
		}
		if took := w.stop(); took != 0 {
			t.Errorf("an idle worker took %v to stop", took)
		}
		if w.log.Len() != 0 {
			t.Errorf("logged %s", w.log)
		}
	})
}

func TestAnotherMachinesMailIsFoundWithinAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t, func(context.Context, mailer.Posting) error { return nil })
		w.add(posting("p1", "ana@mail.example"))
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(w.read().sent) != 1 {
			t.Error("not sent")
		}
		time.Sleep(time.Hour)
		w.stop()
		if w.read().claims > 70 {
			t.Errorf("an idle worker looked %d times in an hour", w.read().claims)
		}
	})
}

func TestRetriesAreFurtherAndFurtherApartUntilGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var tried attempts
		w := start(t, func(context.Context, mailer.Posting) error {
			tried.add()
			return errBusy
		})
		began := time.Now()
		w.add(posting("p1", "ana@mail.example"))
		w.Wake()
		time.Sleep(4 * 24 * time.Hour)
		w.stop()
		want := 5 * time.Second
		for i := range len(tried.times()) - 1 {
			gap := tried.times()[i+1].Sub(tried.times()[i])
			if gap < want*3/4 || gap > want {
				t.Errorf("gap %d is %v, want up to %v", i, gap, want)
			}
			want = min(2*want, 15*time.Minute)
		}
		last := tried.times()[len(tried.times())-1].Sub(began)
		if last < 71*time.Hour || last > 72*time.Hour || len(tried.times()) < 250 {
			t.Errorf("%d attempts, the last after %v", len(tried.times()), last)
		}
		if len(w.read().dropped) != 1 || len(w.read().waiting) != 0 || strings.Count(w.log.String(), `level=ERROR msg="mail given up" posting=p1`) != 1 {
			t.Errorf("dropped %v, log ends %s", w.read().dropped, w.log.String()[w.log.Len()-200:])
		}
	})
}

func TestARejectedMailIsDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var tried attempts
		w := start(t, func(context.Context, mailer.Posting) error {
			tried.add()
			return fmt.Errorf("send: %w", mailer.ErrRejected)
		})
		w.add(posting("p1", "ana@mail.example"))
		w.Wake()
		time.Sleep(time.Hour)
		w.stop()
		if len(tried.times()) != 1 || len(w.read().dropped) != 1 || len(w.read().waiting) != 0 || !strings.Contains(w.log.String(), `level=ERROR msg="mail rejected" posting=p1`) {
			t.Errorf("%d attempts, dropped %v, log %s", len(tried.times()), w.read().dropped, w.log)
		}
	})
}

func TestAnOutboxThatIsDownIsAskedEverMoreRarely(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t, func(context.Context, mailer.Posting) error { return nil })
		w.set(func(m *memory) { m.down = true })
		w.add(posting("p1", "ana@mail.example"))
		time.Sleep(time.Hour)
		if n := w.read().claims; n < 50 || n > 100 {
			t.Errorf("asked %d times in an hour", n)
		}
		w.set(func(m *memory) { m.down = false })
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(w.read().sent) != 1 {
			t.Error("not sent once the outbox was back")
		}
		w.stop()
	})
}

func TestAMailIsNotRepeatedBecauseTheOutboxIsDownAfterIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var tried attempts
		box := make(chan *memory, 1)
		w := start(t, func(context.Context, mailer.Posting) error {
			tried.add()
			m := <-box
			m.set(func(m *memory) { m.down = true })
			return nil
		})
		box <- w.memory
		w.add(posting("p1", "ana@mail.example"))
		w.Wake()
		time.Sleep(20 * time.Second)
		w.set(func(m *memory) { m.down = false })
		time.Sleep(10 * time.Minute)
		w.stop()
		if len(tried.times()) != 1 || len(w.read().sent) != 1 {
			t.Errorf("%d attempts, sent %v", len(tried.times()), w.read().sent)
		}
	})
}

func TestAnOutcomeThatCantBeNotedIsLogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var tried attempts
		w := start(t, func(context.Context, mailer.Posting) error {
			tried.add()
			return nil
		})
		w.set(func(m *memory) { m.mute = true })
		w.add(posting("p1", "ana@mail.example"))
		w.Wake()
		time.Sleep(179 * time.Second)
		w.set(func(m *memory) { m.mute = false })
		if len(tried.times()) != 1 {
			t.Errorf("%d attempts within the lease", len(tried.times()))
		}
		time.Sleep(2 * time.Minute)
		w.stop()
		if len(tried.times()) != 2 || len(w.read().sent) != 1 || strings.Count(w.log.String(), `msg="outcome of a mail lost"`) != 1 {
			t.Errorf("%d attempts, sent %v, log %s", len(tried.times()), w.read().sent, w.log)
		}
	})
}

func TestAClockThatIsBehindIsNotAskedWithoutABreak(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t, func(context.Context, mailer.Posting) error { return nil })
		w.set(func(m *memory) { m.late = 10 * time.Second })
		w.add(posting("p1", "ana@mail.example"))
		w.Wake()
		time.Sleep(11 * time.Second)
		w.stop()
		if len(w.read().sent) != 1 || w.read().claims > 15 {
			t.Errorf("sent %v after %d looks", w.read().sent, w.read().claims)
		}
	})
}

func TestFourMailsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var tried attempts
		w := start(t, func(context.Context, mailer.Posting) error {
			tried.add()
			time.Sleep(10 * time.Second)
			return nil
		})
		for i := range 10 {
			w.add(posting(fmt.Sprint(i), "ana@mail.example"))
		}
		w.Wake()
		for _, want := range []int{4, 8, 10} {
			synctest.Wait()
			if len(tried.times()) != want {
				t.Errorf("%d attempts, want %d", len(tried.times()), want)
			}
			time.Sleep(10 * time.Second)
		}
		synctest.Wait()
		if len(w.read().sent) != 10 {
			t.Errorf("sent %v", w.read().sent)
		}
		w.stop()
	})
}

func TestAnAttemptEndsAfterAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t, func(ctx context.Context, _ mailer.Posting) error {
			<-ctx.Done()
			return ctx.Err()
		})
		w.add(posting("p1", "ana@mail.example"))
		w.Wake()
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(w.read().failed) != 1 || time.Until(w.read().waiting[0]) < 3*time.Second {
			t.Errorf("failed %v", w.read().failed)
		}
		w.stop()
	})
}

func TestStopLetsAMailUnderWayFinish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t, func(ctx context.Context, _ mailer.Posting) error {
			select {
			case <-time.After(3 * time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		for i := range 6 {
			w.add(posting(fmt.Sprint(i), "ana@mail.example"))
		}
		w.Wake()
		synctest.Wait()
		if took := w.stop(); took != 3*time.Second {
			t.Errorf("stop took %v", took)
		}
		if len(w.read().sent) != 4 || len(w.read().failed) != 0 || len(w.read().waiting) != 2 {
			t.Errorf("sent %v, failed %v", w.read().sent, w.read().failed)
		}
	})
}

func TestStopCutsAMailThatTakesTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t, func(ctx context.Context, _ mailer.Posting) error {
			<-ctx.Done()
			return ctx.Err()
		})
		w.add(posting("p1", "ana@mail.example"))
		w.Wake()
		synctest.Wait()
		if took := w.stop(); took != 5*time.Second {
			t.Errorf("stop took %v", took)
		}
		if len(w.read().failed) != 1 || w.read().waiting[0].After(time.Now()) {
			t.Errorf("failed %v, due %v", w.read().failed, w.read().waiting[0])
		}
	})
}

func TestAMailAcceptedAtTheVeryEndIsNoted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t, func(ctx context.Context, _ mailer.Posting) error {
			<-ctx.Done()
			return nil
		})
		w.add(posting("p1", "ana@mail.example"))
		w.Wake()
		synctest.Wait()
		w.stop()
		if len(w.read().sent) != 1 {
			t.Error("not noted")
		}
	})
}
