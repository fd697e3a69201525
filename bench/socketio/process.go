package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"expresschat/bench/socketio/load"
)

// Server and load have a core each, so that neither waits for the other, and so that a
// server can't look fast by using more of the machine. Go sees one CPU then, and starts
// as if there were no other.
const (
	serverCore = "0"
	loadCore   = "1"
)

// files is how many files a process has open at most: the idle connections, and a few.
const files = 10_500

// raiseLimit lets this process and its children have enough files open.
func raiseLimit() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("limit of open files: %w", err)
	}
	// Go has raised its own limit already, but gives children the old one until the
	// limit is set by hand.
	limit.Cur, limit.Max = max(limit.Cur, files), max(limit.Max, files)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("raise the limit of open files to %d: %w", files, err)
	}
	return nil
}

// server is a process that serves.
type server struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	target load.Target
}

// start starts the server so named and returns when it listens.
func (r *run) start(ctx context.Context, name string) (*server, error) {
	args, err := r.commandOf(name)
	if err != nil {
		return nil, err
	}
	// taskset becomes the server, so its process id is the server's.
	cmd := exec.CommandContext(ctx, "taskset", append([]string{"-c", serverCore}, args...)...)
	cmd.Stderr = os.Stderr
	cmd.WaitDelay = 10 * time.Second
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	s := &server{cmd: cmd, stdin: stdin}
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("%s printed no address: %w", name, err)
	}
	s.target = load.Target{Addr: strings.TrimSpace(addr), PID: cmd.Process.Pid}
	return s, nil
}

func (r *run) commandOf(name string) ([]string, error) {
	if name == nodeName {
		return []string{"node", "--expose-gc", filepath.Join(r.nodeDir, "server.mjs"), load.Token}, nil
	}
	self, err := os.Executable()
	return []string{self, "serve", name}, err
}

// stop ends the server. How it ends is not what is measured here.
func (s *server) stop() {
	_ = s.stdin.Close()
	late := time.AfterFunc(20*time.Second, func() { _ = s.cmd.Process.Kill() })
	_ = s.cmd.Wait()
	late.Stop()
}

// apply starts the server so named, has one phase run against it, and ends it.
func (r *run) apply(ctx context.Context, name string, p load.Phase) (load.Result, error) {
	s, err := r.start(ctx, name)
	if err != nil {
		return load.Result{}, err
	}
	defer s.stop()
	self, err := os.Executable()
	if err != nil {
		return load.Result{}, err
	}
	in, err := json.Marshal(order{s.target, p})
	if err != nil {
		return load.Result{}, err
	}
	cmd := exec.CommandContext(ctx, "taskset", "-c", loadCore, self, "load")
	cmd.Stdin = bytes.NewReader(in)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return load.Result{}, fmt.Errorf("load %s with %s: %w", name, p.Kind, err)
	}
	var result load.Result
	if err := json.Unmarshal(out, &result); err != nil {
		return load.Result{}, fmt.Errorf("read the load's result: %w", err)
	}
	return result, nil
}
