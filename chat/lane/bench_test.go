package lane_test

import (
	"context"
	"fmt"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/chat/lane"
)

// void is a store that takes everything at once.
type void struct{ wall }

func (*void) Commit(_ context.Context, b chat.Batch) ([]chat.Posted, []chat.Moved, error) {
	posted := make([]chat.Posted, len(b.Entries))
	for i, e := range b.Entries {
		posted[i].Receipt = chat.Receipt{ID: e.Stamp.ID, Seq: int64(i)}
	}
	return posted, make([]chat.Moved, len(b.Moves)), nil
}

// BenchmarkAppend is what the log itself costs a message, apart from the store and the
// doors: people in a hundred rooms, some with several messages on the way.
func BenchmarkAppend(b *testing.B) {
	for _, window := range []int{1, 100} {
		b.Run(fmt.Sprint("window=", window), func(b *testing.B) {
			l := lane.New(4, &void{}, &page{})
			rooms := make([]bus.RoomID, 100)
			for i := range rooms {
				rooms[i] = bus.NewRoomID()
			}
			answered := make(chan struct{}, window)
			done := func(chat.Receipt, error) { answered <- struct{}{} }
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				if n >= window {
					<-answered
				}
				l.Append(auth.Actor{User: "ana"}, chat.Draft{Room: rooms[n%len(rooms)], Kind: bus.Personal, Content: "hello"}, done)
				n++
			}
			for range min(n, window) {
				<-answered
			}
			if err := l.Stop(b.Context()); err != nil {
				b.Error(err)
			}
		})
	}
}
