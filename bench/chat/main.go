// Command bench measures the chat server against what people would use instead, and
// against what its own parts cost. bench/RESULTS.md is what it writes; make bench runs it.
//
//	bench run [flags]      everything, the servers in processes of their own
//	bench reference <url>  an echo, and the statements of a message, on a database
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"expresschat/bench/process"
	"expresschat/bench/results"
)

// runTime is more than everything takes. What hangs ends then.
const runTime = 40 * time.Minute

var (
	errUsage = errors.New("usage: bench run [flags] | reference <database url>")
	errCores = errors.New("servers and load need a core each, and this machine has one")
)

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
	case len(args) == 2 && args[0] == "reference":
		return reference(ctx, args[1], os.Stdin, os.Stdout)
	default:
		return errUsage
	}
}

func runCommand(ctx context.Context, args []string) error {
	var b bench
	var only, out string
	var quick bool
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.IntVar(&b.turns, "turns", 0, "how often each server is measured, per row; 0 for 3, or 1 if quick")
	flags.BoolVar(&quick, "quick", false, "smaller numbers: quick, and not to be trusted")
	flags.StringVar(&only, "only", "", "measure only the row of this name")
	flags.StringVar(&b.server, "server", "bin/expresschat", "our server")
	flags.StringVar(&b.nodeDir, "node", "bench/peers/node", "the folder of Node's server")
	flags.StringVar(&out, "out", "", "renew our part of this file instead of writing to stdout")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b.use(quick)
	if err := pin(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, runTime)
	defer cancel()
	report, err := b.run(ctx, only)
	if err != nil {
		return err
	}
	if out == "" {
		_, err = os.Stdout.WriteString(report)
		return err
	}
	return results.Renew(out, report)
}

// pin puts this process and with it Postgres, which it starts, on the load's core. A
// program can't do that to all of its own threads, so it becomes one that was started
// there.
func pin() error {
	if process.Cores() < 2 {
		return errCores
	}
	if runtime.NumCPU() == 1 {
		return nil // that is what we are
	}
	taskset, err := exec.LookPath("taskset")
	if err != nil {
		return fmt.Errorf("pin to a core: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("pin to a core: %w", err)
	}
	args := append([]string{taskset, "-c", process.LoadCore, self}, os.Args[1:]...)
	return fmt.Errorf("pin to a core: %w", syscall.Exec(taskset, args, os.Environ()))
}
