// Package hooks runs what the owner of a socketio.Namespace wrote, for whichever
// engine: the hooks of one socket one after another and in order, those of different
// sockets in parallel, no goroutine for a socket that has nothing to do, no allocation
// from an event's arrival to its handler and its acknowledgement, panics caught, and
// all of it such that Engine.Stop can wait for its end.
package hooks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"

	"expresschat/socketio"
	"expresschat/socketio/crew"
)

// ErrRefused is all that an engine learns about a handshake that may not come in.
var ErrRefused = errors.New("hooks: handshake refused")

// Runner runs the hooks of one engine.
type Runner struct {
	log    *slog.Logger
	ctx    context.Context // what the hooks get: it ends with GiveUp
	cancel context.CancelFunc
	crew   crew.Crew // of all goroutines, the parked ones too

	mu     sync.Mutex
	parked *worker // the one that came last
	count  int     // of the parked
	ending bool    // nobody parks any more
}

// NewRunner returns a runner that logs panics to log.
func NewRunner(log *slog.Logger) *Runner {
	ctx, cancel := context.WithCancel(context.Background())
	return &Runner{log: log, ctx: ctx, cancel: cancel}
}

// Go runs f, which calls hooks, in a goroutine of its own.
func (r *Runner) Go(f func()) { r.crew.Go(f) }

// Wait returns once no hook is running or queued and no goroutine is left, or with
// ctx's error. It is for the end: hooks can run afterwards, but from the first call on
// no goroutine is kept for those to come.
func (r *Runner) Wait(ctx context.Context) error {
	r.dismiss()
	return r.crew.Wait(ctx)
}

// GiveUp ends the context of the hooks that are running and of all later ones. No
// goroutine stays longer than its hooks.
func (r *Runner) GiveUp() {
	r.cancel()
	r.dismiss()
}

// Authorise asks ns whether h may come in. The hook gets a copy of those headers that
// it asked for. The error is a *socketio.Farewell, a *socketio.Refusal or ErrRefused; it is
// the last one when the hook panics, too.
func (r *Runner) Authorise(ns *socketio.Namespace, h socketio.Handshake) (identity any, err error) {
	if ns.Authorise == nil {
		return nil, nil
	}
	h.Header = headers(h.Header, ns.Headers)
	panicked := r.guard("authorise", func() { identity, err = ns.Authorise(r.ctx, h) })
	if panicked != nil {
		return nil, ErrRefused
	}
	var farewell *socketio.Farewell
	if errors.As(err, &farewell) {
		return nil, farewell
	}
	var refusal *socketio.Refusal
	if errors.As(err, &refusal) {
		return nil, refusal
	}
	if err != nil {
		r.log.Debug("handshake refused", "namespace", ns.Name, "error", err)
		return nil, ErrRefused
	}
	return identity, nil
}

// headers copies what h has by these names, or all of it for nil.
func headers(h http.Header, names []string) http.Header {
	if names == nil {
		return h.Clone()
	}
	some := make(http.Header, len(names))
	for _, name := range names {
		if values := h.Values(name); len(values) > 0 {
			some[http.CanonicalHeaderKey(name)] = slices.Clone(values)
		}
	}
	return some
}

// guard runs hook and returns what it panicked with, nil if it did not.
func (r *Runner) guard(name string, hook func()) (panicked any) {
	defer func() {
		if panicked = recover(); panicked != nil {
			r.log.Error("hook panicked", "hook", name, "panic", fmt.Sprint(panicked), "stack", string(debug.Stack()))
		}
	}()
	hook()
	return nil
}
