package sockets

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// ErrHTTP means that an answer to a request is none that a server of ours gives: one with
// a length.
var ErrHTTP = errors.New("sockets: no answer with a length")

var headEnd = []byte("\r\n\r\n")

// DialHTTP connects for requests of HTTP/1.1, which Send writes as they are. on is called
// for each answer, head and body; its bytes are valid until it returns.
func (l *Loop) DialHTTP(addr string, on func(answer []byte) error) (*Socket, error) {
	return l.dial(addr, nil, nextAnswer, on)
}

// nextAnswer takes the first answer of what a server sent. size is 0 while it is not all
// there.
func nextAnswer(in []byte) (answer []byte, size int, err error) {
	head, _, whole := bytes.Cut(in, headEnd)
	if !whole && len(in) < maxHead {
		return nil, 0, nil
	}
	length, ok := contentLength(head)
	if !whole || !ok {
		return nil, 0, fmt.Errorf("%w: %.100q", ErrHTTP, in)
	}
	size = len(head) + len(headEnd) + length
	if len(in) < size {
		return nil, 0, nil
	}
	return in[:size], size, nil
}

func contentLength(head []byte) (n int, ok bool) {
	for line := range bytes.Lines(head) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(name, []byte("Content-Length")) {
			n, err := strconv.Atoi(string(bytes.TrimSpace(value)))
			return n, err == nil && n >= 0
		}
	}
	return 0, false
}
