package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"expresschat/bench/process"
	"expresschat/bench/socketio/load"
)

// files is how many files a process has open at most: the idle connections, and a few.
const files = 10_500

// start starts the server so named and returns when it listens.
func (r *run) start(ctx context.Context, name string) (*process.Child, error) {
	args, err := r.commandOf(name)
	if err != nil {
		return nil, err
	}
	return process.Start(ctx, process.Spec{Name: name, Args: args})
}

func (r *run) commandOf(name string) ([]string, error) {
	if name == nodeName {
		return []string{"node", "--expose-gc", filepath.Join(r.nodeDir, "server.mjs"), load.Token}, nil
	}
	self, err := os.Executable()
	return []string{self, "serve", name}, err
}

// apply starts the server so named, has one phase run against it, and ends it.
func (r *run) apply(ctx context.Context, name string, p load.Phase) (load.Result, error) {
	s, err := r.start(ctx, name)
	if err != nil {
		return load.Result{}, err
	}
	defer s.Stop()
	self, err := os.Executable()
	if err != nil {
		return load.Result{}, err
	}
	in, err := json.Marshal(order{load.Target{Addr: s.Addr, PID: s.PID}, p})
	if err != nil {
		return load.Result{}, err
	}
	cmd := exec.CommandContext(ctx, "taskset", "-c", process.LoadCore, self, "load")
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
