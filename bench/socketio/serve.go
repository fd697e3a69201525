package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"
)

var errNoEngine = errors.New("no such engine")

// serve serves an engine or the floor on a free port of the loopback and prints the
// address. It ends when in does: then its parent has, or wants it to.
func serve(ctx context.Context, name string, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if _, err := fmt.Fprintln(out, l.Addr()); err != nil {
		return fmt.Errorf("print the address: %w", err)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return serveOn(ctx, l, name, log)
}

// serveOn serves on l until ctx ends.
func serveOn(ctx context.Context, l net.Listener, name string, log *slog.Logger) error {
	if name == floorName {
		return serveFloor(ctx, l)
	}
	for _, e := range engines() {
		if e.name == name {
			return serveEngine(ctx, l, e, log)
		}
	}
	_ = l.Close()
	return fmt.Errorf("%w: %q", errNoEngine, name)
}

func serveEngine(ctx context.Context, l net.Listener, e engine, log *slog.Logger) error {
	sockets := e.make(log)
	server := &http.Server{Handler: application(sockets), ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := sockets.Stop(stopping)
	_ = server.Close()
	<-ended
	return err
}
