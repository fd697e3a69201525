package e2e

import (
	"fmt"
	"slices"
)

// page is the answer to a fetch.
type page struct {
	ChatID   string `json:"ChatId"`
	Seq      int64
	HasMore  bool
	Messages []pageMessage
}

type pageMessage struct {
	message
	ReadStatus map[string]string
}

// takeLive takes a message in that was heard. On one line a chat's messages come one by
// one from where its list item, or a page, ended.
func (c *seen) takeLive(m message) error {
	if m.Seq != c.shown+1 {
		return fmt.Errorf("heard %d after %d in chat %s", m.Seq, c.shown, c.chat.id)
	}
	c.shown = m.Seq
	if !c.catching {
		c.caught = m.Seq
	}
	return c.keep(m)
}

// takePage takes a page in, and checks that it is the one that was asked for.
func (c *seen) takePage(p page) error {
	if err := c.asked.check(p, c.chat.first); err != nil {
		return fmt.Errorf("asked %+v of chat %s: %w", c.asked, c.chat.id, err)
	}
	for _, m := range p.Messages {
		if err := c.keep(m.message); err != nil {
			return err
		}
	}
	if c.asked.before > 0 {
		return nil
	}
	covered := p.Seq
	if c.asked.forward && p.HasMore {
		covered = p.Messages[0].Seq
	} else if p.Seq < c.shown {
		return fmt.Errorf("a page up to %d when %d was shown in chat %s", p.Seq, c.shown, c.chat.id)
	}
	c.shown = max(c.shown, covered)
	switch n := len(p.Messages); {
	case c.asked.forward && c.catching:
		c.caught = max(c.caught, covered)
		c.catching = p.HasMore
	case !c.asked.forward && p.HasMore && p.Messages[n-1].Seq > c.caught+1:
		// The newest are no answer to what was between: that did not come live any more.
		c.catching = true
	case !c.catching:
		c.caught = max(c.caught, c.shown)
	}
	return nil
}

// keep notes a message. Whoever has seen it before has seen the same.
func (c *seen) keep(m message) error {
	m.ChatID = ""
	if before, ok := c.all[m.Seq]; ok && before != m {
		return fmt.Errorf("seq %d of chat %s was %+v and is %+v", m.Seq, c.chat.id, before, m)
	}
	c.all[m.Seq] = m
	return nil
}

// check tells where a page is not the answer to the question. The chats of the oracle
// have no entries but their messages from first on, so pages have no gaps.
func (a ask) check(p page, first int64) error {
	low, high := first, p.Seq
	switch {
	case a.forward:
		low = max(a.after+1, first)
		high = min(low+int64(a.limit)-1, p.Seq)
	default:
		if a.before > 0 {
			high = min(a.before-1, p.Seq)
		}
		low = max(high-int64(a.limit)+1, first)
	}
	var want, got []int64
	for seq := high; seq >= low; seq-- {
		want = append(want, seq)
	}
	for _, m := range p.Messages {
		got = append(got, m.Seq)
	}
	more := low > first && len(want) > 0
	if a.forward {
		more = high < p.Seq && len(want) > 0
	}
	if !slices.Equal(got, want) || p.HasMore != more {
		return fmt.Errorf("the page up to %d has %v, more is %v; want %v, more is %v", p.Seq, got, p.HasMore, want, more)
	}
	return nil
}
