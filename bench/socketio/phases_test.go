package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"expresschat/bench/socketio/load"
)

// host serves in the test's own process, and returns what the load needs to know.
func host(t *testing.T, name string) load.Target {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serveOn(ctx, l, name, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve %s: %v", name, err)
		}
	})
	return load.Target{Addr: l.Addr().String(), PID: os.Getpid()}
}

// tiny is a phase of the same shape as p with a handful of messages.
func tiny(p load.Phase) load.Phase {
	p.Messages, p.Warmup, p.AtLeast = min(p.Messages, 5), 3, 0 // one round
	if p.Rooms > 1 {
		size := p.Clients / p.Rooms
		p.Rooms = 4
		p.Clients = p.Rooms * size
	}
	p.Clients = min(p.Clients, 20)
	return p
}

// TestPhases has every phase run against every server but Node's, as the whole
// measurement does, only smaller. What a server answers is compared by the load.
func TestPhases(t *testing.T) {
	t.Parallel()
	for _, s := range sections() {
		for _, name := range servers(s.floor) {
			if name == nodeName {
				continue
			}
			t.Run(s.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				p := tiny(s.phase)
				r, err := load.Measure(ctx, host(t, name), p)
				if err != nil {
					t.Fatal(err)
				}
				if want := work(p); r.Count != want {
					t.Errorf("counted %d, want %d", r.Count, want)
				}
				if r.Wall <= 0 {
					t.Errorf("took %s", r.Wall)
				}
				if p.Kind == load.Echo && (r.Median <= 0 || r.P99 < r.Median) {
					t.Errorf("median %s, p99 %s", r.Median, r.P99)
				}
			})
		}
	}
}

// work is what a phase has to count.
func work(p load.Phase) int {
	switch p.Kind {
	case load.Rooms:
		return p.Messages * p.Senders * p.Clients
	case load.Idle:
		return p.Clients
	default:
		return p.Messages * p.Clients
	}
}

func TestNoEngine(t *testing.T) {
	t.Parallel()
	if err := serve(t.Context(), "nothing", strings.NewReader(""), io.Discard); !errors.Is(err, errNoEngine) {
		t.Errorf("error %v", err)
	}
}
