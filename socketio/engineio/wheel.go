package engineio

import (
	"sync"
	"time"
)

const wheelSlots = 512

// wheel is all timers of a server: sessions, in slots of one tick each by when they are
// due. Its one goroutine runs while there are any.
type wheel struct {
	step  int64 // of one tick, in milliseconds
	began time.Time
	due   func(s *Session, now int64)
	start func(func()) // starts a goroutine that somebody waits for
	quit  chan struct{}

	mu      sync.Mutex
	slots   [wheelSlots]*Session // the first of each slot's ring
	done    int64                // the last tick that was handled
	entries int
	running bool
	stopped bool
}

// timer is a session's place in the wheel; guarded by the wheel's mu.
type timer struct {
	next, prev *Session
	at         int64 // in milliseconds; 0: not in the wheel
	slot       int32
}

func newWheel(tick time.Duration, start func(func()), due func(*Session, int64)) *wheel {
	return &wheel{
		step: max(int64(tick/time.Millisecond), 1), began: time.Now(), due: due, start: start,
		quit: make(chan struct{}),
	}
}

// now is the time in milliseconds, never 0.
func (w *wheel) now() int64 { return int64(time.Since(w.began)/time.Millisecond) + 1 }

// sooner makes s due at the given time, unless it is due before. It is false when the
// wheel has stopped.
func (w *wheel) sooner(s *Session, at int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped || (s.timer.at != 0 && s.timer.at <= at) {
		return !w.stopped
	}
	w.remove(s)
	if !w.running {
		w.running, w.done = true, w.now()/w.step
		w.start(w.run)
	}
	w.add(s, at)
	return true
}

// drop takes s out.
func (w *wheel) drop(s *Session) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remove(s)
}

// stop ends the wheel and returns who was in it: nobody is due any more.
func (w *wheel) stop() (left []*Session) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return nil
	}
	w.stopped = true
	close(w.quit)
	for _, s := range w.slots {
		for s != nil && s.timer.at != 0 {
			next := s.timer.next
			left = append(left, s)
			w.remove(s)
			s = next
		}
	}
	return left
}

func (w *wheel) add(s *Session, at int64) {
	tick := max((at+w.step-1)/w.step, w.done+1)
	slot := int32(tick % wheelSlots)
	s.timer = timer{next: s, prev: s, at: at, slot: slot}
	if first := w.slots[slot]; first != nil {
		last := first.timer.prev
		s.timer.next, s.timer.prev = first, last
		last.timer.next, first.timer.prev = s, s
	} else {
		w.slots[slot] = s
	}
	w.entries++
}

func (w *wheel) remove(s *Session) {
	if s.timer.at == 0 {
		return
	}
	if s.timer.next == s {
		w.slots[s.timer.slot] = nil
	} else {
		s.timer.prev.timer.next, s.timer.next.timer.prev = s.timer.next, s.timer.prev
		if w.slots[s.timer.slot] == s {
			w.slots[s.timer.slot] = s.timer.next
		}
	}
	s.timer = timer{}
	w.entries--
}

func (w *wheel) run() {
	ticker := time.NewTicker(time.Duration(w.step) * time.Millisecond)
	defer ticker.Stop()
	var due []*Session
	for {
		select {
		case <-ticker.C:
		case <-w.quit:
			return
		}
		now := w.now()
		var more bool
		if due, more = w.turn(now, due[:0]); !more {
			return
		}
		for i, s := range due {
			w.due(s, now)
			due[i] = nil
		}
	}
}

// turn takes out who is due by now. more is false when the wheel ran empty.
func (w *wheel) turn(now int64, due []*Session) (_ []*Session, more bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.entries == 0 || w.stopped {
		w.running = false
		return nil, false
	}
	last := now / w.step
	for tick := max(w.done+1, last-wheelSlots+1); tick <= last; tick++ {
		slot := tick % wheelSlots
		for s := w.slots[slot]; s != nil; {
			next := s.timer.next
			ended := next == w.slots[slot]
			if s.timer.at <= now {
				due = append(due, s)
				w.remove(s)
			}
			if ended {
				break
			}
			s = next
		}
	}
	w.done = last
	return due, true
}
