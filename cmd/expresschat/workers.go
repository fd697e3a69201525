package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"expresschat/store"
)

// sweepEvery is how often what has ended is removed for good.
const sweepEvery = 10 * time.Minute

// workers are what goes on beside requests.
type workers struct {
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func startWorkers(run ...func(ctx context.Context)) *workers {
	ctx, cancel := context.WithCancel(context.Background())
	w := &workers{cancel: cancel}
	for _, f := range run {
		w.wg.Add(1)
		go func() {
			defer w.wg.Done()
			f(ctx)
		}()
	}
	return w
}

// stop ends the workers and waits for them until ctx ends.
func (w *workers) stop(ctx context.Context) error {
	w.cancel()
	done := make(chan struct{})
	go func() {
		w.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func sweeper(db *store.Store, log *slog.Logger) func(ctx context.Context) {
	return func(ctx context.Context) {
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		for {
			if err := db.Sweep(ctx); err != nil && ctx.Err() == nil {
				log.Warn("sweep failed", "error", err)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}
}
