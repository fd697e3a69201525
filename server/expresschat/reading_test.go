package expresschat_test

import (
	"fmt"
	"testing"
)

// Somebody who reads after each of a hundred messages costs as many updates as there are
// batches meanwhile, and the others hear of no more.
func TestReadingEachOfManyMessagesIsAHandfulOfUpdates(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("Ana"), w.person("Ben")
	a, b := w.enter("Ana", ana), w.enter("Ben", ben)
	room := w.done(a.emit("create-personal-chat", map[string]any{"Receiver": ben.id}))["ChatId"]
	const messages = 100
	var sends []func() map[string]any
	for i := range messages {
		sends = append(sends, a.emit("send-personal-message", map[string]any{"ChatId": room, "Content": fmt.Sprint(i)}))
	}
	for _, ack := range sends {
		w.done(ack)
	}
	w.forget()

	tx, err := w.db.Begin(t.Context()) // what is read meanwhile waits behind the first
	w.must(err)
	_, err = tx.Exec(t.Context(), `SELECT FROM rooms WHERE id = $1 FOR UPDATE`, room)
	w.must(err)
	var reads []func() map[string]any
	for seq := 1; seq <= messages; seq++ {
		reads = append(reads, b.emit("read-personal-message", map[string]any{"ChatId": room, "Seq": seq}))
	}
	b.overheard()
	w.must(tx.Rollback(t.Context()))
	for i, ack := range reads {
		got := w.done(ack)
		if seq := got["Seq"].(float64); seq < float64(i+1) || got["Unread"].(float64) != messages-seq {
			t.Errorf("reading %d was answered by %v", i+1, got)
		}
	}
	heard := w.news()
	if n := len(heard["Ana"]); n == 0 || n > 3 || heard["Ana"][n-1].arg["Seq"].(float64) != messages {
		t.Errorf("Ana heard %v", heard["Ana"])
	}
	if len(heard["Ben"]) > 0 {
		t.Errorf("Ben heard %v", heard["Ben"])
	}
}
