package hooks

import "runtime"

// parkedPerProc bounds the workers that stay when there is nothing to do, for each
// processor. They are there because a new goroutine has to grow its stack, for
// encoding/json if for nothing else, and that takes more time than many a handler. They
// are more than can run at once because handlers that wait for the same commit end
// together.
const parkedPerProc = 16

// worker is a goroutine that works for one inbox after the other.
type worker struct {
	inbox *Inbox // nil tells it to end
	wake  chan struct{}
	next  *worker // of those that are parked
}

// start has b work in a goroutine.
func (r *Runner) start(b *Inbox) {
	r.mu.Lock()
	w := r.parked
	if w != nil {
		r.parked, w.next = w.next, nil
		r.count--
	}
	r.mu.Unlock()
	if w != nil {
		w.inbox = b
		w.wake <- struct{}{}
		return
	}
	w = &worker{inbox: b, wake: make(chan struct{}, 1)}
	r.crew.Go(func() { r.work(w) })
}

func (r *Runner) work(w *worker) {
	defer func() {
		if w.inbox != nil { // a hook has ended its goroutine (runtime.Goexit)
			r.start(w.inbox)
		}
	}()
	for w.inbox != nil {
		w.inbox.work()
		w.inbox = nil
		if r.park(w) {
			<-w.wake
		}
	}
}

// park is false when w has to end.
func (r *Runner) park(w *worker) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ending || r.count >= parkedPerProc*runtime.GOMAXPROCS(0) {
		return false
	}
	r.parked, w.next = w, r.parked
	r.count++
	return true
}

// dismiss ends the workers that are parked, and has those that work end thereafter.
func (r *Runner) dismiss() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ending = true
	for w := r.parked; w != nil; w = w.next {
		close(w.wake)
	}
	r.parked, r.count = nil, 0
}
