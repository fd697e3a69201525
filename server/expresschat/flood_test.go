package expresschat_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// More than a lane takes, while its room does not move: what is refused says so and when to
// come again, and what is acked is stored, no more and no less. Every socket repeats one
// message, so that the test is about the lane and not about telling the others.
func TestAFloodIsPushedBack(t *testing.T) {
	w := newWorld(t)
	ana := w.person("Ana")
	const sockets, each = 20, 256 // more than a lane has room for, as many as a socket may have pending
	var clients []*client
	for range sockets {
		clients = append(clients, w.connect(ana))
		clients[len(clients)-1].first("group-chat-list")
	}
	tx, err := w.db.Begin(t.Context())
	w.must(err)
	_, err = tx.Exec(t.Context(), `SELECT FROM rooms WHERE id = $1 FOR UPDATE`, ana.id)
	w.must(err)

	answers, refused := make(chan string, sockets*each), make(chan struct{}, sockets)
	var all sync.WaitGroup
	for i, c := range clients {
		var acks []func() map[string]any
		for range each {
			acks = append(acks, c.emit("send-self-message", map[string]any{"Content": "x", "ClientId": fmt.Sprint(i)}))
		}
		all.Go(func() {
			c.await(func() bool { return len(c.acks) > 0 }) // nothing can be stored yet
			refused <- struct{}{}
			for _, ack := range acks {
				got := ack()
				answers <- fmt.Sprintf("%v %v %v", got["Id"], got["code"], got["retryAfter"])
			}
		})
	}
	<-refused
	w.must(tx.Rollback(t.Context()))
	all.Wait()
	close(answers)
	busy, stored := 0, map[string]bool{}
	for answer := range answers {
		id, refusal, _ := strings.Cut(answer, " ")
		switch {
		case refusal == "busy 1":
			busy++
		case refusal == "<nil> <nil>" && id != "<nil>":
			stored[id] = true
		default:
			t.Errorf("answered by %s", answer)
		}
	}
	var kept int
	w.must(w.db.QueryRow(t.Context(), `SELECT count(*) FROM messages WHERE room_id = $1`, ana.id).Scan(&kept))
	if kept != len(stored) || kept == 0 || busy == 0 {
		t.Errorf("%d are stored, %d were acked, %d answers were busy", kept, len(stored), busy)
	}
}
