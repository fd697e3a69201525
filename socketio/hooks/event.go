package hooks

import (
	"encoding/json"
	"sync"
	"sync/atomic"

	"expresschat/socketio"
)

// Event is one event that a client sent. Name, Arg and List may be slices of a buffer
// that the engine uses again.
type Event struct {
	Name  []byte
	Arg   json.RawMessage // the first argument, nil when there was none
	Acker socketio.Acker  // nil when the client wants no acknowledgement
	AckID uint64

	// For handlers that want all of it.
	List        json.RawMessage // valid JSON: the name and all arguments
	Attachments [][]byte        // the handler's to keep
}

// keepArg is the largest buffer, in bytes, that goes back to the pool with its entry.
// With it the small events that come to use such buffers, MaxPending of them, weigh no
// more than MaxPendingBytes.
const keepArg = MaxPendingBytes / MaxPending

// entry is what waits in an inbox: an event with its handler or, without a handler,
// the end of the socket, whose reason is then the name.
type entry struct {
	*named
	arg   []byte // or the list, for handlers that want all
	acker socketio.Acker
	ackID uint64
	next  *entry

	attachments [][]byte

	inbox *Inbox // of an event whose outcome comes later
	// turn counts the uses of this entry, so that a reply to an earlier one is known.
	turn atomic.Uint64
}

var entries = sync.Pool{New: func() any { return new(entry) }}

func newEntry(h *named) *entry {
	e := entries.Get().(*entry)
	e.named = h
	return e
}

// fill takes over the rest of from, by copy.
func (e *entry) fill(from Event) {
	e.acker, e.ackID = from.Acker, from.AckID
	if e.all == nil {
		e.arg = append(e.arg[:0], from.Arg...)
		return
	}
	e.arg = append(e.arg[:0], from.List...)
	e.attachments = from.Attachments
}

// size is how many bytes wait with e.
func (e *entry) size() int {
	if e.attachments == nil {
		return len(e.arg)
	}
	return len(e.arg) + total(e.attachments)
}

func total(attachments [][]byte) (n int) {
	for _, a := range attachments {
		n += len(a)
	}
	return n
}

// payload is what the handler is to decode.
func (e *entry) payload() json.RawMessage {
	if len(e.arg) == 0 {
		return nil
	}
	return e.arg
}

// args is what a handler gets that wants all.
func (e *entry) args() socketio.Args {
	var list []json.RawMessage
	_ = json.Unmarshal(e.arg, &list) // copies, and fails for no valid list
	if len(list) > 0 {
		list = list[1:]
	}
	return socketio.Args{JSON: list, Attachments: e.attachments}
}

// Reply implements socketio.Replier.
func (e *entry) Reply(turn uint64, result any, err error) {
	if e.turn.CompareAndSwap(turn, turn+1) {
		e.inbox.settle(e, result, err)
	}
}

// free puts e, which nobody may use any more, back into the pool.
func (e *entry) free() {
	e.arg = e.arg[:0]
	if cap(e.arg) > keepArg {
		e.arg = nil
	}
	e.named, e.acker, e.ackID, e.next, e.attachments, e.inbox = nil, nil, 0, nil, nil, nil
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

// first is what pop would return.
func (q *queue) first() *entry {
	if q.last == nil {
		return nil
	}
	return q.last.next
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
