package load

import (
	"context"
	"slices"
	"time"
)

func echo(ctx context.Context, t Target, p Phase) (Result, error) {
	all, err := gather(ctx, t.Addr, p.Clients, stay)
	defer all.close()
	if err != nil {
		return Result{}, err
	}
	if err := all.each(func(_ int, c *client) error { return c.echo(p.Warmup, nil) }); err != nil {
		return Result{}, err
	}
	waits := make([][]time.Duration, p.Clients)
	r, err := timed(t, p.AtLeast, func() error {
		return all.each(func(i int, c *client) error { return c.echo(p.Messages, &waits[i]) })
	})
	if err != nil {
		return Result{}, err
	}
	sorted := slices.Concat(waits...)
	slices.Sort(sorted)
	r.Count = len(sorted)
	r.Median = sorted[len(sorted)/2]
	r.P99 = sorted[len(sorted)*99/100]
	return r, nil
}

// stay is what a client does first that has nothing to do but to be in.
func stay(*client) error { return nil }

// echo has n messages answered, one after another, and adds how long each took to waits
// unless that is nil.
func (c *client) echo(n int, waits *[]time.Duration) error {
	frame, want := clientFrame(echoPacket()), []byte(AckPacket(Text()))
	for range n {
		begin := time.Now()
		if _, err := c.conn.Write(frame); err != nil {
			return err
		}
		if err := c.expect(want); err != nil {
			return err
		}
		if waits != nil {
			*waits = append(*waits, time.Since(begin))
		}
	}
	return nil
}
