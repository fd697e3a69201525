package e2e

import (
	"fmt"
	"slices"
	"strings"
)

// want is what every tab of a world is expected to have received since the last look.
// A tab that is not in it is expected to have received nothing at all.
type want map[*tab][]received

// expect waits until everything is out that the server had to send, and compares all
// of it with what is wanted. Where one tab receives several events, their order is
// not looked at.
func (w *world) expect(what want) {
	w.t.Helper()
	for c := range what {
		if c.closed || !slices.Contains(w.tabs, c) {
			w.t.Fatalf("%s takes no part, and can't be expected to receive anything", c)
		}
	}
	ends := w.settle()
	for _, c := range w.tabs {
		if c.closed {
			continue
		}
		delta := c.take(ends[c])
		if why := difference(what[c], delta); why != "" {
			w.t.Errorf("%s: %s", c, why)
		}
	}
}

// settle is a barrier without a clock. The caller's action was acked, so it is
// committed and handed on for delivery. A new connection gets its lists only after all
// deliveries handed on before it are written, so somebody connects who is nobody's
// friend. Frames on one socket are in order, so the answer to a question that every
// tab then asks comes after all that was written to it before.
//
// It returns how far the log of each tab went, with the answer itself left out.
func (w *world) settle() map[*tab]barrier {
	w.t.Helper()
	w.observe()
	asked := map[*tab]pending{}
	before := map[*tab]int{}
	for _, c := range w.tabs {
		if !c.closed {
			before[c] = len(c.seen())
			asked[c] = c.start("fetch-user-details", obj{})
		}
	}
	ends := map[*tab]barrier{}
	for c, p := range asked {
		if a, err := p.answer(); err != nil || a["success"] != true {
			w.t.Fatalf("%s asks for its details: %v %v", c, a, err)
		}
		// The event may come before or after the ack; both have to be there.
		_, err := c.find("user-details", func(log []signal) int {
			return indexFrom(log, before[c], isDetails)
		})
		if err != nil {
			w.t.Fatal(err)
		}
		log := c.seen()
		last := len(log) - 1
		for !isDetails(log[last]) {
			last--
		}
		ends[c] = barrier{details: last, end: len(log)}
	}
	return ends
}

// barrier is where a settled log ends, and where in it the barrier's own event is.
type barrier struct{ details, end int }

func isDetails(s signal) bool { return s.Kind == sawEvent && s.Event == "user-details" }

// observe connects a throw-away socket and waits for its lists.
func (w *world) observe() {
	w.t.Helper()
	u, err := w.s.observer()
	if err != nil {
		w.t.Fatalf("the observer can't sign up: %v", err)
	}
	how := style{nodeNewest, websocketOnly, inCookies}
	c := w.dial("observer", u, how, how.options(u.access, u.refresh))
	c.await("group-chat-list")
	c.close()
}

// take returns what is new in the log up to a barrier, without acks, without the
// barrier's own event, and without who comes and goes: that is told by nobody's action,
// and a moment later. Tests of it await it.
func (c *tab) take(b barrier) []received {
	c.mu.Lock()
	defer c.mu.Unlock()
	var delta []received
	for i := c.mark; i < b.end; i++ {
		s := c.log[i]
		ofPresence := s.Event == "presence" || s.Event == "presence-changed"
		if s.Kind != sawAck && s.Kind != sawUpgrade && i != b.details && !ofPresence {
			delta = append(delta, receivedOf(s))
		}
	}
	c.mark = b.end
	return delta
}

// difference tells how what was received differs from what is wanted, as sets in
// which things may repeat.
func difference(wanted, delta []received) string {
	left := append([]received(nil), delta...)
	var missing []string
	for _, r := range wanted {
		i, why := bestMatch(r, left)
		if i < 0 {
			missing = append(missing, fmt.Sprintf("\n  did not receive %s%s", r, why))
			continue
		}
		left = append(left[:i], left[i+1:]...)
	}
	for _, r := range left {
		missing = append(missing, fmt.Sprintf("\n  received but should not have %s", r))
	}
	return strings.Join(missing, "")
}

// bestMatch finds what is wanted among what is left; else it says what is wrong with
// an event of the same name.
func bestMatch(wanted received, left []received) (index int, why string) {
	for i, r := range left {
		if r.event != wanted.event {
			continue
		}
		off := mismatch("", wanted.payload, r.payload)
		if off == "" {
			return i, ""
		}
		why = " (" + off + ")"
	}
	return -1, why
}
