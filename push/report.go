package push

import (
	"log/slog"
	"sync"
	"time"
)

// quietFor is how long one line stands for all of its kind.
const quietFor = time.Minute

// reporter logs what happens to many at once: one line in a while for each message, with how
// many others it stands for.
type reporter struct {
	log *slog.Logger

	mu    sync.Mutex
	lines map[string]*line // by message, which are few
}

type line struct {
	until time.Time // nothing is logged before
	more  int       // that were not logged
}

func newReporter(log *slog.Logger) *reporter {
	return &reporter{log: log, lines: map[string]*line{}}
}

func (r *reporter) warn(msg string, args ...any) {
	r.mu.Lock()
	l := r.lines[msg]
	if l == nil {
		l = &line{}
		r.lines[msg] = l
	}
	now := time.Now()
	if now.Before(l.until) {
		l.more++
		r.mu.Unlock()
		return
	}
	more := l.more
	l.until, l.more = now.Add(quietFor), 0
	r.mu.Unlock()
	r.log.Warn(msg, append(args, "others_before", more)...)
}
