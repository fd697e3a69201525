package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// judge asks a fresh server for everything, and compares it with what writers were told
// and with what readers have seen.
func (o *oracle) judge(t *testing.T) {
	t.Helper()
	if err := o.s.stop(); err != nil {
		t.Error(err)
	}
	if err := o.s.restart(); err != nil {
		t.Fatal(err)
	}
	stored := map[string][]pageMessage{} // by chat, as its first member sees it
	for _, u := range o.users {
		w := newWitness(t, o.s, u)
		for _, c := range o.chats {
			if !c.has(u) {
				continue
			}
			all := w.everything(t, c)
			if _, ok := stored[c.id]; !ok {
				stored[c.id] = all
			}
			if !slices.EqualFunc(all, stored[c.id], func(a, b pageMessage) bool { return a.message == b.message }) {
				t.Errorf("chat %s is another one for %s", c.id, u.name)
			}
			w.countsUnread(t, c, all)
		}
	}
	o.nothingLostOrInvented(t, stored)
	for _, v := range o.views {
		for id, seen := range v.chats {
			v.sawAll(t, seen, stored[id])
		}
	}
	o.judgeApps(t, stored)
	total := 0
	for _, all := range stored {
		total += len(all)
	}
	t.Logf("%d messages are stored, %d were acked", total, o.acks)
}

// nothingLostOrInvented compares what is stored with what was said.
func (o *oracle) nothingLostOrInvented(t *testing.T, stored map[string][]pageMessage) {
	t.Helper()
	times := map[string]int{}
	for id, all := range stored {
		for _, m := range all {
			times[m.Content]++
			d := o.drafts[m.Content]
			if d == nil || d.chat.id != id || d.by.id != m.SenderID {
				t.Errorf("chat %s has %q by %s, which nobody said there", id, m.Content, m.SenderID)
				continue
			}
			if d.ack != nil && (d.ack.ID != m.ID || d.ack.Seq != m.Seq || d.ack.Timestamp != m.Timestamp) {
				t.Errorf("%q was acked as %+v and is stored as %+v", m.Content, *d.ack, m.message)
			}
		}
	}
	for content, d := range o.drafts {
		if n := times[content]; n > 1 || (n == 0 && d.promised()) {
			t.Errorf("%q is stored %d times, acked: %v", content, n, d.promised())
		}
		if !d.promised() && !d.dropped {
			t.Errorf("%q was never acked, and its writer had not given up", content)
		}
	}
}

// sawAll checks that a reader has exactly what is stored.
func (v *view) sawAll(t *testing.T, c *seen, all []pageMessage) {
	t.Helper()
	for _, m := range all {
		if got, ok := c.all[m.Seq]; !ok || got != m.message {
			t.Errorf("%s knows %+v at seq %d of chat %s, stored is %+v", v.who.name, got, m.Seq, c.chat.id, m.message)
		}
	}
	if len(c.all) != len(all) {
		t.Errorf("%s has seen %d messages of chat %s, stored are %d", v.who.name, len(c.all), c.chat.id, len(all))
	}
}

// witness is somebody who asks for everything when all is over.
type witness struct {
	who    *user
	line   *line
	pages  chan page
	unread map[string]int // by chat, of the lists
}

func newWitness(t *testing.T, s *server, u *user) *witness {
	t.Helper()
	w := &witness{who: u, pages: make(chan page, 1), unread: map[string]int{}}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var err error
	if w.line, err = redial(ctx, s, u, w.hear); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.line.cut)
	return w
}

func (w *witness) hear(event string, arg json.RawMessage) {
	type item struct {
		ChatID string `json:"ChatId"`
		Unread int
	}
	var lists struct{ PersonalChatList, GroupChatList []item }
	var p page
	switch event {
	case "personal-chat-list", "group-chat-list":
		_ = json.Unmarshal(arg, &lists)
		for _, i := range append(lists.PersonalChatList, lists.GroupChatList...) {
			w.unread[i.ChatID] = i.Unread
		}
	case "personal-chat", "group-chat":
		_ = json.Unmarshal(arg, &p)
		w.pages <- p
	}
}

// pageOfLarge is how many messages fit into one page, however large they are.
const pageOfLarge = 30

// everything is a chat from its first message to its last. Both ways through it have to
// lead past the same messages, without a gap.
func (w *witness) everything(t *testing.T, c *talk) []pageMessage {
	t.Helper()
	var forward, backward []pageMessage
	for a, more := (ask{forward: true, limit: pageOfLarge}), true; more; {
		p := w.fetch(t, c, a, obj{"ChatId": c.id, "After": a.after, "Limit": a.limit})
		slices.Reverse(p.Messages)
		forward = append(forward, p.Messages...)
		if more = p.HasMore; more {
			a.after = forward[len(forward)-1].Seq
		}
	}
	a := ask{limit: pageOfLarge}
	p := w.fetch(t, c, a, obj{"ChatId": c.id, "Limit": a.limit})
	backward = p.Messages
	for p.HasMore {
		a.before = backward[len(backward)-1].Seq
		p = w.fetch(t, c, a, obj{"ChatId": c.id, "Before": a.before, "Limit": a.limit})
		backward = append(backward, p.Messages...)
	}
	slices.Reverse(backward)
	if !slices.EqualFunc(forward, backward, func(a, b pageMessage) bool { return a.message == b.message }) {
		t.Errorf("chat %s of %s has %d messages forwards and %d backwards", c.id, w.who.name, len(forward), len(backward))
	}
	return forward
}

func (w *witness) fetch(t *testing.T, c *talk, a ask, payload obj) page {
	t.Helper()
	r := w.line.must(t, "fetch-"+c.kind+"-chat", payload)
	p := <-w.pages
	if err := a.check(p, c.first); err != nil || r.HasMore != p.HasMore {
		t.Fatalf("%s fetches %v: %v, ack %+v", w.who.name, payload, err, r)
	}
	return p
}

// countsUnread compares the number in the list with the messages that pages call unread,
// and sees that reading makes it nothing.
func (w *witness) countsUnread(t *testing.T, c *talk, all []pageMessage) {
	t.Helper()
	unread := 0
	for _, m := range all {
		if m.ReadStatus[w.who.id] != "Read" {
			unread++
		}
	}
	if w.unread[c.id] != unread {
		t.Errorf("%s has %d unread in chat %s, the pages say %d", w.who.name, w.unread[c.id], c.id, unread)
	}
	said := fmt.Sprintf("read-%s-message", c.kind)
	if r := w.line.must(t, said, obj{"ChatId": c.id}); r.Unread != 0 || (len(all) > 0 && r.Seq != all[len(all)-1].Seq) {
		t.Errorf("%s has read all of chat %s: %+v", w.who.name, c.id, r)
	}
}
