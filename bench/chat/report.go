package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"expresschat/bench/chat/load"
	"expresschat/bench/process"
	"expresschat/bench/results"
)

// report is our part of RESULTS.md.
func (b *bench) report(ctx context.Context, only string, all outcomes, why map[string]string) string {
	var text strings.Builder
	text.WriteString("# The chat server, measured\n\nWritten by `make bench`; nothing here is typed by hand.\n\n")
	b.describe(ctx, &text)
	text.WriteString("\n## What is to be reached\n\n" + results.SummaryHeader)
	for _, r := range b.chosen(only) {
		for _, m := range r.measures {
			m.Summarise(&text, r.title, r.judged, m.byName(all[r.name]))
		}
	}
	for _, r := range b.chosen(only) {
		fmt.Fprintf(&text, "\n## %s\n\n%s\n\n%s", r.title, r.text, results.Header(r.compares()))
		r.table(&text, all[r.name])
		if profile, missed := why[r.name]; missed {
			fmt.Fprintf(&text, "\nNot all is reached. Where the time of `%s` went, in one more turn:\n\n```\n%s\n```\n", oursName, profile)
		}
	}
	return text.String()
}

func (r row) table(text *strings.Builder, turns map[string][]load.Result) {
	var names []string
	for _, s := range r.subjects {
		names = append(names, s.name)
	}
	for _, m := range r.measures {
		m.Write(text, names, m.byName(turns), func(name string) bool { return name == r.judged })
	}
}

func (m measure) byName(turns map[string][]load.Result) map[string][]float64 {
	all := make(map[string][]float64, len(turns))
	for name, of := range turns {
		all[name] = figures(of, m.of)
	}
	return all
}

// describe says where, when, what and how was measured.
func (b *bench) describe(ctx context.Context, text *strings.Builder) {
	fmt.Fprintf(text, "- **Machine**: %d cores (%s), Linux %s, load average %s before the start. The server has one core; "+
		"Postgres and the load share another.\n", process.Cores(), process.Processor(), process.Kernel(), b.loadBefore)
	fmt.Fprintf(text, "- **Servers**: `%s` is socket.io %s with ws %s, bufferutil %s and pg %s on Node %s: a pool of 20 connections and "+
		"one prepared statement a message, into our schema (`bench/peers/node`). `%s` is the same without the statement: what "+
		"Node's transport alone can do. `%s` is built with %s.\n", nodeName, b.module("socket.io"), b.module("ws"),
		b.module("bufferutil"), b.module("pg"), strings.TrimPrefix(process.Output(ctx, "node", "--version"), "v"),
		bareName, oursName, runtime.Version())
	fmt.Fprintf(text, "- **Postgres** %s, the same for all and as the server runs it for itself: durable (`fsync` and "+
		"`synchronous_commit` on), 128 MB of shared buffers. A checkpoint comes before each measurement and none in it.\n",
		b.cluster.Version(ctx))
	fmt.Fprintf(text, "- **Messages** have 200 bytes of content. Everything acked has to reach everybody once; with ours also in order, "+
		"or the run fails.\n")
	if w := b.weight; w.Row > 0 {
		fmt.Fprintf(text, "- **On disk** each of those messages takes %.0f bytes, and %.0f more in indexes, of %s messages.\n",
			w.Row, w.Indexes, results.Whole(b.size.world.Stored))
	}
	fmt.Fprintf(text, "- **When**: %s, at commit %s.\n", time.Now().UTC().Format(time.DateOnly),
		process.Output(ctx, "git", "describe", "--always", "--dirty"))
	fmt.Fprintf(text, "- **Turns**: %d of each, one after another, with fresh processes, a fresh database (but for the large one) and "+
		"a warm-up. A ratio is one of medians.\n", b.turns)
	if b.size.quick {
		text.WriteString("- **A quick run**: smaller numbers, not to be trusted.\n")
	}
	text.WriteString("- **CPU** is user and system time from `/proc` while the measured part ran: the server's process, and all " +
		"processes of Postgres, those that ended too. The other core's figure is Postgres and the load.\n" +
		"- **Again**: `make bench`, or `make bench-quick` for a look.\n")
}

func (b *bench) module(name string) string { return process.NodeModule(b.nodeDir, name) }
