package mailer

import (
	"math/rand/v2"
	"time"
)

// backoff is a pause that doubles with every failure, from first up to most.
type backoff struct{ first, most time.Duration }

// after is the pause after that many failures, counted from 0, with up to a quarter
// taken off by chance, so that what failed together does not come back together.
func (b backoff) after(failures int) time.Duration {
	d := b.first
	for range failures {
		if d *= 2; d >= b.most {
			d = b.most
			break
		}
	}
	return d - rand.N(d/4+1)
}
