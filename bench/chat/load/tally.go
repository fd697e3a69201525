package load

import (
	"context"
	"slices"
	"time"

	"expresschat/bench/chat/sockets"
)

// tally is what is counted in a run of messages.
type tally struct {
	loop *sockets.Loop

	acked, delivered, updated int
	underWay                  int // sent and not acked
	record                    bool
	waits                     []time.Duration
}

// sent notes that a message is under way.
func (t *tally) sent() { t.underWay++ }

// answered notes the ack of a message that was due at that moment.
func (t *tally) answered(due time.Time) {
	if t.record {
		t.waits = append(t.waits, t.loop.Now().Sub(due))
	}
	t.acked++
	t.underWay--
}

// measure warms up, measures, and has drain wait for what is under way then.
func (t *tally) measure(ctx context.Context, s Span, meter Meter, drain func(context.Context) (late int, err error)) (r Result, err error) {
	if err := t.loop.For(ctx, s.Warmup); err != nil {
		return Result{}, err
	}
	if err := t.loop.Run(ctx, patience, func() bool { return t.acked >= s.AtLeast }); err != nil {
		return Result{}, err
	}
	before, err := meter(ctx)
	if err != nil {
		return Result{}, err
	}
	begin, acked, delivered, updated := time.Now(), t.acked, t.delivered, t.updated
	t.record = true
	if err := t.loop.For(ctx, s.Measured); err != nil {
		return Result{}, err
	}
	r.Wall, r.Count = time.Since(begin), t.acked-acked
	r.Delivered, r.Updated = t.delivered-delivered, t.updated-updated
	after, err := meter(ctx)
	if err != nil {
		return Result{}, err
	}
	r.Used = after.Less(before)
	t.loop.At(time.Time{}, nil)
	r.Late, err = drain(ctx) // late replies count, too: record is still on
	slices.Sort(t.waits)
	r.Waits = t.waits
	return r, err
}
