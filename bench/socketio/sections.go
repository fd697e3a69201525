package main

import (
	"slices"
	"time"

	"expresschat/bench/results"
	"expresschat/bench/socketio/load"
)

// nodeName is the server that all others are compared with.
const nodeName = "node"

// section is one phase with what is told of it.
type section struct {
	name     string // for -only
	title    string
	text     string
	phase    load.Phase
	floor    bool // whether the floor has its turns too
	measures []measure
}

// measure is one figure of a phase.
type measure struct {
	results.Measure
	of func(load.Result) float64
}

// The figures. Seconds of CPU a million are microseconds for one.

func perSecond(r load.Result) float64 { return float64(r.Count) / r.Wall.Seconds() }

func cpuPerMillion(r load.Result) float64 {
	return r.ServerCPU.Seconds() / float64(r.Count) * 1e6
}

func medianWait(r load.Result) float64 { return millis(r.Median) }

func p99Wait(r load.Result) float64 { return millis(r.P99) }

func kibPerClient(r load.Result) float64 { return r.PerClient / 1024 }

func serverBusy(r load.Result) float64 { return 100 * r.ServerCPU.Seconds() / r.Wall.Seconds() }

func loadBusy(r load.Result) float64 { return 100 * r.LoadCPU.Seconds() / r.Wall.Seconds() }

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// busy tells whether a rate is the server's or the load's.
func busy() []measure {
	return []measure{
		{results.Measure{Name: "server's core busy, %"}, serverBusy},
		{results.Measure{Name: "load's core busy, %"}, loadBusy},
	}
}

// deliveries are the figures of rooms.
func deliveries(goals ...results.Goal) []measure {
	m := []measure{
		{results.Measure{Name: "deliveries a second", Against: nodeName}, perSecond},
		{results.Measure{Name: "CPU seconds a million deliveries", Against: nodeName}, cpuPerMillion},
	}
	for i := range goals {
		m[i].Goals = goals[i : i+1]
	}
	return m
}

// visits are the figures of connecting.
func visits(least float64) []measure {
	return append([]measure{
		{results.Measure{Name: "connects a second", Against: nodeName, Goals: []results.Goal{results.RatioAtLeast(least)}}, perSecond},
		{results.Measure{Name: "CPU seconds a million connects", Against: nodeName}, cpuPerMillion},
	}, busy()...)
}

// measuredFor is how long a server has work in one turn, besides warming up, which takes
// Node about half as long: it compiles what is hot. A round is about one second of
// Node's.
const measuredFor = 3 * time.Second

// sections are the whole measurement, in the order of the report.
func sections() []section {
	return slices.Concat(echoes(), rooms(), connections())
}

func echoes() []section {
	return []section{
		{
			name:  "echo",
			title: "Echo with ack",
			text:  "100 clients, each with one message of 200 bytes under way; the ack has the same text.",
			phase: load.Phase{Kind: load.Echo, Clients: 100, Warmup: 400, Messages: 250, AtLeast: measuredFor},
			measures: append([]measure{
				{results.Measure{Name: "CPU seconds a million messages", Against: nodeName, Goals: []results.Goal{results.RatioAtMost(0.75)}}, cpuPerMillion},
				{results.Measure{Name: "messages a second", Against: nodeName}, perSecond},
				{results.Measure{Name: "wait for the ack, median, ms", Against: nodeName}, medianWait},
				{results.Measure{Name: "wait for the ack, p99, ms", Against: nodeName, Goals: []results.Goal{results.RatioAtMost(1)}}, p99Wait},
			}, busy()...),
		},
	}
}

func rooms() []section {
	return []section{
		{
			name:  "room100",
			title: "A room of 100",
			text: "One sender with 32 messages under way, each delivered to all 100. A server may write several " +
				"of them to a socket at once.",
			phase:    load.Phase{Kind: load.Rooms, Clients: 100, Rooms: 1, Senders: 1, Window: 32, Warmup: 1500, Messages: 1000, AtLeast: measuredFor},
			measures: append(deliveries(results.RatioAtLeast(4), results.RatioAtMost(0.25)), busy()...),
		},
		{
			name:     "room1000",
			title:    "A room of 1,000",
			text:     "One sender with 32 messages under way, each delivered to all 1,000.",
			phase:    load.Phase{Kind: load.Rooms, Clients: 1000, Rooms: 1, Senders: 1, Window: 32, Warmup: 150, Messages: 100, AtLeast: measuredFor},
			measures: append(deliveries(results.RatioAtLeast(4), results.RatioAtMost(0.25)), busy()...),
		},
		{
			name:  "floor",
			title: "A room of 100, against the floor",
			text: "One sender with one message under way, delivered to all 100, so that there is nothing to write " +
				"together. The floor is a loop in Go that only writes the same bytes to the same sockets, and does " +
				"not even read what the message is.",
			phase: load.Phase{Kind: load.Rooms, Clients: 100, Rooms: 1, Senders: 1, Window: 1, Warmup: 1000, Messages: 1000, AtLeast: measuredFor},
			floor: true,
			measures: append([]measure{
				{results.Measure{Name: "CPU seconds a million deliveries", Against: floorName, Goals: []results.Goal{results.RatioAtMost(1.5)}}, cpuPerMillion},
				{results.Measure{Name: "deliveries a second", Against: floorName}, perSecond},
			}, busy()...),
		},
		{
			name:     "rooms5",
			title:    "1,000 rooms of 5",
			text:     "All 5,000 send, each with one message under way, which is delivered to all five of its room.",
			phase:    load.Phase{Kind: load.Rooms, Clients: 5000, Rooms: 1000, Senders: 5, Window: 1, Warmup: 8, Messages: 4, AtLeast: measuredFor},
			measures: append(deliveries(results.RatioAtLeast(2)), busy()...),
		},
	}
}

func connections() []section {
	return []section{
		{
			name:  "idle",
			title: "10,000 idle connections",
			text: "Authenticated websockets that have echoed one message. What 10,000 of them add to the " +
				"resident memory of a server that has had 500 others before, after its garbage is collected.",
			phase: load.Phase{Kind: load.Idle, Clients: 10_000, Warmup: 500},
			measures: []measure{
				{results.Measure{Name: "memory a connection, KiB", Against: nodeName, Goals: []results.Goal{results.AtMost(9), results.RatioAtMost(0.6)}}, kibPerClient},
			},
		},
		{
			name:  "connect",
			title: "Connecting by websocket",
			text: "32 clients come and go: TCP, upgrade, CONNECT with a token, its answer, and the closing " +
				"handshake of the websocket.",
			phase:    load.Phase{Kind: load.Connect, Clients: 32, Warmup: 100, Messages: 50, AtLeast: measuredFor},
			measures: visits(3),
		},
		{
			name:  "poll",
			title: "Connecting by polling",
			text: "32 clients come and go: TCP, the handshake, a POST of CONNECT with a token, a poll for its " +
				"answer, and a POST that closes.",
			phase:    load.Phase{Kind: load.Poll, Clients: 32, Warmup: 60, Messages: 40, AtLeast: measuredFor},
			measures: visits(1),
		},
	}
}

// shortened is a tenth of the work, enough to see that everything runs.
func shortened(p load.Phase) load.Phase {
	p.Messages = max(p.Messages/10, min(p.Messages, 1))
	p.Warmup = max(p.Warmup/10, 1)
	p.AtLeast /= 10
	if p.Kind == load.Idle {
		p.Clients /= 10
	}
	return p
}
