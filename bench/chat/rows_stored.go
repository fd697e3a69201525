package main

import (
	"context"
	"fmt"
	"slices"

	"expresschat/bench/chat/load"
	"expresschat/bench/chat/world"
	"expresschat/bench/results"
)

// page is how many messages a client fetches.
const page = 50

func (b *bench) historyRow() row {
	fetch := func(chat string) func(context.Context) (load.Result, error) {
		return b.lasting(func(ctx context.Context, s running) (load.Result, error) {
			return load.Fetches(ctx, s.peer, world.Reader, chat, page, b.size.times, s.meter)
		})
	}
	short, long := stored(b.size.world.ShortChat), stored(b.size.world.LongChat)
	return row{
		name: "history", title: "History", judged: long, what: "chat", large: true,
		text:     fmt.Sprintf("The newest page of %d messages, from a chat with few and from one with many.", page),
		subjects: []subject{{short, fetch(world.ShortChat())}, {long, fetch(world.LongChat())}},
		measures: []measure{
			buffers("page", short, 1.1),
			{results.Measure{Name: "wait for the page, median, ms", Against: short}, quantile(0.5)},
			{results.Measure{Name: "wait for the page, p99, ms", Against: short}, quantile(0.99)},
		},
	}
}

func (b *bench) growthRow() row {
	send := b.closed(b.size.steady)
	none, many := stored(0), stored(b.size.world.Stored)
	return row{
		name: "growth", title: "Send into history", judged: many, what: "database", large: true,
		text:     "The first row's load on a database without messages, and on one with many, which are in these and in other chats.",
		subjects: []subject{{none, b.fresh(oursName, send)}, {many, b.lasting(send)}},
		measures: slices.Concat(
			[]measure{
				buffers("message", none, 1.15),
				{
					results.Measure{Name: "bytes of WAL a message", Against: none, Goals: []results.Goal{results.RatioAtMost(1.15)}},
					func(r load.Result) float64 { return float64(r.Used.WAL) / float64(r.Count) },
				},
				acked(none),
			}, cpu(none), waits(none)),
	}
}

func (b *bench) listsRow() row {
	visit := func(ctx context.Context, s running) (load.Result, error) {
		return load.Visits(ctx, s.peer, world.Hub, b.size.world.HubChats, b.visits(), s.meter)
	}
	const bare = "bare queries"
	return row{
		name: "lists", title: "Lists", judged: oursName, what: "by",
		text: fmt.Sprintf("Somebody with %s chats connects: TCP, upgrade, tokens, until both lists are there. The bare queries "+
			"fetch the same rows through pgx.", results.Whole(b.size.world.HubChats)),
		subjects: []subject{{bare, b.fresh(referenceName, b.bareLists)}, {oursName, b.fresh(oursName, visit)}},
		measures: []measure{
			{results.Measure{Name: "wait, median, ms", Against: bare, Goals: []results.Goal{results.RatioAtMost(2)}}, quantile(0.5)},
			{results.Measure{Name: "wait, p99, ms", Against: bare}, quantile(0.99)},
		},
	}
}

func (b *bench) crowdRow() row {
	var idle []int
	for i := range b.size.world.Crowd {
		idle = append(idle, world.Crowd+i)
	}
	alone, crowded := "alone", results.Whole(len(idle))+" idle"
	return row{
		name: "crowd", title: "Crowd", judged: crowded, what: "clients beside",
		text: "The first row's load while idle clients are connected, and while none is.",
		subjects: []subject{
			{alone, b.fresh(oursName, b.closed(b.size.span))},
			{crowded, b.fresh(oursName, func(ctx context.Context, s running) (load.Result, error) {
				return load.Crowded(ctx, s.peer, idle, pairs(), 1, b.size.span, s.meter)
			})},
		},
		measures: slices.Concat(cpu(alone, results.RatioAtMost(1.15)), []measure{acked(alone)}, waits(alone), []measure{memory()}, busy()),
	}
}

func stored(n int) string { return results.Whole(n) + " stored" }

func buffers(unit, against string, bound float64) measure {
	return measure{
		results.Measure{Name: "shared buffers a " + unit, Against: against, Goals: []results.Goal{results.RatioAtMost(bound)}},
		func(r load.Result) float64 { return float64(r.Used.Buffers) / float64(r.Count) },
	}
}
