package load

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"expresschat/bench/chat/sockets"
	"expresschat/bench/websocket"
)

const (
	// doors is how many clients come in at a time: enough to keep a server busy.
	doors = 32
	// patience is how long anything may take that is not measured by the clock.
	patience = time.Minute
)

// listsAreThere is the last event that a server greets a client with.
const listsAreThere = "presence"

// Peer is a server, as a client has to know it.
type Peer struct {
	Addr string
	// Auth is what a user shows in the handshake, as JSON.
	Auth func(user int) (string, error)
	// Strict servers deliver in order; others only once.
	Strict bool
	// Greets is whether there are events after the handshake, which a client waits for.
	Greets bool
}

// client is one user's connection.
type client struct {
	*sockets.Socket
	in    bool // greeted
	hears func(packet []byte) error
}

// gate lets clients in, a few at a time.
type gate struct {
	loop *sockets.Loop
	peer Peer
	// enter takes the packets of a client's handshake and greeting, until it is in.
	enter func(c *client, p []byte, auth string) error
}

// newGate lets in clients of ExpressChat.
func newGate(loop *sockets.Loop, p Peer) gate {
	return gate{loop, p, func(c *client, packet []byte, auth string) error { return c.enter(packet, auth, p.Greets) }}
}

// admit connects the users, and returns once all of them are in.
func (g gate) admit(ctx context.Context, users []int) ([]*client, error) {
	clients := make([]*client, 0, len(users))
	in := 0
	for in < len(users) {
		for len(clients) < len(users) && len(clients)-in < doors {
			c, err := g.open(users[len(clients)], func() { in++ })
			if err != nil {
				return nil, err
			}
			clients = append(clients, c)
		}
		before := in
		if err := g.loop.Run(ctx, patience, func() bool { return in > before }); err != nil {
			return nil, fmt.Errorf("let client %d of %d in: %w", in+1, len(users), err)
		}
	}
	return clients, nil
}

// open begins to connect a user. entered is called once that is done.
func (g gate) open(user int, entered func()) (*client, error) {
	return g.openCounting(user, nil, entered)
}

// openCounting does so and adds up the chats in the lists that the user is greeted with.
func (g gate) openCounting(user int, chats *int, entered func()) (*client, error) {
	auth, err := g.peer.Auth(user)
	if err != nil {
		return nil, err
	}
	c := &client{}
	c.Socket, err = g.loop.Dial(g.peer.Addr, func(p []byte) error {
		if c.in {
			return c.hear(p)
		}
		if chats != nil {
			*chats += bytes.Count(p, item)
		}
		if err := g.enter(c, p, auth); err != nil {
			return err
		}
		if c.in {
			entered()
		}
		return nil
	})
	return c, err
}

// enter takes the packets of the handshake and the greeting.
func (c *client) enter(p []byte, auth string, greets bool) error {
	switch {
	case bytes.HasPrefix(p, []byte("0{")):
		c.Send(websocket.Text("40" + auth))
	case bytes.HasPrefix(p, []byte("40{")):
		c.in = !greets
	case isEvent(p, "auth-failure") || bytes.HasPrefix(p, []byte("44")):
		return fmt.Errorf("%w: %.300q", ErrAnswer, p)
	case isEvent(p, listsAreThere):
		c.in = true
	}
	return nil
}

func (c *client) hear(p []byte) error {
	if c.hears == nil || isEvent(p, "presence-changed") {
		return nil // an idle one has nothing to say to anything, and others come and go
	}
	return c.hears(p)
}
