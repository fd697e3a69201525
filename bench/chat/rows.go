package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"expresschat/bench/chat/load"
	"expresschat/bench/chat/world"
	"expresschat/bench/results"
)

// row is one thing that is measured, with what is told of it.
type row struct {
	name     string // for -only
	title    string
	text     string
	subjects []subject
	what     string // the subjects are, servers if empty
	judged   string // the subject that the goals are for
	measures []measure
	large    bool                           // it needs the large database
	done     func(map[string][]load.Result) // what others need to know of the outcome
}

// subject is one of those that are compared.
type subject struct {
	name string
	run  func(ctx context.Context) (load.Result, error)
}

// measure is one figure.
type measure struct {
	results.Measure
	of func(load.Result) float64
}

// brief is a line for whoever waits.
func (r row) brief(of load.Result, took time.Duration) string {
	var b strings.Builder
	for _, m := range r.measures {
		fmt.Fprintf(&b, "%s %s; ", m.Name, results.Figure(m.of(of)))
	}
	fmt.Fprintf(&b, "took %.1f s", took.Seconds())
	return b.String()
}

func (r row) compares() string {
	if r.what == "" {
		return "server"
	}
	return r.what
}

// missed reports whether the judged subject misses one of the goals.
func (r row) missed(turns map[string][]load.Result) bool {
	return slices.ContainsFunc(r.measures, func(m measure) bool { return m.Missed(r.judged, m.byName(turns)) })
}

func (r row) judgedSubject() subject {
	return r.subjects[slices.IndexFunc(r.subjects, func(s subject) bool { return s.name == r.judged })]
}

// chosen are the rows of that name, or all.
func (b *bench) chosen(only string) []row {
	return slices.DeleteFunc(b.rows(), func(r row) bool { return only != "" && r.name != only })
}

// rows are the whole measurement, in the order of the report.
func (b *bench) rows() []row {
	return []row{
		b.sendRow(), b.latencyRow(), b.idleRow(), b.speakerRow(), b.historyRow(), b.growthRow(), b.listsRow(), b.crowdRow(),
		b.vchatRow(),
	}
}

// pairs talk both ways.
func pairs() []load.Chat {
	var chats []load.Chat
	for i := range world.Pairs {
		one, other := 2*i, 2*i+1
		chats = append(chats,
			load.Chat{Kind: load.Personal, ID: world.PairChat(i), Sender: one, Hearers: []int{other}},
			load.Chat{Kind: load.Personal, ID: world.PairChat(i), Sender: other, Hearers: []int{one}})
	}
	return chats
}

// closed has all pairs talk, each with one message under way.
func (b *bench) closed(span load.Span) act {
	return func(ctx context.Context, s running) (load.Result, error) {
		return load.Closed(ctx, s.peer, pairs(), 1, span, s.meter)
	}
}

func (b *bench) sendRow() row {
	send := b.closed(b.size.span)
	return row{
		name: "send", title: "Send", judged: oursName,
		text: "200 clients in 100 personal chats, each with one message of 200 bytes under way; its ack comes after the commit.",
		subjects: []subject{
			{nodeName, b.fresh(nodeName, send)}, {bareName, b.fresh(bareName, send)}, {oursName, b.fresh(oursName, send)},
		},
		measures: slices.Concat(
			[]measure{acked(nodeName, results.RatioAtLeast(4))},
			cpu(nodeName, results.RatioAtMost(0.3)),
			waits(""),
			[]measure{memory()}, busy(), []measure{late()}),
		done: func(all map[string][]load.Result) { b.rate = median(all[nodeName], perSecond) / 2 },
	}
}

func (b *bench) latencyRow() row {
	send := func(ctx context.Context, s running) (load.Result, error) {
		return load.Open(ctx, s.peer, pairs(), b.rate, b.size.span, s.meter)
	}
	return row{
		name: "latency", title: "Send latency", judged: oursName,
		text: "The same clients send at half the rate that " + nodeName + " reached above" + b.rateText() + ", evenly, whether a " +
			"server keeps up or not. A wait begins when a message was due.",
		subjects: []subject{
			{nodeName, b.prepared(b.fresh(nodeName, send))}, {oursName, b.prepared(b.fresh(oursName, send))},
		},
		measures: slices.Concat(
			waits(nodeName, results.RatioAtMost(1)),
			[]measure{acked("")}, cpu(nodeName), busy()),
	}
}

// rateText is empty until it is known.
func (b *bench) rateText() string {
	if b.rate == 0 {
		return ""
	}
	return fmt.Sprintf(", %.0f messages a second", b.rate)
}

// prepared sees to it that there is a rate, where the row that tells it was not asked for.
func (b *bench) prepared(run func(context.Context) (load.Result, error)) func(context.Context) (load.Result, error) {
	return func(ctx context.Context) (load.Result, error) {
		if b.rate == 0 {
			r, err := b.fresh(nodeName, b.closed(b.size.span))(ctx)
			if err != nil {
				return load.Result{}, err
			}
			b.rate = perSecond(r) / 2
		}
		return run(ctx)
	}
}

func (b *bench) idleRow() row {
	one := func(ctx context.Context, s running) (load.Result, error) {
		return load.Closed(ctx, s.peer, pairs()[:1], 1, b.size.span, s.meter)
	}
	return row{
		name: "idle", title: "Idle latency", judged: oursName,
		text: "One client sends one message at a time, and nobody else does anything. The reference is the median of the " +
			"same statements, through pgx, and that of an echo of the same size by the engine, added.",
		subjects: []subject{
			{nodeName, b.fresh(nodeName, one)}, {referenceName, b.fresh(referenceName, b.bareSend)}, {oursName, b.fresh(oursName, one)},
		},
		measures: []measure{
			{results.Measure{Name: "wait for the ack, median, ms", Against: referenceName, Goals: []results.Goal{results.RatioAtMost(1.5)}}, quantile(0.5)},
			{results.Measure{Name: "wait for the ack, p99, ms", Against: referenceName}, quantile(0.99)},
		},
	}
}

// window is how many messages a sender has under way who does not wait for acks.
const window = 256

func (b *bench) speakerRow() row {
	hall := load.Chat{Kind: load.Group, ID: world.Hall(), Sender: world.Speaker, Hearers: listeners()}
	speak := func(ctx context.Context, s running) (load.Result, error) {
		return load.Closed(ctx, s.peer, []load.Chat{hall}, window, b.size.span, s.meter)
	}
	return row{
		name: "speaker", title: "One sender", judged: oursName,
		text: fmt.Sprintf("One socket sends to a group without waiting, up to %d messages under way, and %d members who are online hear each.", window, world.Listeners),
		subjects: []subject{
			{nodeName, b.fresh(nodeName, speak)}, {bareName, b.fresh(bareName, speak)}, {oursName, b.fresh(oursName, speak)},
		},
		measures: slices.Concat(
			[]measure{
				acked(nodeName, results.RatioAtLeast(5)),
				delivered(bareName),
			},
			[]measure{
				{results.Measure{Name: "CPU seconds a million deliveries", Against: nodeName}, func(r load.Result) float64 {
					return 1e6 * (r.Used.Server + r.Used.Database).Seconds() / float64(r.Delivered)
				}},
				memory(),
			}, busy(), []measure{late()}),
	}
}
