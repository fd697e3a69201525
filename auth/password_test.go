package auth

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
)

// All slots are taken and all places to wait too: one more is refused at once, and everybody
// who waits gets a turn, in the order in which they came, no more at once than there are slots.
func TestWhoWouldWaitTooLongIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, atWork := heldHasher(t)
		var all sync.WaitGroup
		begin := func() {
			all.Go(func() {
				if _, err := h.hash(t.Context(), "x"); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		for range cap(h.queue) {
			begin()
		}
		if _, err := h.hash(t.Context(), "x"); !errors.Is(err, ErrBusy) {
			t.Errorf("one too many: %v", err)
		}
		if _, err := h.matches(t.Context(), h.decoy, "x"); !errors.Is(err, ErrBusy) {
			t.Errorf("one more check: %v", err)
		}
		if n := atWork.most(); n != cap(h.slots) {
			t.Errorf("%d at once, there are %d slots", n, cap(h.slots))
		}
		close(atWork.release)
		all.Wait()
		if atWork.most() > cap(h.slots) || len(h.queue) != 0 || len(h.slots) != 0 {
			t.Errorf("%d at once; %d places and %d slots are left taken", atWork.most(), len(h.queue), len(h.slots))
		}
	})
}

// Who gives up makes room for somebody else.
func TestWhoGivesUpLeavesTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, atWork := heldHasher(t)
		var all sync.WaitGroup
		for range cap(h.slots) {
			all.Go(func() { _, _ = h.hash(t.Context(), "x") })
		}
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		for range cap(h.queue) - cap(h.slots) {
			all.Go(func() {
				if _, err := h.hash(ctx, "x"); !errors.Is(err, context.Canceled) {
					t.Errorf("who gave up: %v", err)
				}
			})
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		if len(h.queue) != cap(h.slots) {
			t.Errorf("%d places are taken", len(h.queue))
		}
		close(atWork.release)
		all.Wait()
	})
}

// work holds hashes until it is released, and counts them.
type work struct {
	release chan struct{}

	mu       sync.Mutex
	now, max int
}

func (w *work) most() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.max
}

func (w *work) count(by int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now += by
	w.max = max(w.max, w.now)
}

func heldHasher(t *testing.T) (*hasher, *work) {
	w := &work{release: make(chan struct{})}
	h, err := newHasher(func(_, _ []byte, _, _ uint32, _ uint8, size uint32) []byte {
		w.count(1)
		defer w.count(-1)
		<-w.release
		return make([]byte, size)
	})
	if err != nil {
		t.Fatal(err)
	}
	return h, w
}
