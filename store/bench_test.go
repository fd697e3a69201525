package store_test

import (
	"fmt"
	"strings"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// BenchmarkCommit stores batches of messages of a hundred personal chats, or of one.

func BenchmarkCommit(b *testing.B) {
	w := worldOf(b)
	var people [][2]auth.UserID
	var rooms []bus.RoomID
	for i := range 100 {
		pair := [2]auth.UserID{w.person(fmt.Sprint("ana", i)), w.person(fmt.Sprint("ben", i))}
		people = append(people, pair)
		rooms = append(rooms, w.personal(pair[0], pair[1]))
	}
	content := strings.Repeat("x", 200)
	for _, c := range []struct{ rooms, size int }{{100, 1}, {100, 8}, {100, 64}, {100, 512}, {1, 512}} {
		b.Run(fmt.Sprintf("rooms=%d/batch=%d", c.rooms, c.size), func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				var batch chat.Batch
				for range c.size {
					room := n / 2 % c.rooms
					batch.Entries = append(batch.Entries, chat.Entry{
						By: by(people[room][n%2]), Stamp: stamp(),
						Draft: chat.Draft{Room: rooms[room], Kind: bus.Personal, Content: content},
					})
					n++
				}
				w.commit(batch)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/message")
		})
	}
}

// BenchmarkViewsOf asks how a group looks to all who are in it.
func BenchmarkViewsOf(b *testing.B) {
	w := worldOf(b)
	var people []auth.UserID
	for i := range 500 {
		people = append(people, w.person(fmt.Sprint("ana", i)))
	}
	room := w.group(people[0], people[1:]...)
	w.send(people[0], room, bus.Group, strings.Repeat("x", chat.MaxContent))
	b.ReportAllocs()
	for b.Loop() {
		views, err := w.ViewsOf(b.Context(), room, people)
		w.must(err)
		if len(views) != len(people) {
			b.Fatalf("%d views", len(views))
		}
	}
}
