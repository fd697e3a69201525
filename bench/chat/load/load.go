// Package load is the clients of a chat server in a measurement: they send and hear
// messages, connect, and fetch pages, by the ExpressChat protocol and by VChat's, on raw
// websockets. It measures time, and that every message arrives once and in order; what a server's
// processes use in the meantime it asks of a Meter.
package load

import (
	"context"
	"fmt"
	"time"

	"expresschat/bench/chat/sockets"
)

// Usage is what was used since some beginning.
type Usage struct {
	Server, Database, Load time.Duration // of CPU
	Statements             int64         // that Postgres carried out
	Buffers                int64         // of Postgres, touched by statements
	WAL                    int64         // bytes that statements wrote to the log
}

// Meter tells what was used so far.
type Meter func(ctx context.Context) (Usage, error)

// Result is what a run measured. What does not belong to it is zero.
type Result struct {
	Count     int           // of messages acked, pages or visits
	Delivered int           // messages that reached a client
	Updated   int           // rooms that reached one of VChat's
	Late      int           // of them, in the whole run, after one that was sent later
	Wall      time.Duration // how long that took
	Used      Usage         // by it
	Waits     []time.Duration
	Memory    int64 // resident, of the server, at the end
}

// Quantile is how long at most that share of the waits was.
func (r Result) Quantile(q float64) time.Duration {
	if len(r.Waits) == 0 {
		return 0
	}
	return r.Waits[min(int(q*float64(len(r.Waits))), len(r.Waits)-1)]
}

// Span is how long a run goes on.
type Span struct {
	Warmup, Measured time.Duration
	// AtLeast is how many messages a warm-up has, however long they take.
	AtLeast int
}

// Closed has every sender keep window messages under way.
func Closed(ctx context.Context, p Peer, chats []Chat, window int, s Span, meter Meter) (Result, error) {
	return with(func(loop *sockets.Loop) (Result, error) { return closed(ctx, loop, p, chats, window, s, meter) })
}

// Crowded is Closed while idle clients of the given users are connected.
func Crowded(ctx context.Context, p Peer, idle []int, chats []Chat, window int, s Span, meter Meter) (Result, error) {
	return with(func(loop *sockets.Loop) (Result, error) {
		if _, err := newGate(loop, p).admit(ctx, idle); err != nil {
			return Result{}, err
		}
		return closed(ctx, loop, p, chats, window, s, meter)
	})
}

func closed(ctx context.Context, loop *sockets.Loop, p Peer, chats []Chat, window int, s Span, meter Meter) (Result, error) {
	t, err := newTalk(ctx, loop, p, chats)
	if err != nil {
		return Result{}, err
	}
	t.next = func(s *sender) { t.send(s, loop.Now()) }
	for range window {
		for _, s := range t.senders {
			t.send(s, time.Now())
		}
	}
	return t.measure(ctx, s, meter, t.drain)
}

// maxUnderWay bounds what an open loop has under way: a server that is so far behind
// does not keep up, and the figures would only say for how long it was tried.
const maxUnderWay = 20_000

// Open sends rate messages a second, evenly, from all senders in turn, whether the server
// keeps up or not. A wait begins when a message was due.
func Open(ctx context.Context, p Peer, chats []Chat, rate float64, s Span, meter Meter) (Result, error) {
	return with(func(loop *sockets.Loop) (Result, error) {
		t, err := newTalk(ctx, loop, p, chats)
		if err != nil {
			return Result{}, err
		}
		plan := newSchedule(time.Now(), rate)
		loop.At(plan.due(0), func(now time.Time) (time.Time, error) {
			if t.underWay > maxUnderWay {
				return time.Time{}, fmt.Errorf("%w: %d messages are under way at %.0f a second", sockets.ErrLate, t.underWay, rate)
			}
			from, to := plan.until(now)
			for i := from; i < to; i++ {
				t.send(t.senders[i%len(t.senders)], plan.due(i))
			}
			return plan.due(to), nil
		})
		return t.measure(ctx, s, meter, t.drain)
	})
}

// Less is what was used after before.
func (u Usage) Less(before Usage) Usage {
	return Usage{
		Server: u.Server - before.Server, Database: u.Database - before.Database, Load: u.Load - before.Load,
		Statements: u.Statements - before.Statements, Buffers: u.Buffers - before.Buffers, WAL: u.WAL - before.WAL,
	}
}

func with(run func(loop *sockets.Loop) (Result, error)) (Result, error) {
	loop, err := sockets.New()
	if err != nil {
		return Result{}, err
	}
	defer loop.Close()
	return run(loop)
}
