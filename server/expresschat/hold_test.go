package expresschat_test

import (
	"fmt"
	"sync"
	"testing"
)

// Whoever connects and fetches while others send sees every message exactly once: those
// of the page it got, and each later one live, in order. Whoever connects has in its list
// and live, together, as many unread as were said.
func TestSnapshotsAndLiveEventsMeetWithoutGapOrRepeat(t *testing.T) {
	h := newHouse(t)
	ana, ben, cem := h.person("Ana"), h.person("Ben"), h.person("Cem")
	a, b := h.connect(ana), h.connect(ben)
	a.first("group-chat-list")
	b.first("group-chat-list")
	made := a.emit("create-group-chat", map[string]any{"Name": "g", "Participants": []any{ben.id, cem.id}})()
	group := made["GroupId"]
	const each, readers = 150, 6

	var wg sync.WaitGroup
	for _, writer := range []*client{a, b} {
		wg.Go(func() {
			acks := []func() map[string]any{}
			for i := range each {
				acks = append(acks, writer.emit("send-group-message", map[string]any{"GroupId": group, "Content": fmt.Sprint(i)}))
			}
			for _, ack := range acks {
				if got := ack(); got["success"] != true {
					t.Errorf("refused: %v", got)
				}
			}
		})
	}
	fetching, listening := make([]*client, readers), make([]*client, readers)
	for i := range readers {
		wg.Go(func() {
			fetching[i], listening[i] = h.connect(cem), h.connect(cem)
			listening[i].first("group-chat-list")
			fetching[i].first("group-chat-list")
			for range 5 {
				fetching[i].emit("fetch-group-chat", map[string]any{"GroupId": group})()
			}
		})
	}
	wg.Wait()
	last := a.emit("send-group-message", map[string]any{"GroupId": group, "Content": "last"})()
	for i, c := range append(fetching, listening...) {
		c.await(func() bool {
			for _, e := range c.events {
				if e.name == "receive-group-message" && e.arg["Seq"] == last["Seq"] {
					return true
				}
			}
			return false
		})
		if i < readers {
			checkScreen(t, i, c.all(), last["Seq"].(float64))
		} else {
			checkUnread(t, c.all(), 2*each+1)
		}
	}
}

// checkUnread adds the live messages to what the list said.
func checkUnread(t *testing.T, events []event, want int) {
	t.Helper()
	got := 0
	for _, e := range events {
		switch e.name {
		case "group-chat-list":
			for _, item := range e.arg["GroupChatList"].([]any) {
				got += int(item.(map[string]any)["Unread"].(float64))
			}
		case "receive-group-message":
			got++
		}
	}
	if got != want {
		t.Errorf("%d unread, want %d", got, want)
	}
}

// checkScreen plays the events on a screen, as a page does: a fetched chat replaces what
// is there, a live message is put below it. No message may be there twice, out of order,
// or missing.
func checkScreen(t *testing.T, client int, events []event, last float64) {
	t.Helper()
	var screen []float64
	fetched := false
	for _, e := range events {
		switch e.name {
		case "group-chat":
			var page []float64
			for _, m := range e.arg["Messages"].([]any) {
				page = append(page, m.(map[string]any)["Seq"].(float64))
			}
			if len(screen) > 0 && (len(page) == 0 || page[0] < screen[len(screen)-1]) {
				t.Errorf("client %d: a page up to %v after %v was shown", client, page, screen[len(screen)-1])
			}
			screen = screen[:0]
			for i := range page {
				screen = append(screen, page[len(page)-1-i])
			}
			fetched = true
		case "receive-group-message":
			if fetched {
				screen = append(screen, e.arg["Seq"].(float64))
			}
		}
	}
	for i := 1; i < len(screen); i++ {
		if screen[i] != screen[i-1]+1 {
			t.Fatalf("client %d: %v stands after %v", client, screen[i], screen[i-1])
		}
	}
	if len(screen) == 0 || screen[len(screen)-1] != last {
		t.Errorf("client %d: the screen ends before %v", client, last)
	}
}
