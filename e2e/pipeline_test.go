package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
)

// One socket may send as fast as it can write. A fetch that is right behind a thousand
// sends has all of them, and a receiver who is there hears all of them, in order.
func TestAThousandSendsWithoutWaiting(t *testing.T) {
	t.Parallel()
	const n = 1000
	s := shared.server
	ana, ben := newUser(t, s, "Ana"), newUser(t, s, "Ben")
	heard := &messageLog{changed: make(chan struct{}, 1)}
	receiver := newLine(t, s, ben, heard.hear)
	pages := &messageLog{changed: make(chan struct{}, 1)}
	sender := newLine(t, s, ana, pages.hear)
	chat := sender.must(t, "create-personal-chat", obj{"Receiver": receiver.userID}).ChatID

	acks := make(chan reply, n)
	for i := range n {
		sender.emit("send-personal-message", obj{"ChatId": chat, "Content": fmt.Sprint(i), "ClientId": fmt.Sprint(i)},
			func(r reply) { acks <- r })
	}
	newest := sender.must(t, "fetch-personal-chat", obj{"ChatId": chat})
	if len(acks) != n {
		t.Fatalf("%d acks have come before the page, want all %d", len(acks), n)
	}
	want := make([]message, n)
	for i := range n {
		a := <-acks
		if !a.Success || (i > 0 && a.Seq <= want[i-1].Seq) {
			t.Fatalf("ack %d: %+v", i, a)
		}
		want[i] = message{ID: a.ID, Seq: a.Seq, SenderID: sender.userID, Content: fmt.Sprint(i), Timestamp: a.Timestamp}
	}

	got := pages.take()
	if len(got) != 200 || newest.Seq != want[n-1].Seq || !newest.HasMore {
		t.Errorf("the newest page has %d messages, and its ack is %+v", len(got), newest)
	}
	for more := newest.HasMore; more; {
		more = sender.must(t, "fetch-personal-chat", obj{"ChatId": chat, "Before": got[len(got)-1].Seq}).HasMore
		page := pages.take()
		if len(page) == 0 {
			t.Fatal("an empty page, although there was more")
		}
		got = append(got, page...)
	}
	slices.Reverse(got)
	if !slices.Equal(got, want) {
		t.Errorf("the pages have %d messages that are not what was acked: %v", len(got), got)
	}

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := heard.await(ctx, n); err != nil {
		t.Fatal(err)
	}
	if live := heard.take(); !slices.Equal(live, want) {
		t.Errorf("the receiver heard %d messages that are not what was acked: %v", len(live), live)
	}
}

// message is one that came in a page or live.
type message struct {
	ChatID    string `json:"ChatId"`
	ID        string `json:"Id"`
	Seq       int64  `json:"Seq"`
	SenderID  string `json:"SenderId"`
	Content   string `json:"Content"`
	Timestamp string `json:"Timestamp"`
}

// messageLog keeps the messages that a line heard, of pages and live ones, in the order of
// arrival, without the chat that they are of.
type messageLog struct {
	changed chan struct{}

	mu  sync.Mutex // guards all
	all []message
}

func (m *messageLog) hear(event string, arg json.RawMessage) {
	var page struct{ Messages []message }
	switch event {
	case "personal-chat", "group-chat", "self-chat":
		_ = json.Unmarshal(arg, &page)
	case "receive-personal-message", "receive-group-message":
		page.Messages = make([]message, 1)
		_ = json.Unmarshal(arg, &page.Messages[0])
	default:
		return
	}
	m.mu.Lock()
	for _, one := range page.Messages {
		one.ChatID = ""
		m.all = append(m.all, one)
	}
	m.mu.Unlock()
	select {
	case m.changed <- struct{}{}:
	default:
	}
}

// take returns what was heard since the last look.
func (m *messageLog) take() []message {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.all
	m.all = nil
	return all
}

// await returns when n messages are there to be taken.
func (m *messageLog) await(ctx context.Context, n int) error {
	for {
		m.mu.Lock()
		have := len(m.all)
		m.mu.Unlock()
		if have >= n {
			return nil
		}
		select {
		case <-m.changed:
		case <-ctx.Done():
			return fmt.Errorf("heard %d messages of %d: %w", have, n, ctx.Err())
		}
	}
}
