package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"expresschat/bench/process"
	"expresschat/bench/results"
	"expresschat/bench/socketio/load"
)

// run is one measurement of everything.
type run struct {
	turns   int
	short   bool
	nodeDir string

	loadBefore string // the machine's load average when measuring began
}

// outcomes are those of all turns, by section and server.
type outcomes map[string]map[string][]load.Result

// servers take their turns in this order. The floor is last, where it is asked for.
func servers(floor bool) []string {
	names := []string{nodeName}
	for _, e := range engines() {
		names = append(names, e.name)
	}
	if floor {
		names = append(names, floorName)
	}
	return names
}

// chosen are the sections whose name contains only.
func chosen(only string) []section {
	return slices.DeleteFunc(sections(), func(s section) bool { return !strings.Contains(s.name, only) })
}

// measure has the servers take turns: what else the machine does meanwhile then falls on
// all of them. Each turn has a fresh process on both sides.
func (r *run) measure(ctx context.Context, only string) (outcomes, error) {
	if err := process.RaiseLimit(files); err != nil {
		return nil, err
	}
	r.loadBefore = process.LoadAverage()
	all := outcomes{}
	for _, s := range chosen(only) {
		phase := s.phase
		if r.short {
			phase = shortened(phase)
		}
		all[s.name] = map[string][]load.Result{}
		for turn := range r.turns {
			for _, name := range servers(s.floor) {
				begin := time.Now()
				result, err := r.apply(ctx, name, phase)
				if err != nil {
					return nil, err
				}
				all[s.name][name] = append(all[s.name][name], result)
				fmt.Fprintf(os.Stderr, "%-9s turn %d  %-8s %s\n", s.name, turn+1, name, brief(s, result, time.Since(begin)))
			}
		}
	}
	return all, nil
}

// brief is a line for whoever waits.
func brief(s section, r load.Result, took time.Duration) string {
	var b strings.Builder
	for _, m := range s.measures {
		fmt.Fprintf(&b, "%s %s; ", m.Name, results.Figure(m.of(r)))
	}
	fmt.Fprintf(&b, "took %.1f s", took.Seconds())
	return b.String()
}
