//go:build unix

package localpg

import (
	"context"
	"fmt"
	"time"
)

// retry says how often a Postgres that died is started again.
type retry struct {
	attempts    int           // in a row, then it is given up
	first, most time.Duration // pauses double from the first to the most
	steady      time.Duration // after running this long, counting begins anew
}

// About three quarters of a minute in all: enough for a full disk to be noticed or
// an out-of-memory killer to calm down, short enough for whoever watches the server.
func defaultRetry() retry {
	return retry{attempts: 10, first: 100 * time.Millisecond, most: 10 * time.Second, steady: time.Minute}
}

func (r retry) pause(attempt int) time.Duration {
	d := r.first
	for range attempt - 1 {
		d = min(2*d, r.most)
	}
	return d
}

// supervise keeps Postgres running until running ends, then shuts it down, gently
// while patient lasts. It owns the process, and closes done as its last act.
func (s *Server) supervise(running, patient context.Context, p *process) {
	defer close(s.done)
	defer s.release()
	defer s.hurry()
	defer s.quit()
	failed := 0
	for {
		began := time.Now()
		select {
		case <-running.Done():
			s.err = s.shutDown(patient, p)
			return
		case <-p.done:
		}
		if time.Since(began) > s.retry.steady {
			failed = 0
		}
		if p, failed = s.revive(running, p.err, failed); p == nil {
			s.sweep()
			return
		}
	}
}

// revive starts Postgres again, after it died of cause and restarting it had failed
// so many times already. It returns nil when it was stopped or has given up.
func (s *Server) revive(running context.Context, cause error, failed int) (*process, int) {
	for failed < s.retry.attempts && running.Err() == nil {
		failed++
		s.log.Warn("database ended unexpectedly, starting it again", "attempt", failed, "error", cause)
		if !wait(running, s.retry.pause(failed)) {
			return nil, failed
		}
		p, err := s.cluster.start(running)
		if err == nil {
			s.log.Info("database is back", "attempt", failed)
			return p, failed
		}
		cause = err
	}
	if running.Err() == nil {
		s.err = fmt.Errorf("the database was restarted %d times in vain: %w", failed, cause)
	}
	return nil, failed
}

// shutDown ends the process and whatever it left behind.
func (s *Server) shutDown(patient context.Context, p *process) error {
	err := p.end(patient)
	s.sweep()
	if err == nil {
		s.log.Info("database stopped")
	}
	return err
}

// sweep ends backends that outlived their postmaster: they keep a killed one's
// memory, and Stop promises that nothing runs afterwards.
func (s *Server) sweep() {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := s.cluster.evict(ctx); err != nil {
		s.log.Warn("processes of the database are left", "error", err)
	}
}

// wait returns false if ctx ended before d was over.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
