// Command socketio measures Socket.IO servers against each other: Node's, and the
// engines of this repository. bench/RESULTS.md is what it writes; make bench-socketio
// runs it.
//
//	socketio run [flags]     everything, in processes of its own
//	socketio serve <engine>  the measured application on one engine, or the floor
//	socketio load            one phase, as JSON from stdin, its result to stdout
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"expresschat/bench/results"
	"expresschat/bench/socketio/load"
)

// phaseTime is more than a phase takes on any machine. One that hangs ends then.
const phaseTime = 3 * time.Minute

var errUsage = errors.New("usage: socketio run [flags] | serve <engine> | load")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string) error {
	switch {
	case len(args) > 0 && args[0] == "run":
		return runCommand(ctx, args[1:])
	case len(args) == 2 && args[0] == "serve":
		return serve(ctx, args[1], os.Stdin, os.Stdout)
	case len(args) == 1 && args[0] == "load":
		return loadCommand(ctx, os.Stdin, os.Stdout)
	default:
		return errUsage
	}
}

func runCommand(ctx context.Context, args []string) error {
	var r run
	var only, out string
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.IntVar(&r.turns, "turns", 3, "how often each server is measured, per phase")
	flags.BoolVar(&r.short, "short", false, "a tenth of the work: quick, and not to be trusted")
	flags.StringVar(&only, "only", "", "measure only the sections whose name contains this")
	flags.StringVar(&r.nodeDir, "node", "bench/peers/socketio", "the folder of Node's server")
	flags.StringVar(&out, "out", "", "renew our part of this file instead of writing to stdout")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if r.turns < 1 {
		return fmt.Errorf("%d turns", r.turns)
	}
	all, err := r.measure(ctx, only)
	if err != nil {
		return err
	}
	report := r.report(ctx, only, all)
	if out == "" {
		_, err = os.Stdout.WriteString(report)
		return err
	}
	return results.Renew(out, report)
}

// order is what the load is told.
type order struct {
	Target load.Target
	Phase  load.Phase
}

func loadCommand(ctx context.Context, in io.Reader, out io.Writer) error {
	var o order
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, phaseTime)
	defer cancel()
	result, err := load.Measure(ctx, o.Target, o.Phase)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}
