package e2e

import (
	"fmt"
	"maps"
	"slices"
	"testing"
)

// Two people with two tabs each talk at once. Every tab has to see every message
// once, in the one order that the chat has.
func TestTwoPeopleTalkAtOnce(t *testing.T) {
	t.Parallel()
	const each = 75 // messages from each tab
	for _, kind := range []string{"personal", "group"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "ana ana ben ben")
			ana, ben := w.of("ana"), w.of("ben")
			chat := ""
			if kind == "personal" {
				chat = w.personalChat(ana[0], "ben")
			} else {
				chat = w.group(ana[0], "Walks", "ben")
			}
			said := everybodyTalks(w, "send-"+kind+"-message", chat, each)
			w.settle()
			for _, c := range w.tabs {
				sawAll(t, c, "receive-"+kind+"-message", said)
			}

			listEvent, listKey := "personal-chat-list", "PersonalChatList"
			if kind == "group" {
				listEvent, listKey = "group-chat-list", "GroupChatList"
			}
			unread := func(name string, n int) {
				t.Helper()
				check(t, name+"'s list", entryOf(w.open(name), listEvent, listKey, chat), obj{"Unread": n})
			}
			unread("ana", 2*each)
			unread("ben", 2*each)
			ben[0].must("read-"+kind+"-message", obj{"ChatId": chat})
			unread("ana", 2*each)
			unread("ben", 0)
			sameHistory(t, ana[0], "fetch-"+kind+"-chat", kind+"-chat", chat, said)
		})
	}
}

// everybodyTalks lets every tab send at once, and returns what was acked: content by
// seq.
func everybodyTalks(w *world, event, chat string, each int) map[float64]string {
	w.t.Helper()
	type sent struct {
		ack     pending
		content string
	}
	var all []sent
	for i := range each {
		for _, c := range w.tabs {
			content := fmt.Sprintf("%s says %d", c.label, i)
			all = append(all, sent{c.start(event, obj{"ChatId": chat, "Content": content}), content})
		}
	}
	said := map[float64]string{}
	for _, s := range all {
		a, err := s.ack.answer()
		if err != nil || a["success"] != true {
			w.t.Fatalf("%q: %v %v", s.content, a, err)
		}
		seq, _ := a["Seq"].(float64)
		if other, taken := said[seq]; taken {
			w.t.Errorf("%q and %q have the seq %v", other, s.content, seq)
		}
		said[seq] = s.content
	}
	return said
}

// sawAll checks that a tab heard all that it did not say itself, once, in order, and
// that what it said itself is in the order in which it said it.
func sawAll(t testing.TB, c *tab, receive string, said map[float64]string) {
	t.Helper()
	heard := map[float64]string{}
	last := 0.0
	for _, e := range c.events() {
		if e.event != receive && e.event != "own-message" {
			continue
		}
		payload, _ := e.payload.(obj)
		seq, _ := payload["Seq"].(float64)
		content, _ := payload["Content"].(string)
		if seq <= last {
			t.Errorf("%s heard %q with seq %v after seq %v", c, content, seq, last)
		}
		last = max(last, seq)
		heard[seq] = content
	}
	mine := 0
	for _, seq := range slices.Sorted(maps.Keys(said)) {
		content := said[seq]
		if own := fmt.Sprintf("%s says %d", c.label, mine); content == own {
			mine++
			if _, ok := heard[seq]; ok {
				t.Errorf("%s heard what it said itself: %q", c, content)
			}
			continue
		}
		if heard[seq] != content {
			t.Errorf("%s heard %q at seq %v, want %q", c, heard[seq], seq, content)
		}
		delete(heard, seq)
	}
	if mine == 0 || len(heard) > 0 {
		t.Errorf("%s: %d of its own in order, and %d that nobody said: %v", c, mine, len(heard), heard)
	}
}

// sameHistory checks that the newest page says what was acked, newest first.
func sameHistory(t testing.TB, c *tab, fetch, answer, chat string, said map[float64]string) {
	t.Helper()
	c.must(fetch, obj{"ChatId": chat})
	contents := contentsOf(t, c.await(answer))
	seqs := slices.Sorted(maps.Keys(said))
	slices.Reverse(seqs)
	for i, content := range contents {
		if said[seqs[i]] != content {
			t.Fatalf("place %d of the page is %q, want %q", i, content, said[seqs[i]])
		}
	}
	if len(contents) != min(200, len(said)) {
		t.Errorf("the page has %d messages", len(contents))
	}
}
