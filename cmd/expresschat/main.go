// Command expresschat is the chat server: "serve" runs it. This is the only place where
// the environment is read and where concrete types meet.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// version is set by the linker.
var version = "development"

const usage = `expresschat is a chat server for frontends of your own.

Usage:
  expresschat serve        run the server; settings are CHAT_... variables, see README.md
  expresschat healthcheck  exit with 0 if the server at CHAT_ADDR on this machine is ready, else with 1
  expresschat version      print the version

  expresschat sessions list <address or user id>             where somebody is signed in
  expresschat sessions end <address or user id> [session]    sign them out, everywhere or there
  expresschat sessions end --all                             sign everybody out

  expresschat files copy <address>    copy all files to another bucket or folder, as CHAT_MEDIA_URL has it
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// run is main without the process: it returns the exit code.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	command := ""
	if len(args) == 1 || (len(args) > 1 && (args[0] == "sessions" || args[0] == "files")) {
		command = args[0]
	}
	switch command {
	case "serve":
		return outcome(serve(ctx, environ, stdout, stderr), stderr)
	case "healthcheck":
		return outcome(healthcheck(ctx, environ), stderr)
	case "sessions":
		return outcome(sessions(ctx, args[1:], environ, stdout), stderr)
	case "files":
		return outcome(copyFiles(ctx, args[1:], environ, stdout), stderr)
	case "version":
		fmt.Fprintln(stdout, version)
		return 0
	case "help", "-h", "--help":
		fmt.Fprint(stdout, usage)
		return 0
	default:
		fmt.Fprint(stderr, usage)
		return 2
	}
}

func outcome(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	if errors.Is(err, errUsage) {
		fmt.Fprint(stderr, usage)
		return 2
	}
	// One line, whatever it is: the last one that whoever started us gets to read.
	fmt.Fprintln(stderr, "expresschat:", strings.Join(strings.Fields(err.Error()), " "))
	return 1
}
