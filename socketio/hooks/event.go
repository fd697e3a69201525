package hooks

import (
	"encoding/json"
	"sync"

	"expresschat/socketio"
)

// Event is one event that a client sent. Name and Arg may be slices of a buffer that
// the engine uses again.
type Event struct {
	Name  []byte
	Arg   json.RawMessage // the first argument, nil when there was none
	Acker socketio.Acker  // nil when the client wants no acknowledgement
	AckID uint64
}

// keepArg is the largest buffer, in bytes, that goes back to the pool with its entry.
// With it the small events that come to use such buffers, MaxPending of them, weigh no
// more than MaxPendingBytes.
const keepArg = MaxPendingBytes / MaxPending

// entry is what waits in an inbox: an event with its handler or, without a handler,
// the end of the socket, whose reason is then the name.
type entry struct {
	named
	arg   []byte
	acker socketio.Acker
	ackID uint64
	next  *entry
}

var entries = sync.Pool{New: func() any { return new(entry) }}

func newEntry(h named) *entry {
	e := entries.Get().(*entry)
	e.named = h
	return e
}

// fill takes over the rest of from, by copy.
func (e *entry) fill(from Event) {
	e.arg = append(e.arg[:0], from.Arg...)
	e.acker, e.ackID = from.Acker, from.AckID
}

// payload is what the handler is to decode.
func (e *entry) payload() json.RawMessage {
	if len(e.arg) == 0 {
		return nil
	}
	return e.arg
}

// free puts e, which nobody may use any more, back into the pool.
func (e *entry) free() {
	arg := e.arg[:0]
	if cap(arg) > keepArg {
		arg = nil
	}
	*e = entry{arg: arg}
	entries.Put(e)
}

// queue is a list of entries, first in, first out: a ring, of which it knows the last.
type queue struct{ last *entry }

func (q *queue) push(e *entry) {
	if q.last == nil {
		e.next = e
	} else {
		e.next, q.last.next = q.last.next, e
	}
	q.last = e
}

// pop returns nil when there is nothing.
func (q *queue) pop() *entry {
	if q.last == nil {
		return nil
	}
	e := q.last.next
	if e == q.last {
		q.last = nil
	} else {
		q.last.next = e.next
	}
	e.next = nil
	return e
}
