package push

import (
	"log/slog"
	"time"

	"expresschat/throttle"
)

// quietFor is how long one line stands for all of its kind.
const quietFor = time.Minute

// reports are the lines of what happens to many at once.
type reports struct {
	refused, delayed, lost *throttle.Log
	held                   *throttle.Log // push services that asked for it
	waiting                *throttle.Log // for the database
}

func newReports(log *slog.Logger) reports {
	kind := func() *throttle.Log { return throttle.New(log, quietFor) }
	return reports{refused: kind(), delayed: kind(), lost: kind(), held: kind(), waiting: kind()}
}
