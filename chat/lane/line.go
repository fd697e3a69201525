package lane

import (
	"slices"
	"sync"

	"expresschat/bus"
	"expresschat/chat"
)

// Bounds of what waits in one lane, beside the batch that is being stored. Past either one
// people are told that it is busy, at once: memory stays bounded whatever the store does.
const (
	maxWaiting      = 4096
	maxWaitingBytes = 8 << 20 // of messages
)

// line is one lane: what waits in it.
type line struct {
	wake chan struct{} // has room for one

	mu    sync.Mutex
	jobs  []job // in the order in which they came
	bytes int
	// busy is set while a batch or a write is out, and settled are closed when it is done.
	busy    bool
	settled []chan struct{}
	// away is set while the store has not answered for as long as patience lasts. What
	// comes then is refused at once: it would only wait for nothing.
	away   bool
	closed bool
}

// job is what somebody wants done: one of the three.
type job struct {
	post  *post
	move  *move
	write *write
}

func (j job) size() int {
	if j.post != nil {
		return j.post.draft.Size()
	}
	return 0
}

// fail tells who wants it that it was not begun.
func (j job) fail(err error) {
	switch {
	case j.post != nil:
		j.post.done(chat.Receipt{}, err)
	case j.move != nil:
		j.move.done(chat.Cursor{}, err)
	default:
		j.write.done <- err
	}
}

func newLine() *line { return &line{wake: make(chan struct{}, 1)} }

// put queues a job. The error is chat.ErrBusy of a lane that is full or has ended, or
// chat.ErrUnavailable.
func (n *line) put(j job) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	size := j.size()
	switch {
	case n.away:
		return chat.ErrUnavailable
	case n.closed, len(n.jobs) >= maxWaiting, n.bytes+size > maxWaitingBytes:
		return chat.ErrBusy
	}
	n.jobs = append(n.jobs, j)
	n.bytes += size
	n.signal()
	return nil
}

func (n *line) signal() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// take waits for what is to be done next: a batch, or a write that stands alone. It
// returns neither when the lane has ended.
func (n *line) take() (*batch, *write) {
	for {
		b, w, ended := n.next()
		if b != nil || w != nil || ended {
			return b, w
		}
		<-n.wake
	}
}

func (n *line) next() (b *batch, w *write, ended bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.settle()
	if len(n.jobs) == 0 {
		return nil, nil, n.closed
	}
	n.busy = true
	if w = n.jobs[0].write; w != nil {
		n.drop(1)
		return nil, w, false
	}
	b = newBatch()
	taken := 0
	for taken < len(n.jobs) && b.add(n.jobs[taken]) {
		taken++
	}
	n.drop(taken)
	return b, nil, false
}

// drop takes the first k jobs away.
func (n *line) drop(k int) {
	for _, j := range n.jobs[:k] {
		n.bytes -= j.size()
	}
	n.jobs = slices.Delete(n.jobs, 0, k)
}

// settle notes that nothing is out. What was, has its events on the bus.
func (n *line) settle() {
	n.busy = false
	for _, c := range n.settled {
		close(c)
	}
	n.settled = nil
}

// settling returns a channel that is closed once all that was stored before this call has
// its events on the bus, nil if it has them now.
func (n *line) settling() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.busy {
		return nil
	}
	c := make(chan struct{})
	n.settled = append(n.settled, c)
	return c
}

func (n *line) isAway() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.away
}

func (n *line) isBack() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.away = false
}

// isGone notes that the store is away, and refuses what had come before that was known.
func (n *line) isGone() {
	n.mu.Lock()
	n.away = true
	waiting := n.jobs
	n.jobs, n.bytes = nil, 0
	n.mu.Unlock()
	for _, j := range waiting {
		j.fail(chat.ErrUnavailable)
	}
}

func (n *line) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	n.signal()
}

// lanesOf are the lanes of rooms, or all if there are none.
func (l *Log) lanesOf(rooms []bus.RoomID) []*line {
	if len(rooms) == 0 {
		return l.lanes
	}
	some := make([]*line, len(rooms))
	for i, room := range rooms {
		some[i] = l.laneOf(room)
	}
	return some
}
