package load

import (
	"bytes"
	"context"
	"fmt"
	"strings"
)

func connect(ctx context.Context, t Target, p Phase) (Result, error) {
	auth := clientFrame(authPacket())
	return visits(ctx, t, p, func(c *client) error {
		if err := c.enter(auth); err != nil {
			return err
		}
		return c.leave()
	})
}

func poll(ctx context.Context, t Target, p Phase) (Result, error) {
	return visits(ctx, t, p, (*client).visitByPolling)
}

// visits has clients come and go, each on a TCP connection of its own.
func visits(ctx context.Context, t Target, p Phase, visit func(*client) error) (Result, error) {
	ctx, end := context.WithCancel(ctx)
	defer end()
	visitors := func(times int) error {
		return together(p.Clients, end, func(int) error {
			for range times {
				c, err := dial(ctx, t.Addr)
				if err != nil {
					return err
				}
				err = visit(c)
				c.close()
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := visitors(p.Warmup); err != nil {
		return Result{}, err
	}
	r, err := timed(t, p.AtLeast, func() error { return visitors(p.Messages) })
	r.Count *= p.Clients * p.Messages
	return r, err
}

// visitByPolling comes in and leaves again. As in a browser all requests go over one
// TCP connection, and leaving is a packet.
func (c *client) visitByPolling() error {
	open, err := c.request("GET", "", "", "0{")
	if err != nil {
		return err
	}
	_, sid, _ := strings.Cut(open, `"sid":"`)
	sid, _, _ = strings.Cut(sid, `"`)
	if _, err := c.request("POST", sid, authPacket(), "ok"); err != nil {
		return err
	}
	if _, err := c.request("GET", sid, "", "40{"); err != nil {
		return err
	}
	_, err = c.request("POST", sid, "1", "ok")
	return err
}

// request returns the body of the answer, which has to start as said.
func (c *client) request(method, sid, body, want string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s /socket.io/?EIO=4&transport=polling", method)
	if sid != "" {
		fmt.Fprintf(&b, "&sid=%s", sid)
	}
	b.WriteString(" HTTP/1.1\r\nHost: bench\r\n")
	if body != "" {
		fmt.Fprintf(&b, "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: %d\r\n", len(body))
	}
	fmt.Fprintf(&b, "\r\n%s", body)
	if _, err := c.conn.Write([]byte(b.String())); err != nil {
		return "", err
	}
	status, answer, err := c.response()
	if err != nil {
		return "", err
	}
	if status != 200 || !bytes.HasPrefix(answer, []byte(want)) {
		return "", fmt.Errorf("%w: status %d, %q for a %s, want %s", ErrAnswer, status, answer, method, want)
	}
	return string(answer), nil
}
