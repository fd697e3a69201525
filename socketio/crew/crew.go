// Package crew counts goroutines that somebody waits for at the end.
package crew

import (
	"context"
	"sync"
)

// Crew counts work in progress so that someone can wait for its end. Unlike a
// sync.WaitGroup it lets work begin while someone waits, and waiting give up. Its
// zero value is ready.
type Crew struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // closed at zero; nil while nobody waits
}

// Add notes that work begins. Done must follow.
func (c *Crew) Add() {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
}

// Done notes that work has ended.
func (c *Crew) Done() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n--
	if c.n == 0 && c.idle != nil {
		close(c.idle)
		c.idle = nil
	}
}

// Go runs f in a goroutine that Wait waits for.
func (c *Crew) Go(f func()) {
	c.Add()
	go func() {
		defer c.Done()
		f()
	}()
}

// Wait returns once no work is in progress, or with ctx's error when ctx ends first.
func (c *Crew) Wait(ctx context.Context) error {
	c.mu.Lock()
	if c.n == 0 {
		c.mu.Unlock()
		return nil
	}
	if c.idle == nil {
		c.idle = make(chan struct{})
	}
	idle := c.idle
	c.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
