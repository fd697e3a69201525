package e2e

import (
	"fmt"
	"testing"
)

// fill sends n messages as fast as acks allow and returns their seqs, oldest first.
func fill(c *tab, event string, n int, request func(i int) obj) []float64 {
	c.t().Helper()
	var acks []pending
	for i := range n {
		acks = append(acks, c.start(event, request(i)))
	}
	var seqs []float64
	for _, p := range acks {
		a, err := p.answer()
		if err != nil || a["success"] != true {
			c.t().Fatalf("%s: %v %v", event, a, err)
		}
		seq, _ := a["Seq"].(float64)
		seqs = append(seqs, seq)
	}
	return seqs
}

func TestPagesOfAHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ana ben")
	ana := w.of("ana")[0]
	chat, group := w.personalChat(ana, "ben"), w.group(ana, "Walks", "ben")
	kinds := []struct {
		name, send, fetch, answer, chat string
	}{
		{"personal", "send-personal-message", "fetch-personal-chat", "personal-chat", chat},
		{"group", "send-group-message", "fetch-group-chat", "group-chat", group},
		{"self", "send-self-message", "fetch-self-chat", "self-chat", ana.user.id},
	}
	for _, k := range kinds {
		w.row(k.name, func() {
			const n = 205
			seqs := fill(ana, k.send, n, func(i int) obj {
				return obj{"ChatId": k.chat, "GroupId": k.chat, "Content": fmt.Sprint("message ", i)}
			})
			page := func(more obj) (contents []string, hasMore bool) {
				w.t.Helper()
				request := obj{"ChatId": k.chat, "GroupId": k.chat}
				for key, value := range more {
					request[key] = value
				}
				ana.forget()
				ana.must(k.fetch, request)
				payload := ana.await(k.answer)
				hasMore, _ = payload["HasMore"].(bool)
				return contentsOf(w.t, payload), hasMore
			}
			expectPage := func(what string, more obj, from, to int, wantMore bool) {
				w.t.Helper()
				contents, hasMore := page(more)
				var wanted []string
				for i := from; i > to; i-- {
					wanted = append(wanted, fmt.Sprint("message ", i))
				}
				if fmt.Sprint(contents) != fmt.Sprint(wanted) || hasMore != wantMore {
					w.t.Errorf("%s: HasMore %v and %d messages %.200q, want %v and %d", what, hasMore, len(contents), contents, wantMore, len(wanted))
				}
			}
			expectPage("the newest page", obj{}, n-1, n-201, true)
			expectPage("a limit", obj{"Limit": 3}, n-1, n-4, true)
			expectPage("before", obj{"Limit": 3, "Before": seqs[10]}, 9, 6, true)
			expectPage("before, to the beginning", obj{"Before": seqs[10]}, 9, -1, false)
			expectPage("after", obj{"After": seqs[n-4]}, n-1, n-4, false)
			expectPage("an endless limit", obj{"Limit": 100000}, n-1, n-201, true)
		})
	}
}

// contentsOf are the contents of a page, as they stand in it.
func contentsOf(t testing.TB, payload obj) []string {
	t.Helper()
	messages, ok := payload["Messages"].([]any)
	if !ok {
		t.Fatalf("no list of messages: %.300v", payload)
	}
	contents := []string{}
	for _, m := range messages {
		content, _ := m.(obj)["Content"].(string)
		contents = append(contents, content)
	}
	return contents
}

// A page of long messages ends at 512 KiB of content.
func TestAPageIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ana ben")
	ana := w.of("ana")[0]
	chat := w.personalChat(ana, "ben")
	const size, n = 16 << 10, 40
	text := longText(size)
	fill(ana, "send-personal-message", n, func(int) obj { return obj{"ChatId": chat, "Content": text} })
	ana.must("fetch-personal-chat", obj{"ChatId": chat})
	payload := ana.await("personal-chat")
	if got := len(contentsOf(t, payload)); got == 0 || got > (512<<10)/size {
		t.Errorf("the page has %d messages of 16 KiB", got)
	}
	check(t, "the page", payload, obj{"HasMore": true})
}

// In a large group a message names the sender and the asker alone, so that its cost
// does not grow with the group.
func TestReadStatusInALargeGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ana ben")
	var others []string
	for i := range 31 {
		others = append(others, fmt.Sprintf("m%d", i))
		w.signUp(others[i]) // one by one: hashing so many passwords at once takes too long
	}
	for _, name := range others {
		c := w.openAs(name, style{nodeNewest, websocketOnly, inQuery})
		c.close()
	}
	ana, ben := w.of("ana")[0], w.of("ben")[0]
	id := w.group(ana, "Many", append(others, "ben")...)
	w.say(ana, "send-group-message", id, "hello all")
	ben.must("fetch-group-chat", obj{"GroupId": id})
	check(t, "the message", ben.await("group-chat"), obj{"Messages": list{obj{
		"ReadStatus": exact{ana.user.id: "Read", ben.user.id: "Unread"},
	}}})
}
