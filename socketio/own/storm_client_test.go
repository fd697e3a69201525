package own_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// reader is the client of a life.
type reader struct {
	*life
	upgrades *atomic.Int32
	change   int           // after how many packets a client that polls changes over: one at most
	tried    chan struct{} // closed when it has

	mu     sync.Mutex
	client *client
	left   bool
}

// leave ends the connection, whatever goes on.
func (r *reader) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = true
	r.client.reset()
}

// move has the reader go on with another connection.
func (r *reader) move(c *client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.client = c
	if r.left {
		c.reset()
	}
}

// run reads until the end, and changes over on its way.
func (r *reader) run() error {
	c := r.client
	defer func() { r.client.close() }()
	for n := 0; ; n++ {
		if n == r.change && c.polls {
			ws, brought, err := c.upgrade()
			for _, packet := range brought {
				if end, err := r.hear(packet); end || err != nil {
					return err
				}
			}
			if err == nil { // else it goes on polling
				r.move(ws)
				c = ws
				r.upgrades.Add(1)
			}
			close(r.tried)
		}
		packet, err := c.next()
		if err != nil {
			return err
		}
		if end, err := r.hear(packet); end || err != nil {
			return err
		}
	}
}

// hear notes what a packet says. end is true for the last one.
func (r *reader) hear(packet string) (end bool, err error) {
	if packet == "41" || packet == "1" || packet == "6" {
		return packet != "6", nil
	}
	text, ok := strings.CutPrefix(packet, `42["hit","`)
	by, n, dot := strings.Cut(strings.TrimSuffix(text, `"]`), ".")
	e := event{}
	e.by, _ = strconv.Atoi(by)
	if e.n, err = strconv.Atoi(n); err != nil || !ok || !dot {
		return true, fmt.Errorf("packet %q", packet)
	}
	r.got = append(r.got, e)
	return false, nil
}
