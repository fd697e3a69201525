package crew_test

import (
	"context"
	"errors"
	"testing"

	"expresschat/socketio/crew"
)

func TestWait(t *testing.T) {
	t.Parallel()
	var c crew.Crew
	if err := c.Wait(t.Context()); err != nil {
		t.Errorf("with nobody there: %v", err)
	}
	release := make(chan struct{})
	c.Go(func() {
		c.Go(func() { <-release })
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("with work in progress: %v", err)
	}
	close(release)
	if err := c.Wait(t.Context()); err != nil {
		t.Errorf("at the end: %v", err)
	}
}
