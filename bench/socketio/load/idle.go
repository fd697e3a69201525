package load

import (
	"context"
	"fmt"

	"expresschat/bench/process"
)

// idle compares the memory of a server that nobody is connected to with that of the same
// server later. A first crowd comes and goes before, so that what a server allocates
// only once is not counted as a connection's.
func idle(ctx context.Context, t Target, p Phase) (Result, error) {
	// Each says one thing, because a client that never did is not what servers have.
	used := func(c *client) error { return c.echo(1, nil) }
	first, err := gather(ctx, t.Addr, p.Warmup, used)
	defer first.close()
	if err == nil {
		err = first.each(func(_ int, c *client) error { return c.leave() })
	}
	if err != nil {
		return Result{}, err
	}
	before, err := settled(ctx, t)
	if err != nil {
		return Result{}, err
	}
	var all *crowd
	r, err := timed(t, 0, func() (err error) {
		all, err = gather(ctx, t.Addr, p.Clients, used)
		return err
	})
	if all != nil {
		defer all.close()
	}
	if err != nil {
		return Result{}, err
	}
	after, err := settled(ctx, t)
	if err != nil {
		return Result{}, err
	}
	// One that had lost connections meanwhile would have an easy job.
	if err := all.each(func(_ int, c *client) error { return used(c) }); err != nil {
		return Result{}, err
	}
	r.Count = p.Clients
	r.PerClient = float64(after-before) / float64(p.Clients)
	return r, nil
}

// settled is a server's memory after it has freed what it can.
func settled(ctx context.Context, t Target) (int64, error) {
	c, err := dial(ctx, t.Addr)
	if err != nil {
		return 0, err
	}
	defer c.close()
	if _, err := c.conn.Write([]byte("GET /settle HTTP/1.1\r\nHost: bench\r\n\r\n")); err != nil {
		return 0, err
	}
	status, body, err := c.response()
	if err != nil {
		return 0, err
	}
	if status != 200 || string(body) != "ok" {
		return 0, fmt.Errorf("%w: status %d, %q for /settle", ErrAnswer, status, body)
	}
	return process.Memory(t.PID)
}
