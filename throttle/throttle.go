// Package throttle keeps a log readable while something fails for everybody: one line in a
// while stands for all others like it, and says how many they are. It knows nothing of what
// fails.
package throttle

import (
	"log/slog"
	"sync"
	"time"
)

// Log is a log for lines of which one may stand for all: whatever they say, they are counted
// as one. It may be used from many goroutines.
type Log struct {
	to    *slog.Logger
	quiet time.Duration

	mu    sync.Mutex
	until time.Time // nothing is logged before
	more  int       // that were not logged
}

// New makes a Log that is quiet for so long after each of its lines.
func New(to *slog.Logger, quiet time.Duration) *Log { return &Log{to: to, quiet: quiet} }

// Warn logs a line at level warn, or counts it for the next one that is logged, whose
// others_before is how many there were.
func (l *Log) Warn(msg string, args ...any) {
	if more, now := l.pass(); now {
		l.to.Warn(msg, append(args, "others_before", more)...)
	}
}

// pass tells whether a line is to be logged now, and how many were not before it.
func (l *Log) pass() (more int, now bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := time.Now()
	if at.Before(l.until) {
		l.more++
		return 0, false
	}
	more = l.more
	l.until, l.more = at.Add(l.quiet), 0
	return more, true
}
