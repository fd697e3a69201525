package main

import (
	"context"
	"fmt"
	"strings"

	"expresschat/bench/results"
	"expresschat/bench/socketio/load"
)

// report is our part of RESULTS.md.
func (r *run) report(ctx context.Context, only string, all outcomes) string {
	var b strings.Builder
	b.WriteString("# Socket.IO servers, measured\n\n" +
		"Written by `make bench-socketio`; nothing here is typed by hand.\n\n")
	r.describe(ctx, &b)
	for _, s := range chosen(only) {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", s.title, s.text)
		b.WriteString(results.Header("server"))
		for _, m := range s.measures {
			m.Write(&b, servers(s.floor), m.byServer(all[s.name]), judged)
		}
	}
	return b.String()
}

// judged reports whether goals are for the server so named.
func judged(name string) bool { return name != nodeName && name != floorName }

func (m measure) byServer(turns map[string][]load.Result) map[string][]float64 {
	all := make(map[string][]float64, len(turns))
	for name, of := range turns {
		all[name] = m.figures(of)
	}
	return all
}

func (m measure) figures(turns []load.Result) []float64 {
	figures := make([]float64, len(turns))
	for i, r := range turns {
		figures[i] = m.of(r)
	}
	return figures
}
