package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// unknown stands for what the machine does not tell. Results without it are results.
const unknown = "unknown"

// describe says where, when, what and how was measured.
func (r *run) describe(ctx context.Context, b *strings.Builder) {
	fmt.Fprintf(b, "- **Machine**: %d cores (%s), Linux %s, load average %s before the start. "+
		"Server and load have one core each.\n", runtime.NumCPU(), processor(), kernel(), r.loadBefore)
	fmt.Fprintf(b, "- **Servers**: `node` is socket.io %s with ws %s on Node %s; `zishang` is "+
		"github.com/zishang520/socket.io %s, and all but `node` are built with %s. All have their default "+
		"settings: no compression on any side.\n",
		r.nodeModule("socket.io"), r.nodeModule("ws"), strings.TrimPrefix(output(ctx, "node", "--version"), "v"),
		library("github.com/zishang520/socket.io/servers/socket/v3"), runtime.Version())
	fmt.Fprintf(b, "- **Application**: a token in the handshake, an echo, rooms; the same in "+
		"`bench/socketio/app.go` and `bench/node/server.mjs`.\n")
	fmt.Fprintf(b, "- **When**: %s, at commit %s.\n", time.Now().UTC().Format(time.DateOnly),
		output(ctx, "git", "describe", "--always", "--dirty"))
	fmt.Fprintf(b, "- **Turns**: %d of each server, one after another, every one with fresh processes and a "+
		"warm-up. A ratio is one of medians.\n", r.turns)
	if r.short {
		b.WriteString("- **A short run**: a tenth of the work, not to be trusted.\n")
	}
	b.WriteString("- **CPU** is what the server's process used in user and system mode, from `/proc`, while " +
		"the measured part of a phase ran. Where the load's core is busy and the server's is not, a rate is " +
		"the load's, and only the CPU seconds compare the servers. Where both are idle for long, others used " +
		"the machine.\n" +
		"- **Again**: `make bench-socketio`, or `make bench-socketio BENCH_TURNS=1` for a quick look.\n")
}

func processor() string {
	body, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(body)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// kernel is its version without what its builder added.
func kernel() string {
	body, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return unknown
	}
	version, _, _ := strings.Cut(strings.TrimSpace(string(body)), "-")
	return version
}

// loadAverage of the last minute tells whether others used the machine.
func loadAverage() string {
	body, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return unknown
	}
	minute, _, _ := strings.Cut(string(body), " ")
	return minute
}

func (r *run) nodeModule(name string) string {
	body, err := os.ReadFile(filepath.Join(r.nodeDir, "node_modules", name, "package.json"))
	if err != nil {
		return unknown
	}
	var module struct{ Version string }
	if err := json.Unmarshal(body, &module); err != nil || module.Version == "" {
		return unknown
	}
	return module.Version
}

// library is the version of a module that is built in.
func library(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return unknown
	}
	for _, module := range info.Deps {
		if module.Path == path {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return unknown
}

func output(ctx context.Context, name string, args ...string) string {
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if err != nil {
		return unknown
	}
	return strings.TrimSpace(string(out))
}
