package mailer_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"expresschat/auth/mailer"
)

// memory is an outbox as the port describes it, that can be down.
type memory struct {
	mu    sync.Mutex
	rows  []*row
	down  bool          // every call fails
	mute  bool          // only notes fail
	late  time.Duration // how far its clock is behind ours
	notes notes
}

type row struct {
	mailer.Posting
	due time.Time
}

// notes is what a memory was told.
type notes struct {
	claims  int         // calls of Claim
	sent    []string    // ids
	failed  []string    // ids
	dropped []string    // ids
	waiting []time.Time // when the postings that are left are due
}

func (m *memory) read() notes {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.notes
	for _, r := range m.rows {
		n.waiting = append(n.waiting, r.due)
	}
	return n
}

func (m *memory) add(postings ...mailer.Posting) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range postings {
		m.rows = append(m.rows, &row{p, time.Now()})
	}
}

func (m *memory) set(change func(*memory)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(m)
}

func (m *memory) Claim(ctx context.Context, n int, lease time.Duration) ([]mailer.Posting, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.notes.claims++
	if err := m.check(ctx); err != nil {
		return nil, err
	}
	var due []mailer.Posting
	for _, r := range m.rows {
		if len(due) < n && !r.due.Add(m.late).After(time.Now()) {
			r.due = time.Now().Add(lease)
			due = append(due, r.Posting)
		}
	}
	return due, nil
}

func (m *memory) NextDue(ctx context.Context) (time.Time, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.check(ctx); err != nil || len(m.rows) == 0 {
		return time.Time{}, false, err
	}
	next := m.rows[0].due
	for _, r := range m.rows {
		if r.due.Before(next) {
			next = r.due
		}
	}
	return next, true, nil
}

func (m *memory) Sent(ctx context.Context, id string) error {
	return m.note(ctx, id, func(*row) { m.notes.sent = append(m.notes.sent, id) }, true)
}

func (m *memory) Dropped(ctx context.Context, id string) error {
	return m.note(ctx, id, func(*row) { m.notes.dropped = append(m.notes.dropped, id) }, true)
}

func (m *memory) Failed(ctx context.Context, id string, retryAt time.Time) error {
	return m.note(ctx, id, func(r *row) {
		m.notes.failed = append(m.notes.failed, id)
		r.Attempts++
		r.due = retryAt
	}, false)
}

func (m *memory) note(ctx context.Context, id string, change func(*row), remove bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.mute {
		return errors.New("connection refused")
	}
	if err := m.check(ctx); err != nil {
		return err
	}
	for i, r := range m.rows {
		if r.ID == id {
			change(r)
			if remove {
				m.rows = append(m.rows[:i], m.rows[i+1:]...)
			}
			return nil
		}
	}
	return nil
}

func (m *memory) check(ctx context.Context) error {
	if m.down {
		return errors.New("connection refused")
	}
	return ctx.Err()
}
