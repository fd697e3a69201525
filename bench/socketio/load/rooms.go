package load

import (
	"bytes"
	"context"
	"fmt"
)

func rooms(ctx context.Context, t Target, p Phase) (Result, error) {
	all, err := gather(ctx, t.Addr, p.Clients, stay)
	defer all.close()
	if err != nil {
		return Result{}, err
	}
	size := p.Clients / p.Rooms
	if err := all.each(func(i int, c *client) error { return c.join(Room(i / size)) }); err != nil {
		return Result{}, err
	}
	members := make([]member, p.Clients)
	for i, c := range all.clients {
		members[i] = member{client: c, senders: p.Senders, window: p.Window, want: []byte(SaidPacket())}
		if i%size < p.Senders {
			members[i].say = bytes.Repeat(clientFrame(sayPacket(Room(i/size))), p.Window)
		}
	}
	exchange := func(messages int) error {
		return all.each(func(i int, _ *client) error { return members[i].exchange(messages) })
	}
	if err := exchange(p.Warmup); err != nil {
		return Result{}, err
	}
	r, err := timed(t, p.AtLeast, func() error { return exchange(p.Messages) })
	r.Count *= p.Messages * p.Senders * p.Clients
	return r, err
}

func (c *client) join(room string) error {
	if _, err := c.conn.Write(clientFrame(joinPacket(room))); err != nil {
		return err
	}
	return c.expect([]byte(AckPacket(room)))
}

// member is a client that is in a room.
type member struct {
	*client
	senders int    // how many of the room send, perhaps this one too
	window  int    // messages of this one that may be under way
	say     []byte // a window full of frames, none if this one only listens
	want    []byte // what everybody gets for each message
}

// exchange returns when every sender's messages have arrived here, and when those of
// this member are sent if it is one.
//
// All deliveries look alike, so a member does not know its own. It takes one in senders
// for its own. A sender that has sent less than the others may always go on then, and
// so the room never waits for itself.
func (m *member) exchange(messages int) error {
	frame := len(m.say) / m.window
	for got, sent := 0, 0; got < messages*m.senders; {
		if due := min(messages, got/m.senders+m.window) - sent; due > 0 && frame > 0 {
			if _, err := m.conn.Write(m.say[:due*frame]); err != nil {
				return err
			}
			sent += due
		}
		// What one read has brought is taken in before the next write, as clients do. A
		// ping is no reason to wait for more: it may be the sender whom all wait for.
		for more := true; more; more = got < messages*m.senders && m.buffered() {
			delivery, err := m.receive()
			if err != nil {
				return err
			}
			got += delivery
		}
	}
	return nil
}

// receive takes one packet and returns how many deliveries it is: 0 if it is a ping.
func (m *member) receive() (int, error) {
	p, err := m.frame()
	if err != nil {
		return 0, err
	}
	if bytes.Equal(p, m.want) {
		return 1, nil
	}
	if ping, err := m.pong(p); ping || err != nil {
		return 0, err
	}
	return 0, fmt.Errorf("%w: %q, want %q", ErrAnswer, p, m.want)
}
