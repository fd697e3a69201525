package outbox

import (
	"math/rand/v2"
	"time"
)

// Backoff is a pause that doubles with every failure, from First up to Most.
type Backoff struct{ First, Most time.Duration }

// After is the pause after that many failures, counted from 0, with up to a quarter
// taken off by chance, so that what failed together does not come back together.
func (b Backoff) After(failures int) time.Duration {
	d := b.First
	for range failures {
		if d *= 2; d >= b.Most {
			d = b.Most
			break
		}
	}
	return d - rand.N(d/4+1)
}
