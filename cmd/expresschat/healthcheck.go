package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// checkPatience is longer than the server's own with its database, so that the answer
// of one without a database still comes.
const checkPatience = 4 * time.Second

// healthcheck asks the server at CHAT_ADDR on this machine whether it can do its work.
// An image without a shell has nothing else that could ask.
func healthcheck(ctx context.Context, environ []string) error {
	c, err := readConfig(environ)
	if err != nil {
		return err
	}
	if _, port, _ := net.SplitHostPort(c.Addr); port == "0" {
		return wrong("CHAT_ADDR", "the port that the server listens on, which 0 does not tell")
	}
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	// An address of a server that listens everywhere is dialled as this machine's.
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", c.Addr)
		},
		DisableKeepAlives: true,
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/readyz", nil)
	if err != nil {
		return fmt.Errorf("ask server: %w", err)
	}
	answer, err := transport.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("ask server: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: %s", answer.Status)
	}
	return nil
}
