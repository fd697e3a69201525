package engineio

import (
	"sync"
	"syscall"
)

// queue holds the messages that wait for one client. Empty it owns no memory.
type queue struct {
	first, last *chunk
	bytes       int // that wait
	done        int // bytes of the first message that are written already
}

// chunk is a piece of a queue.
type chunk struct {
	next     *chunk
	from, to int
	messages [12]Message
}

var chunks = sync.Pool{New: func() any { return new(chunk) }}

func (q *queue) empty() bool { return q.first == nil }

func (q *queue) push(m Message) {
	if q.last == nil || q.last.to == len(q.last.messages) {
		c := chunks.Get().(*chunk)
		if q.last == nil {
			q.first = c
		} else {
			q.last.next = c
		}
		q.last = c
	}
	q.last.messages[q.last.to] = m
	q.last.to++
	q.bytes += len(m.frame)
}

// pop removes the first message.
func (q *queue) pop() (m Message) {
	c := q.first
	m = c.messages[c.from]
	c.messages[c.from] = Message{}
	c.from++
	q.bytes -= len(m.frame) - q.done
	q.done = 0
	if c.from == c.to {
		q.first = c.next
		if q.first == nil {
			q.last = nil
		}
		*c = chunk{}
		chunks.Put(c)
	}
	return m
}

// size is how many bytes the first n messages have.
func (q *queue) size(n int) (bytes int) {
	for c := q.first; c != nil; c = c.next {
		for i := c.from; i < c.to && n > 0; i++ {
			bytes += len(c.messages[i].frame)
			n--
		}
	}
	return bytes
}

// clear forgets all messages.
func (q *queue) clear() {
	for !q.empty() {
		m := q.pop()
		m.Release()
	}
}

// cut forgets all messages but one that is written in part.
func (q *queue) cut() {
	if q.done == 0 {
		q.clear()
		return
	}
	done := q.done
	m := q.pop()
	q.clear()
	q.push(m)
	q.done, q.bytes = done, q.bytes-done
}

// gather lists what waits for a vectored write, as far as there is space in vec.
func (q *queue) gather(vec []syscall.Iovec) int {
	n, skip := 0, q.done
	for c := q.first; c != nil; c = c.next {
		for i := c.from; i < c.to; i++ {
			if n == len(vec) {
				return n
			}
			b := c.messages[i].frame[skip:]
			skip = 0
			vec[n].Base = &b[0]
			vec[n].SetLen(len(b))
			n++
		}
	}
	return n
}

// written removes n bytes from the front.
func (q *queue) written(n int) {
	for n > 0 {
		left := len(q.first.messages[q.first.from].frame) - q.done
		if n < left {
			q.done += n
			q.bytes -= n
			return
		}
		n -= left
		m := q.pop()
		m.Release()
	}
}
