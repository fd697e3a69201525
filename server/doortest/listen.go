package doortest

import (
	"context"

	"expresschat/auth"
)

// Ears are an auth.Service that a house's database tells of ends of sessions.
type Ears struct {
	*auth.Service

	g     *Ground
	begun chan struct{} // an entry for each time it began to listen
}

// Listen has the house's accounts told of ends of sessions until the test ends, so that they
// keep the live ones, and returns once they are.
func (g *Ground) Listen(doors ...auth.Door) *Ears {
	g.t.Helper()
	for _, d := range doors {
		g.Auth.Attach(d)
	}
	e := &Ears{Service: g.Auth, g: g, begun: make(chan struct{}, 100)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.Store.Listen(ctx, e)
	}()
	g.t.Cleanup(func() {
		cancel()
		<-done
	})
	e.Await()
	return e
}

// Listening implements store.Listener.
func (e *Ears) Listening(ctx context.Context) error {
	err := e.Service.Listening(ctx)
	if err == nil {
		e.begun <- struct{}{}
	}
	return err
}

// Await waits until the accounts have begun to listen once more.
func (e *Ears) Await() {
	e.g.t.Helper()
	select {
	case <-e.begun:
	case <-e.g.t.Context().Done():
	}
}

// EndListeners is a statement that ends the connections of those who listen in a schema.
const EndListeners = `
	SELECT pg_terminate_backend(pid)
	FROM pg_stat_activity
	WHERE application_name = 'expresschat listens in ' || current_schema()`
