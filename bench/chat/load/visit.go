package load

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"expresschat/bench/chat/sockets"
	"expresschat/bench/websocket"
)

// item stands once in every item of a list and in every message of a page.
var item = []byte(`"_id":`)

// Visits has a user connect n times, one after another, and measures how long it takes
// until both lists are there, which have to have so many chats together.
func Visits(ctx context.Context, p Peer, user, chats, n int, meter Meter) (Result, error) {
	return each(ctx, n, meter, func(loop *sockets.Loop) (time.Duration, error) {
		var c *client
		found, in := 0, false
		begin := time.Now()
		c, err := newGate(loop, p).openCounting(user, &found, func() { in = true })
		if err != nil {
			return 0, err
		}
		err = loop.Run(ctx, patience, func() bool { return in })
		took := loop.Now().Sub(begin)
		c.Close()
		if err == nil && found != chats {
			err = fmt.Errorf("%w: %d chats in both lists, want %d", ErrAnswer, found, chats)
		}
		return took, err
	})
}

// Fetches has a user fetch the newest page of so many messages of a personal chat, n times.
func Fetches(ctx context.Context, p Peer, user int, chat string, page, n int, meter Meter) (Result, error) {
	request := websocket.Text(fmt.Sprintf(`42["fetch-personal-chat",{"ChatId":%q,"Partner":"x","Limit":%d}]`, chat, page))
	var c *client
	return each(ctx, n, meter, func(loop *sockets.Loop) (time.Duration, error) {
		if c == nil {
			clients, err := newGate(loop, p).admit(ctx, []int{user})
			if err != nil {
				return 0, err
			}
			c = clients[0]
		}
		return ask(ctx, loop, c, request, func(p []byte) error {
			if !isEvent(p, "personal-chat") || bytes.Count(p, item) != page {
				return fmt.Errorf("%w: %d messages in %.300q", ErrAnswer, bytes.Count(p, item), p)
			}
			return nil
		})
	})
}

// Echoes has a client without a name ask a server for an echo of a message, n times.
func Echoes(ctx context.Context, p Peer, n int, meter Meter) (Result, error) {
	letter := newLetter(Kind{send: "echo", key: "ChatId"}, "00000000-0000-0000-0000-000000000000")
	var c *client
	return each(ctx, n, meter, func(loop *sockets.Loop) (time.Duration, error) {
		if c == nil {
			clients, err := newGate(loop, p).admit(ctx, []int{0})
			if err != nil {
				return 0, err
			}
			c = clients[0]
		}
		return ask(ctx, loop, c, letter.numbered(0), func(p []byte) error {
			if !bytes.HasPrefix(p, ackPrefix) {
				return fmt.Errorf("%w: %.300q", ErrAnswer, p)
			}
			return nil
		})
	})
}

// ask sends a request and returns how long it takes until there is an answer.
func ask(ctx context.Context, loop *sockets.Loop, c *client, request []byte, check func(p []byte) error) (time.Duration, error) {
	answered := false
	c.hears = func(p []byte) error {
		answered = true
		return check(p)
	}
	begin := time.Now()
	c.Send(request)
	err := loop.Run(ctx, patience, func() bool { return answered })
	return loop.Now().Sub(begin), err
}

// warm is how many of the same are not measured before those that are.
func warm(n int) int { return max(n/5, 3) }

// each measures n times the same, one after another.
func each(ctx context.Context, n int, meter Meter, once func(loop *sockets.Loop) (time.Duration, error)) (Result, error) {
	return with(func(loop *sockets.Loop) (r Result, err error) {
		for range warm(n) {
			if _, err := once(loop); err != nil {
				return Result{}, err
			}
		}
		before, err := meter(ctx)
		if err != nil {
			return Result{}, err
		}
		begin := time.Now()
		for range n {
			took, err := once(loop)
			if err != nil {
				return Result{}, err
			}
			r.Waits = append(r.Waits, took)
		}
		r.Count, r.Wall = n, time.Since(begin)
		after, err := meter(ctx)
		r.Used = after.Less(before)
		slices.Sort(r.Waits)
		return r, err
	})
}
