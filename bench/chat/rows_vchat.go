package main

import (
	"context"
	"fmt"
	"slices"

	"expresschat/bench/chat/load"
	"expresschat/bench/chat/world"
	"expresschat/bench/results"
)

const (
	// lines is how many messages are under way to the group: few, so that little of what
	// they cause can be done for several at a time.
	lines = 4
	// readers is how many of the members have the group open.
	readers = 50
	// perPost is how many statements a message may take that is alone. The row's text
	// counts them.
	perPost = 7
	// edges is what those of the message before, which are late, may add on average.
	edges = 0.5
)

func (b *bench) vchatRow() row {
	const express, vchat, alone = "ExpressChat", "VChat", "VChat, one by one"
	all := listeners()
	apps := load.Posting{Lines: lines, VChat: all, Readers: all[:readers]}
	oneByOne := apps
	oneByOne.Lines, oneByOne.Patient = 1, true
	return row{
		name: "vchat", title: "VChat group", judged: alone, what: "members speak",
		text: fmt.Sprintf("A group of which %d members are online. Another one posts to it by `POST /api/v1/message/group`, on %d "+
			"connections with one message under way each. The members hear each message by ExpressChat; or they speak VChat, where "+
			"each sees the room change (`update_one_room`, which may skip messages, but not the last), and %d of them have it open on "+
			"another connection, hear each message there (`new_message`) and have read it by that. One by one means that a message "+
			"is posted once all see the one before it.\n\n"+
			"The door may ask the database once an event, however many members see what comes of it. So a message alone takes at most "+
			"%d statements: one for the session of who posts; two that are its transaction, lock and append, whoever the members "+
			"are; one for the room as all members now see it; two that are the transaction in which all its readers have read it, and "+
			"one for the room as these see it then. What happens while a question is asked is asked for together, so among many messages it is fewer. "+
			"`BEGIN` and `COMMIT` are not counted, and what the message before the measured part still caused in it is allowed for.",
			len(all), lines, readers, perPost),
		subjects: []subject{
			{express, b.post(load.Posting{Lines: lines, Members: all})}, {vchat, b.post(apps)}, {alone, b.post(oneByOne)},
		},
		measures: slices.Concat(
			[]measure{
				{
					results.Measure{Name: "statements a message", Against: express, Goals: []results.Goal{results.AtMost(perPost + edges)}},
					func(r load.Result) float64 { return float64(r.Used.Statements) / float64(r.Count) },
				},
				acked(express),
				delivered(""),
				{results.Measure{Name: "rooms shown a second"}, func(r load.Result) float64 { return float64(r.Updated) / r.Wall.Seconds() }},
			},
			cpu(express), waits(express), []measure{memory()}, busy()),
	}
}

// post has the hall's Speaker post to it.
func (b *bench) post(p load.Posting) func(context.Context) (load.Result, error) {
	p.Group, p.Poster, p.Long = world.Hall(), world.Speaker, keys.Long
	return b.fresh(oursName, func(ctx context.Context, s running) (load.Result, error) {
		return load.Posted(ctx, s.peer, p, b.size.span, s.meter)
	})
}

// listeners are the members of the hall who only listen.
func listeners() []int {
	users := make([]int, world.Listeners)
	for i := range users {
		users[i] = world.Speaker + 1 + i
	}
	return users
}
