package main

import (
	"slices"
	"time"

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
	name    string
	of      func(load.Result) float64
	against string // the server whose figure is 1 in the column of ratios, or nothing
	goals   []goal // of the engines, not of Node or the floor
}

// goal is a bound. Ratios are to the server that the measure is against.
type goal struct {
	kind  goalKind
	bound float64
}

type goalKind int

const (
	ratioAtMost goalKind = iota
	ratioAtLeast
	atMost
)

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
		{name: "server's core busy, %", of: serverBusy},
		{name: "load's core busy, %", of: loadBusy},
	}
}

// deliveries are the figures of rooms.
func deliveries(goals ...goal) []measure {
	m := []measure{
		{name: "deliveries a second", of: perSecond, against: nodeName},
		{name: "CPU seconds a million deliveries", of: cpuPerMillion, against: nodeName},
	}
	for i := range goals {
		m[i].goals = goals[i : i+1]
	}
	return m
}

// visits are the figures of connecting.
func visits(least float64) []measure {
	return append([]measure{
		{name: "connects a second", of: perSecond, against: nodeName, goals: []goal{{ratioAtLeast, least}}},
		{name: "CPU seconds a million connects", of: cpuPerMillion, against: nodeName},
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
				{name: "CPU seconds a million messages", of: cpuPerMillion, against: nodeName, goals: []goal{{ratioAtMost, 0.75}}},
				{name: "messages a second", of: perSecond, against: nodeName},
				{name: "wait for the ack, median, ms", of: medianWait, against: nodeName},
				{name: "wait for the ack, p99, ms", of: p99Wait, against: nodeName, goals: []goal{{ratioAtMost, 1}}},
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
			measures: append(deliveries(goal{ratioAtLeast, 4}, goal{ratioAtMost, 0.25}), busy()...),
		},
		{
			name:     "room1000",
			title:    "A room of 1,000",
			text:     "One sender with 32 messages under way, each delivered to all 1,000.",
			phase:    load.Phase{Kind: load.Rooms, Clients: 1000, Rooms: 1, Senders: 1, Window: 32, Warmup: 150, Messages: 100, AtLeast: measuredFor},
			measures: append(deliveries(goal{ratioAtLeast, 4}, goal{ratioAtMost, 0.25}), busy()...),
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
				{name: "CPU seconds a million deliveries", of: cpuPerMillion, against: floorName, goals: []goal{{ratioAtMost, 1.5}}},
				{name: "deliveries a second", of: perSecond, against: floorName},
			}, busy()...),
		},
		{
			name:     "rooms5",
			title:    "1,000 rooms of 5",
			text:     "All 5,000 send, each with one message under way, which is delivered to all five of its room.",
			phase:    load.Phase{Kind: load.Rooms, Clients: 5000, Rooms: 1000, Senders: 5, Window: 1, Warmup: 8, Messages: 4, AtLeast: measuredFor},
			measures: append(deliveries(goal{ratioAtLeast, 2}), busy()...),
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
				{name: "memory a connection, KiB", of: kibPerClient, against: nodeName, goals: []goal{{atMost, 9}, {ratioAtMost, 0.6}}},
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
