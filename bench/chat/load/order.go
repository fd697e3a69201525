package load

import (
	"errors"
	"fmt"
)

// What must not happen to messages.
var (
	ErrTwice = errors.New("load: a message came twice")
	ErrLost  = errors.New("load: acked messages did not come")
	ErrOrder = errors.New("load: messages came in another order than they have")
)

// maxAhead bounds how many messages may have come before one that is missing.
const maxAhead = 1 << 16

// order is what one receiver hears from one sender: each message once, and, where that is
// demanded, in the order in which they were sent.
type order struct {
	strict bool
	next   int              // the smallest number that has not come
	ahead  map[int]struct{} // those above it that have
	seq    int64            // the largest place so far
	late   int              // messages that came after one that was sent later
}

// arrived takes in the n-th message, which has the place seq.
func (o *order) arrived(n int, seq int64) error {
	if _, again := o.ahead[n]; again || n < o.next {
		return fmt.Errorf("%w: the %d-th, at %d", ErrTwice, n, seq)
	}
	if o.strict && (n != o.next || seq <= o.seq) {
		return fmt.Errorf("%w: after the %d-th, at %d, the %d-th, at %d", ErrOrder, o.next-1, o.seq, n, seq)
	}
	o.seq = max(o.seq, seq)
	if n != o.next {
		return o.wait(n)
	}
	if len(o.ahead) > 0 {
		o.late++
	}
	for o.next++; ; o.next++ {
		if _, there := o.ahead[o.next]; !there {
			return nil
		}
		delete(o.ahead, o.next)
	}
}

func (o *order) wait(n int) error {
	if len(o.ahead) == maxAhead {
		return fmt.Errorf("%w: %d came after a gap at %d", ErrLost, maxAhead, o.next)
	}
	if o.ahead == nil {
		o.ahead = map[int]struct{}{}
	}
	o.ahead[n] = struct{}{}
	return nil
}

// count is how many have come.
func (o *order) count() int { return o.next + len(o.ahead) }

// complete returns ErrLost unless all that were sent have come.
func (o *order) complete(sent int) error {
	if o.next != sent || len(o.ahead) > 0 {
		return fmt.Errorf("%w: of %d there are %d, the first gap is at %d", ErrLost, sent, o.count(), o.next)
	}
	return nil
}
