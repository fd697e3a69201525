package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"expresschat/bench/process"
)

// describe says where, when, what and how was measured.
func (r *run) describe(ctx context.Context, b *strings.Builder) {
	fmt.Fprintf(b, "- **Machine**: %d cores (%s), Linux %s, load average %s before the start. "+
		"Server and load have one core each.\n", process.Cores(), process.Processor(), process.Kernel(), r.loadBefore)
	fmt.Fprintf(b, "- **Servers**: `node` is socket.io %s with ws %s on Node %s; `zishang` is "+
		"github.com/zishang520/socket.io %s, and all but `node` are built with %s. All have their default "+
		"settings: no compression on any side.\n",
		process.NodeModule(r.nodeDir, "socket.io"), process.NodeModule(r.nodeDir, "ws"), strings.TrimPrefix(process.Output(ctx, "node", "--version"), "v"),
		process.Library("github.com/zishang520/socket.io/servers/socket/v3"), runtime.Version())
	fmt.Fprintf(b, "- **Application**: a token in the handshake, an echo, rooms; the same in "+
		"`bench/socketio/app.go` and `bench/peers/socketio/server.mjs`.\n")
	fmt.Fprintf(b, "- **When**: %s, at commit %s.\n", time.Now().UTC().Format(time.DateOnly),
		process.Output(ctx, "git", "describe", "--always", "--dirty"))
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
