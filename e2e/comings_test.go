package e2e

import (
	"fmt"
	"testing"
)

// Whoever is put out while others talk hears everything up to that moment and nothing
// after it.
func TestNothingIsHeardAfterBeingKickedOut(t *testing.T) {
	t.Parallel()
	w, ana, ben, cem, _ := crowd(t)
	id := w.group(ana[0], "Walks", "ben", "cem")
	const n = 60
	talk := startTalking(cem, id, 0, n)
	kick := ana[0].start("kickout", obj{"GroupId": id, "Member": ben[0].user.id})
	talk = append(talk, startTalking(cem, id, n, 2*n)...)
	granted(t, append(talk, kick)...)
	w.settle()
	for _, c := range ben {
		heard, out := 0, false
		for _, e := range c.events() {
			switch payload, _ := e.payload.(obj); {
			case e.event == "kicked-out":
				out = true
			case e.event != "receive-group-message":
			case out:
				t.Errorf("%s heard %s after being kicked out", c, e)
			case payload["Content"] != fmt.Sprint("word ", heard):
				t.Errorf("%s heard %s where word %d was due", c, e, heard)
			default:
				heard++
			}
		}
		if !out {
			t.Errorf("%s was never told of being kicked out", c)
		}
	}
	for _, c := range ana {
		if heard := countOf(c, "receive-group-message"); heard != 2*n {
			t.Errorf("%s, who stayed, heard %d of %d words", c, heard, 2*n)
		}
	}
}

// Whoever is added while others talk first hears of the group, and then every word
// from some moment on.
func TestEverythingIsHeardFromBeingAddedOn(t *testing.T) {
	t.Parallel()
	w, ana, _, cem, zoe := crowd(t)
	id := w.group(ana[0], "Walks", "ben", "cem")
	const n = 60
	talk := startTalking(cem, id, 0, n)
	add := ana[0].start("add-member", obj{"GroupId": id, "Member": zoe.user.id})
	talk = append(talk, startTalking(cem, id, n, 2*n)...)
	granted(t, append(talk, add)...)
	w.settle()
	due, in := -1, false
	for _, e := range zoe.events() {
		payload, _ := e.payload.(obj)
		content, _ := payload["Content"].(string)
		switch e.event {
		case "create-group-chat-receiver":
			in = true
		case "receive-group-message":
			if !in {
				t.Errorf("heard %s before the group was announced", e)
			}
			if due < 0 {
				_, _ = fmt.Sscanf(content, "word %d", &due)
			}
			if content != fmt.Sprint("word ", due) {
				t.Errorf("heard %s where word %d was due", e, due)
			}
			due++
		}
	}
	if !in || (due >= 0 && due != 2*n) {
		t.Errorf("announced: %v; heard up to word %d of %d", in, due, 2*n)
	}
	zoe.must("fetch-group-chat", obj{"GroupId": id})
	if got := len(contentsOf(t, zoe.await("group-chat"))); got != 2*n {
		t.Errorf("the history has %d of %d words", got, 2*n)
	}
}

func startTalking(c *tab, group string, from, to int) []pending {
	var acks []pending
	for i := from; i < to; i++ {
		acks = append(acks, c.start("send-group-message", obj{"GroupId": group, "Content": fmt.Sprint("word ", i)}))
	}
	return acks
}

// granted waits for answers that all have to say yes.
func granted(t testing.TB, acks ...pending) {
	t.Helper()
	for _, p := range acks {
		if a, err := p.answer(); err != nil || a["success"] != true {
			t.Fatalf("%s emits %s: %v %v", p.tab, p.event, a, err)
		}
	}
}

func countOf(c *tab, event string) int {
	n := 0
	for _, e := range c.events() {
		if e.event == event {
			n++
		}
	}
	return n
}
