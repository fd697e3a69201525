package expresschat_test

import (
	"fmt"
	"testing"
)

// A fetch that is refused, because the chat is of another kind, keeps live events of that
// very chat waiting meanwhile. None is lost.
func TestAFetchOfAnotherKindLosesNoEvent(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("Ana"), w.person("Ben")
	a, b := w.enter("Ana", ana), w.enter("Ben", ben)
	group := w.done(a.emit("create-group-chat", map[string]any{"Name": "g", "Participants": []any{ben.id}}))["GroupId"]
	const sent = 100
	var acks []func() map[string]any
	for i := range sent {
		acks = append(acks, a.emit("send-group-message", map[string]any{"GroupId": group, "Content": fmt.Sprint(i)}))
		b.emit("fetch-personal-chat", map[string]any{"ChatId": group})
	}
	for _, ack := range acks {
		w.done(ack)
	}
	w.settle()
	if got := count(b.all(), "receive-group-message"); got != sent {
		t.Errorf("%d messages arrived, want %d", got, sent)
	}
}

// Somebody can be removed while they fetch: the fetch is refused, but they are told of it
// all the same.
func TestSomeoneWhoFetchesHearsThatTheyAreKickedOut(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("Ana"), w.person("Ben")
	a, b := w.enter("Ana", ana), w.enter("Ben", ben)
	group := w.done(a.emit("create-group-chat", map[string]any{"Name": "g"}))["GroupId"]
	const times = 100
	for range times {
		b.emit("fetch-group-chat", map[string]any{"GroupId": group})
		w.done(a.emit("add-member", map[string]any{"GroupId": group, "Member": ben.id}))
		for range 3 {
			b.emit("fetch-group-chat", map[string]any{"GroupId": group})
		}
		w.done(a.emit("kickout", map[string]any{"GroupId": group, "Member": ben.id}))
	}
	w.settle()
	for _, name := range []string{"create-group-chat-receiver", "new-grp-added", "kicked-out"} {
		if got := count(b.all(), name); got != times {
			t.Errorf("told %d times of %s, want %d", got, name, times)
		}
	}
}

func count(events []event, name string) (n int) {
	for _, e := range events {
		if e.name == name {
			n++
		}
	}
	return n
}
