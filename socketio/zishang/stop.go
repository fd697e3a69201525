package zishang

import (
	"context"
	"time"

	"expresschat/socketio"
)

const (
	// flushGrace is how long Stop lets clients fetch what is queued for them, the
	// last acknowledgements above all, before it drops them.
	flushGrace = time.Second

	// lastGrace is how long Stop, once its context has ended, waits for hooks to
	// notice that theirs has, too.
	lastGrace = time.Second
)

// Burst implements socketio.Engine. The library writes as it likes.
func (e *engine) Burst(f func()) { f() }

// Stop implements socketio.Engine. A second call waits for the first one.
func (e *engine) Stop(ctx context.Context) error {
	if !e.stage.CompareAndSwap(serving, draining) {
		select {
		case <-e.ended:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer close(e.ended)
	err := e.run.Wait(ctx)
	if err != nil {
		e.run.GiveUp()
	}
	e.stage.Store(stopped)
	if err == nil {
		e.flush(ctx)
	}
	for _, c := range e.all() {
		c.drop(socketio.ReasonShuttingDown)
	}
	if again := e.settle(ctx); err == nil {
		err = again
	}
	e.run.GiveUp()
	e.stage.Store(closed)
	return err
}

// flush lets every connection end with what is queued for it, within a grace.
func (e *engine) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, flushGrace)
	defer cancel()
	for _, c := range e.all() {
		c.blame(socketio.ReasonShuttingDown)
		c.finish()
	}
	_ = e.live.Wait(ctx) // who is not done by then is dropped
}

// settle waits for all goroutines of the engine. Hooks that ignore that their context
// has ended are left behind.
func (e *engine) settle(ctx context.Context) error {
	wait := func(ctx context.Context) error {
		if err := e.run.Wait(ctx); err != nil {
			return err
		}
		if err := e.writers.Wait(ctx); err != nil {
			return err
		}
		return e.requests.Wait(ctx)
	}
	err := wait(ctx)
	if err == nil {
		return nil
	}
	e.run.GiveUp()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastGrace)
	defer cancel()
	_ = wait(last)
	return err
}
