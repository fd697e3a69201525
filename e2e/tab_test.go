package e2e

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"
)

// tab is one socket of a user, with everything that it saw, in order.
type tab struct {
	w     *world
	user  *user
	label string // as in ana[0]
	style style
	conn  *conn

	mu      sync.Mutex // guards what follows
	log     []signal
	changed chan struct{} // closed and replaced when the log grows
	acks    int           // handed out so far
	mark    int           // up to where expect has looked
	closed  bool
}

// saw is the sink of the socket.
func (c *tab) saw(s signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log = append(c.log, s)
	close(c.changed)
	c.changed = make(chan struct{})
}

// find waits until pick finds what it looks for in the log, and returns that signal.
// It gives up when the time is over or when the socket is gone for good.
func (c *tab) find(what string, pick func(log []signal) int) (signal, error) {
	return c.findWithin(patience, what, pick)
}

func (c *tab) findWithin(most time.Duration, what string, pick func(log []signal) int) (signal, error) {
	limit := time.NewTimer(most)
	defer limit.Stop()
	for {
		c.mu.Lock()
		log, changed := c.log, c.changed
		c.mu.Unlock()
		if i := pick(log); i >= 0 {
			return log[i], nil
		}
		if n := len(log); n > 0 && (log[n-1].Kind == sawBridgeEnd || isForGood(log[n-1])) {
			return signal{}, fmt.Errorf("%s waited for %s, but is gone: %s", c, what, tail(log))
		}
		select {
		case <-changed:
		case <-limit.C:
			return signal{}, fmt.Errorf("%s waited %v for %s; it saw %s", c, most, what, tail(log))
		}
	}
}

// isForGood is whether a client stays away after s.
func isForGood(s signal) bool {
	return s.Kind == sawDisconnect && s.Text == "io server disconnect"
}

func (c *tab) String() string { return fmt.Sprintf("%s (%s)", c.label, c.style) }

// tail shows the end of a log.
func tail(log []signal) string {
	const shown = 2000
	body, err := json.Marshal(log[max(0, len(log)-8):])
	if err != nil {
		return err.Error()
	}
	text := withoutTokens(string(body))
	return fmt.Sprintf("%d signals, the last ones ...%s", len(log), text[max(0, len(text)-shown):])
}

// t is the test that is running right now.
func (c *tab) t() testing.TB { return c.w.t }

// pending is an answer that is still to come.
type pending struct {
	tab   *tab
	event string
	ack   int
}

// start emits with an ack callback and does not wait for the answer.
func (c *tab) start(event string, args ...any) pending {
	c.t().Helper()
	c.mu.Lock()
	c.acks++
	p := pending{tab: c, event: event, ack: c.acks}
	c.mu.Unlock()
	if err := c.conn.emit(event, &p.ack, args...); err != nil {
		c.t().Fatalf("%s emits %s: %v", c, event, err)
	}
	return p
}

// answer waits for the answer, which has to be one object.
func (p pending) answer() (obj, error) {
	s, err := p.tab.find("the ack of "+p.event, func(log []signal) int {
		for i, s := range log {
			if s.Kind == sawAck && s.Ack == p.ack {
				return i
			}
		}
		return -1
	})
	if err != nil {
		return nil, err
	}
	return onePayload(s)
}

// onePayload is the only argument of an event or an ack.
func onePayload(s signal) (obj, error) {
	if len(s.Args) != 1 {
		return nil, fmt.Errorf("%s %s: want one argument, got %d", s.Kind, s.Event, len(s.Args))
	}
	var payload obj
	if err := json.Unmarshal(s.Args[0], &payload); err != nil || payload == nil {
		return nil, fmt.Errorf("%s %s: want an object, got %s", s.Kind, s.Event, s.Args[0])
	}
	return payload, nil
}

// ask emits with an ack callback and returns the answer.
func (c *tab) ask(event string, args ...any) obj {
	c.t().Helper()
	a, err := c.start(event, args...).answer()
	if err != nil {
		c.t().Fatal(err)
	}
	return a
}

// must asks for what has to be granted.
func (c *tab) must(event string, args ...any) obj {
	c.t().Helper()
	a := c.ask(event, args...)
	if a["success"] != true {
		c.t().Fatalf("%s emits %s %v: the ack says %v", c, event, args, a)
	}
	return a
}

// refused asks for what has to be refused, and returns the refusal.
func (c *tab) refused(event string, args ...any) obj {
	c.t().Helper()
	a := c.ask(event, args...)
	if why := mismatch("", obj{"success": false, "code": someText, "message": someText}, a); why != "" {
		c.t().Errorf("%s emits %s %v: the ack is no refusal: %s: %v", c, event, args, why, a)
	}
	return a
}

// tell emits without a callback, as existing clients do.
func (c *tab) tell(event string, args ...any) {
	c.t().Helper()
	if err := c.conn.emit(event, nil, args...); err != nil {
		c.t().Fatalf("%s emits %s: %v", c, event, err)
	}
}

// await returns the first event of a name since the last look, and leaves it there.
func (c *tab) await(event string) obj {
	c.t().Helper()
	payload, err := onePayload(c.awaitSignal(event))
	if err != nil {
		c.t().Fatalf("%s: %v", c, err)
	}
	return payload
}

// awaitSignal is await for the raw text of an event.
func (c *tab) awaitSignal(event string) signal {
	c.t().Helper()
	c.mu.Lock()
	mark := c.mark
	c.mu.Unlock()
	s, err := c.find(event, func(log []signal) int {
		return indexFrom(log, mark, func(s signal) bool { return s.Kind == sawEvent && s.Event == event })
	})
	if err != nil {
		c.t().Fatal(err)
	}
	return s
}

// awaitKind returns the first signal of a kind since the last look.
func (c *tab) awaitKind(kind string) signal {
	c.t().Helper()
	c.mu.Lock()
	mark := c.mark
	c.mu.Unlock()
	s, err := c.find(kind, func(log []signal) int {
		return indexFrom(log, mark, func(s signal) bool { return s.Kind == kind })
	})
	if err != nil {
		c.t().Fatal(err)
	}
	return s
}

// forget makes everything so far old news.
func (c *tab) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mark = len(c.log)
}

// seen is the log so far.
func (c *tab) seen() []signal {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.log
}

// events are those in the log so far, with their payloads.
func (c *tab) events() []received {
	var out []received
	for _, s := range c.seen() {
		if s.Kind == sawEvent {
			out = append(out, receivedOf(s))
		}
	}
	return out
}

// close closes the socket; it takes no part in what follows.
func (c *tab) close() {
	c.mu.Lock()
	closed := c.closed
	c.closed = true
	c.mu.Unlock()
	if !closed {
		_ = c.conn.close()
	}
}

func indexFrom(log []signal, from int, ok func(signal) bool) int {
	for i := from; i < len(log); i++ {
		if ok(log[i]) {
			return i
		}
	}
	return -1
}
