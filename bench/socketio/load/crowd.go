package load

import (
	"context"
	"sync"
)

// doors is how many connections are being made at a time. A server takes them one after
// another anyway; this many keep it busy and its backlog short.
const doors = 32

// crowd is a number of clients that are in.
type crowd struct {
	clients []*client
	close   func() // ends all connections
}

// gather lets n clients in. Each does first before it counts as in.
func gather(ctx context.Context, addr string, n int, first func(*client) error) (*crowd, error) {
	ctx, end := context.WithCancel(ctx)
	all := &crowd{clients: make([]*client, n), close: end}
	auth := clientFrame(authPacket())
	err := together(min(doors, n), end, func(door int) error {
		for i := door; i < n; i += doors {
			c, err := dial(ctx, addr)
			if err != nil {
				return err
			}
			all.clients[i] = c
			if err := c.enter(auth); err != nil {
				return err
			}
			if err := first(c); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// each has every client do something at the same time.
func (all *crowd) each(act func(i int, c *client) error) error {
	return together(len(all.clients), all.close, func(i int) error { return act(i, all.clients[i]) })
}

// together runs n pieces of work at once and returns the first error. On that it calls
// failed, so that no other piece waits for what will not come.
func together(n int, failed func(), work func(i int) error) error {
	var (
		wg    sync.WaitGroup
		once  sync.Once
		first error
	)
	for i := range n {
		wg.Go(func() {
			err := work(i)
			if err == nil {
				return
			}
			once.Do(func() {
				first = err
				failed()
			})
		})
	}
	wg.Wait()
	return first
}
