package media

import (
	"sync"

	"expresschat/auth"
)

// maxUnderWay is how many uploads of one owner may be under way at once: a bucket may need
// some megabytes for each, and nobody else should lack them.
const maxUnderWay = 8

// underWay counts uploads by their owner. It knows only those who have one.
type underWay struct {
	mu sync.Mutex
	of map[auth.UserID]int
}

// begin counts one more, until end is called. The error is ErrBusy.
func (u *underWay) begin(owner auth.UserID) (end func(), err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of[owner] >= maxUnderWay {
		return nil, ErrBusy
	}
	u.of[owner]++
	return func() { u.end(owner) }, nil
}

func (u *underWay) end(owner auth.UserID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of[owner]--; u.of[owner] == 0 {
		delete(u.of, owner)
	}
}
