// Package acks waits for what clients acknowledge, for whichever engine. It knows neither
// connections nor packets.
package acks

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"

	"expresschat/socketio"
)

// Table holds what is awaited of the sockets of one namespace, S being those of the
// engine. A socket of which nothing is awaited takes no memory in it, and nothing that a
// client sends does. The zero value is ready.
type Table[S comparable] struct {
	ids   atomic.Uint64
	count atomic.Int64 // of all that is awaited: mostly nothing, and then nobody locks

	mu      sync.Mutex
	awaited map[S]*waiter // the newest of each socket
}

// waiter is somebody who waits for one acknowledgement.
type waiter struct {
	id     uint64
	answer chan socketio.Args // closed when the socket has ended
	older  *waiter            // of the same socket
}

// Await has send emit an event to s with an id that no other event of this namespace has,
// and waits for the acknowledgement. The error is that of send, ErrEnded once over, which
// has to be true before End is called, ErrTooManyAcks, or ctx's.
func (t *Table[S]) Await(ctx context.Context, s S, over *atomic.Bool, send func(id uint64) error) (socketio.Args, error) {
	if err := ctx.Err(); err != nil {
		return socketio.Args{}, err
	}
	w := &waiter{id: t.ids.Add(1) - 1, answer: make(chan socketio.Args, 1)}
	if !t.add(s, w) {
		return socketio.Args{}, socketio.ErrTooManyAcks
	}
	defer t.take(s, w.id)
	if over.Load() { // End may have come before w
		return socketio.Args{}, socketio.ErrEnded
	}
	if err := send(w.id); err != nil {
		return socketio.Args{}, err
	}
	select {
	case args, ok := <-w.answer:
		if !ok {
			return socketio.Args{}, socketio.ErrEnded
		}
		return args, nil
	case <-ctx.Done():
		return socketio.Args{}, ctx.Err()
	}
}

// Answer is for an acknowledgement that has come from s. list is valid JSON, a list, of
// which a copy is made if somebody waits; attachments are kept. What nobody waits for, or
// not any more, is ignored.
func (t *Table[S]) Answer(s S, id uint64, list json.RawMessage, attachments [][]byte) {
	w := t.take(s, id)
	if w == nil {
		return
	}
	args := socketio.Args{Attachments: attachments}
	_ = json.Unmarshal(list, &args.JSON) // copies, and fails for no valid list
	w.answer <- args
}

// End tells all who wait for s that it has ended.
func (t *Table[S]) End(s S) {
	if t.count.Load() == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for w := t.awaited[s]; w != nil; w = w.older {
		close(w.answer)
		t.count.Add(-1)
	}
	t.set(s, nil)
}

// add is false when too much is awaited of s.
func (t *Table[S]) add(s S, w *waiter) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	w.older = t.awaited[s]
	n := 0
	for o := w.older; o != nil; o = o.older {
		n++
	}
	if n >= socketio.MaxAwaited {
		return false
	}
	t.set(s, w)
	t.count.Add(1)
	return true
}

// take removes who waits for id. It is nil when nobody does.
func (t *Table[S]) take(s S, id uint64) *waiter {
	if t.count.Load() == 0 {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var newer *waiter
	for w := t.awaited[s]; w != nil; newer, w = w, w.older {
		if w.id != id {
			continue
		}
		if newer == nil {
			t.set(s, w.older)
		} else {
			newer.older = w.older
		}
		t.count.Add(-1)
		return w
	}
	return nil
}

// set makes w the newest of s. Maps don't shrink, so an empty one is let go. mu is held.
func (t *Table[S]) set(s S, w *waiter) {
	switch {
	case w != nil && t.awaited == nil:
		t.awaited = map[S]*waiter{s: w}
	case w != nil:
		t.awaited[s] = w
	default:
		delete(t.awaited, s)
		if len(t.awaited) == 0 {
			t.awaited = nil
		}
	}
}
