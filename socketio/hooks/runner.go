// Package hooks runs what the owner of a socketio.Namespace wrote, for whichever
// engine: the hooks of one socket one after another and in order, those of different
// sockets in parallel, no goroutine while there is nothing to do, panics caught, and
// all of it such that Engine.Stop can wait for its end.
package hooks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"expresschat/socketio"
)

// ErrRefused is all that an engine learns about a handshake that may not come in.
var ErrRefused = errors.New("hooks: handshake refused")

// Runner runs the hooks of one engine.
type Runner struct {
	log    *slog.Logger
	ctx    context.Context // what the hooks get: it ends with GiveUp
	cancel context.CancelFunc
	crew   Crew
}

// NewRunner returns a runner that logs panics to log.
func NewRunner(log *slog.Logger) *Runner {
	ctx, cancel := context.WithCancel(context.Background())
	return &Runner{log: log, ctx: ctx, cancel: cancel}
}

// Go runs f, which calls hooks, in a goroutine of its own.
func (r *Runner) Go(f func()) { r.crew.Go(f) }

// Wait returns once no hook is running or queued, or with ctx's error.
func (r *Runner) Wait(ctx context.Context) error { return r.crew.Wait(ctx) }

// GiveUp ends the context of the hooks that are running and of all later ones.
func (r *Runner) GiveUp() { r.cancel() }

// Authorise asks ns whether h may come in. The error is a *socketio.Farewell or
// ErrRefused; it is the latter when the hook panics, too.
func (r *Runner) Authorise(ns *socketio.Namespace, h socketio.Handshake) (identity any, err error) {
	if ns.Authorise == nil {
		return nil, nil
	}
	panicked := r.guard("authorise", func() { identity, err = ns.Authorise(r.ctx, h) })
	if panicked != nil {
		return nil, ErrRefused
	}
	var farewell *socketio.Farewell
	if errors.As(err, &farewell) {
		return nil, farewell
	}
	if err != nil {
		r.log.Debug("handshake refused", "namespace", ns.Name, "error", err)
		return nil, ErrRefused
	}
	return identity, nil
}

// serve runs the handler of one event and hands its outcome to Respond.
func (r *Runner) serve(ns *socketio.Namespace, s socketio.Socket, e Event) {
	var result any
	var err error
	panicked := r.guard("handler", func() { result, err = ns.Handlers[e.Name].Serve(r.ctx, s, e.Arg) })
	if panicked != nil {
		result, err = nil, fmt.Errorf("%w: %v", socketio.ErrPanic, panicked)
	}
	if ns.Respond == nil {
		return
	}
	call := socketio.Call{Event: e.Name, Ack: e.Ack}
	r.guard("respond", func() { ns.Respond(r.ctx, s, call, result, err) })
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
